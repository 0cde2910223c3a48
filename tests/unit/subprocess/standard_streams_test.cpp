// SPDX-License-Identifier: MIT
// Python's tests of what descriptors 0, 1 and 2 of a program lead to, with those of this process closed, the same or
// swapped.
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "os/memfd.hpp"
#include "programs.hpp"
#include "support/leak_check.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace {

using namespace cohort::subprocess;
using cohort::Descriptor;
using cohort::test::in_another_process;
using cohort::test::shell;
using cohort::test::temporary_folder;

std::string content(const Descriptor& file) {
    return cohort::os::read_file(("/proc/self/fd/" + std::to_string(file.get())).c_str());
}

Descriptor file_with(const std::string& text) {
    Descriptor file = cohort::os::memfd_create("file");
    cohort::os::write_all_at(file.get(), std::as_bytes(std::span(text)), 0);
    return file;
}

TEST(StandardStreams, descriptors_and_files) {
    const Descriptor in = file_with("pear");
    const Descriptor out = file_with("");
    const Descriptor err = file_with("");
    EXPECT_EQ(run(shell("cat; echo strawberry >&2"), {.in = in, .out = out.get(), .err = err}).returncode, 0);
    EXPECT_EQ(content(out), "pear");
    EXPECT_EQ(content(err), "strawberry\n");

    const std::string path = temporary_folder() + "/file";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w+e"), std::fclose);
    call({"echo", "orange"}, {.out = file.get()});
    EXPECT_EQ(cohort::os::read_file(path.c_str()), "orange\n");
    std::filesystem::remove(path);
}

TEST(StandardStreams, out_and_err_to_the_same) {
    EXPECT_EQ(check_output(shell("echo apple; echo orange >&2"), {.err = STDOUT}), "apple\norange\n");
    const Descriptor file = file_with("");
    call(shell("echo apple; echo orange >&2"), {.out = file, .err = file});
    EXPECT_EQ(content(file), "apple\norange\n");
    const Descriptor other = file_with("");
    call(shell("echo apple; echo orange >&2"), {.out = other, .err = STDOUT});
    EXPECT_EQ(content(other), "apple\norange\n");
}

TEST(StandardStreams, null) {
    EXPECT_EQ(run(shell("cat; echo out; echo err >&2"), {.in = DEVNULL, .out = DEVNULL, .err = DEVNULL}).returncode, 0);
    EXPECT_EQ(check_output({"readlink", "/proc/self/fd/0"}, {.in = DEVNULL}), "/dev/null\n");
}

TEST(StandardStreams, err_follows_an_inherited_out) {
    EXPECT_TRUE(in_another_process([] {
        const Descriptor file = file_with("");
        ::dup2(file.get(), STDOUT_FILENO);
        call(shell("echo apple; echo orange >&2"), {.err = STDOUT});
        return content(file) == "apple\norange\n";
    }));
}

TEST(StandardStreams, closed_here_in_any_combination) {
    for (int closed = 1; closed != 8; ++closed) {
        EXPECT_TRUE(in_another_process([&] {
            for (int stream = 0; stream != 3; ++stream)
                if (closed & (1 << stream)) ::close(stream);
            const auto done = run(shell("cat; echo orange >&2"), {.input = "apple", .capture_output = true});
            const auto to_null = run(shell("echo x"), {.in = DEVNULL, .out = DEVNULL, .err = DEVNULL});
            return done.out == "apple" && done.err == "orange\n" && to_null.returncode == 0;
        })) << closed;
    }
}

TEST(StandardStreams, what_is_closed_here_and_inherited_stays_closed) {
    EXPECT_TRUE(in_another_process([] {
        ::close(STDIN_FILENO);
        return check_output(shell("test -e /proc/$$/fd/0 || echo closed")) == "closed\n";
    }));
}

/// Three files in the places 0, 1 and 2 of this process.
void put_files_in_place(const std::array<Descriptor, 3>& files) {
    for (int stream = 0; stream != 3; ++stream) ::dup2(files[static_cast<std::size_t>(stream)].get(), stream);
}

std::string inode(const Descriptor& file) {
    struct stat status {};
    ::fstat(file.get(), &status);
    return std::to_string(status.st_ino);
}

/// Which files the streams of a program are, when they lead to these descriptors.
std::string inodes_of_program(const std::array<int, 3>& numbers) {
    const Descriptor answer = file_with("");
    call(shell("all=$(stat -L -c %i /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo $all > /proc/self/fd/" +
               std::to_string(answer.get())),
         {.in = numbers[0], .out = numbers[1], .err = numbers[2], .pass_fds = {answer.get()}});
    return content(answer);
}

TEST(StandardStreams, are_swapped_and_copied_in_all_ways) {
    for (int each = 0; each != 27; ++each) {
        const std::array<int, 3> numbers{each % 3, each / 3 % 3, each / 9};
        EXPECT_TRUE(in_another_process([&] {
            const std::array<Descriptor, 3> files{file_with("0"), file_with("1"), file_with("2")};
            put_files_in_place(files);
            auto number = [&](std::size_t stream) { return inode(files[static_cast<std::size_t>(numbers[stream])]); };
            return inodes_of_program(numbers) == number(0) + " " + number(1) + " " + number(2) + "\n";
        })) << numbers[0]
            << numbers[1] << numbers[2];
    }
}

/// The two other streams lead to each other's file, whichever of the three is closed here.
TEST(StandardStreams, are_swapped_though_one_is_closed) {
    for (int closed = 0; closed != 3; ++closed) {
        EXPECT_TRUE(in_another_process([&] {
            const std::array<Descriptor, 3> files{file_with("0"), file_with("1"), file_with("2")};
            put_files_in_place(files);
            const int first = (closed + 1) % 3;
            const int second = (closed + 2) % 3;
            ::close(closed);
            std::array<Target, 3> targets{DEVNULL, DEVNULL, DEVNULL};
            targets.at(static_cast<std::size_t>(first)) = second;
            targets.at(static_cast<std::size_t>(second)) = first;
            const Descriptor answer = file_with("");
            const std::string number = std::to_string(answer.get());
            call(shell("all=$(stat -L -c %i /proc/$$/fd/" + std::to_string(first) + " /proc/$$/fd/" +
                       std::to_string(second) + "); echo $all > /proc/self/fd/" + number),
                 {.in = targets[0], .out = targets[1], .err = targets[2], .pass_fds = {answer.get()}});
            auto number_of = [&](int stream) { return inode(files.at(static_cast<std::size_t>(stream))); };
            return content(answer) == number_of(second) + " " + number_of(first) + "\n";
        })) << closed;
    }
}

TEST(StandardStreams, one_file_for_all) {
    const Descriptor file = file_with("apple\n");
    call(shell("read word; echo $word pie; echo $word tree >&2"), {.in = file, .out = file, .err = file});
    EXPECT_EQ(content(file), "apple\napple pie\napple tree\n");
}

TEST(StandardStreams, a_pipe_whose_number_is_that_of_a_stream) {
    // All three are closed here, so that what is opened next could get these numbers.
    EXPECT_TRUE(in_another_process([] {
        for (int stream = 0; stream != 3; ++stream) ::close(stream);
        Popen first({"cat"}, {.in = PIPE, .out = PIPE});
        Popen second({"cat"}, {.in = first.out(), .out = PIPE, .err = STDOUT});
        first.in().write("apple");
        first.in().close();
        first.out().close();
        return second.communicate().first == "apple";
    }));
}

}  // namespace
