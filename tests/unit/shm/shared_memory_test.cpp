// SPDX-License-Identifier: MIT
#include <cohort/shm/shared_memory.hpp>

#include <cohort/base/errors.hpp>

#include "os/fault.hpp"
#include "support/error_text.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>
#include <limits>
#include <sstream>
#include <string>

namespace {

using cohort::SharedBuffer;
using cohort::SharedMemory;
using cohort::SharedMemoryOptions;
using cohort::ValueError;
using cohort::test::error_text;
namespace fs = std::filesystem;

/// A name that no other test program has.
std::string own_name(const std::string& end) {
    return "cohort-test-" + std::to_string(::getpid()) + end;
}

fs::path file_of(const std::string& name) {
    return fs::path("/dev/shm") / name;
}

std::string value_error(const std::function<void()>& call) {
    try {
        call();
    } catch (const ValueError& error) {
        return error.what();
    }
    return "no error";
}

struct UnlinkAtEnd {
    SharedMemory& memory;
    ~UnlinkAtEnd() { memory.unlink(); }
};

TEST(SharedMemory, a_new_segment_is_zero_and_has_a_name_and_a_size) {
    SharedMemory memory({.create = true, .size = 1000, .name = ""});
    const UnlinkAtEnd end{memory};
    EXPECT_EQ(memory.size(), 1000U);
    EXPECT_EQ(memory.buf().size(), 1000U);
    EXPECT_TRUE(memory.name().starts_with("cohort_"));
    EXPECT_EQ(memory.name().size(), std::string("cohort_01234567").size());
    const SharedBuffer bytes = memory.buf();
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
    EXPECT_EQ(fs::file_size(file_of(memory.name())), 1000U);
}

TEST(SharedMemory, the_size_may_be_any_integer) {
    const std::size_t large = 100;
    const int small = 10;
    SharedMemory a({.create = true, .size = large}), b({.create = true, .size = small});
    EXPECT_EQ(a.size() + b.size(), 110U);
    EXPECT_NE(a.name(), b.name());
    a.unlink();
    b.unlink();
}

TEST(SharedMemory, what_one_writes_the_other_reads) {
    SharedMemory made({.create = true, .size = 10, .name = own_name("-both")});
    const UnlinkAtEnd end{made};
    SharedMemory found({.name = made.name()});
    EXPECT_EQ(found.size(), 10U);
    made.buf()[0] = std::byte{7};
    EXPECT_EQ(found.buf()[0], std::byte{7});
    found.buf()[9] = std::byte{9};
    EXPECT_EQ(made.buf()[9], std::byte{9});
}

TEST(SharedMemory, has_mode_0600) {
    SharedMemory memory({.create = true, .size = 1});
    const UnlinkAtEnd end{memory};
    struct stat status {};
    ASSERT_EQ(::stat(file_of(memory.name()).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST(SharedMemory, sizes_that_are_none) {
    EXPECT_EQ(value_error([] { SharedMemory({.create = true}); }),
              "'size' must be a positive number different from zero");
    EXPECT_EQ(value_error([] { SharedMemory({.create = true, .size = 0}); }),
              "'size' must be a positive number different from zero");
    EXPECT_EQ(value_error([] { SharedMemory({.create = true, .size = -1}); }), "'size' must be a positive integer");
    EXPECT_EQ(value_error([] { SharedMemory({.size = -1, .name = "x"}); }), "'size' must be a positive integer");
}

TEST(SharedMemory, neither_name_nor_create) {
    EXPECT_EQ(value_error([] { SharedMemory({}); }), "'name' can only be None if create=True");
}

TEST(SharedMemory, the_name_is_missing_or_taken) {
    const std::string name = own_name("-taken");
    EXPECT_NE(error_text(ENOENT, [&] { SharedMemory({.name = name}); }).find("'/" + name + "'"), std::string::npos);
    SharedMemory memory({.create = true, .size = 1, .name = name});
    memory.buf()[0] = std::byte{5};
    EXPECT_NE(error_text(EEXIST, [&] { SharedMemory({.create = true, .size = 10, .name = name}); }).find(name),
              std::string::npos);
    EXPECT_EQ(SharedMemory({.name = name}).buf()[0], std::byte{5});
    memory.unlink();
}

TEST(SharedMemory, names_that_are_none) {
    EXPECT_EQ(value_error([] { SharedMemory({.name = std::string("a\0b", 3)}); }), "embedded null character");
    EXPECT_EQ(value_error([] { SharedMemory({.create = true, .size = 1, .name = std::string("a\0b", 3)}); }),
              "embedded null character");
    for (const char* name : {"a/b", "..", ".", "/", "/a/b"}) {
        EXPECT_NE(error_text(EINVAL, [&] { SharedMemory({.name = name}); }), "") << name;
        EXPECT_NE(error_text(EINVAL, [&] { SharedMemory({.create = true, .size = 1, .name = name}); }), "") << name;
    }
    EXPECT_NE(error_text(ENAMETOOLONG, [] { SharedMemory({.name = std::string(256, 'a')}); }), "");
    EXPECT_NE(
        error_text(ENAMETOOLONG, [] { SharedMemory({.create = true, .size = 1, .name = std::string(256, 'a')}); }), "");
}

TEST(SharedMemory, names_that_look_strange) {
    for (const char* end : {":with:colons", " with spaces", "\twith\nlines", "-ä"}) {
        SharedMemory memory({.create = true, .size = 1, .name = own_name(end)});
        EXPECT_TRUE(fs::exists(file_of(own_name(end))));
        memory.unlink();
        EXPECT_FALSE(fs::exists(file_of(own_name(end))));
    }
    std::string longest = own_name("-");
    longest.resize(255, 'x');
    SharedMemory({.create = true, .size = 1, .name = longest}).unlink();
}

TEST(SharedMemory, a_slash_in_front_of_the_name_is_none_of_it) {
    SharedMemory memory({.create = true, .size = 1, .name = "/" + own_name("-slash")});
    EXPECT_EQ(memory.name(), own_name("-slash"));
    SharedMemory({.name = "/" + own_name("-slash")}).unlink();
}

TEST(SharedMemory, close_is_for_all_handles_of_this_process) {
    SharedMemory memory({.create = true, .size = 4});
    const UnlinkAtEnd end{memory};
    SharedMemory copy = memory;
    copy.close();
    copy.close();
    EXPECT_EQ(value_error([&] { memory.buf(); }), "shared memory '" + memory.name() + "' is closed");
    EXPECT_EQ(memory.size(), 4U);
    EXPECT_EQ(SharedMemory({.name = memory.name()}).buf().size(), 4U);
}

// In Python this is a BufferError, or a crash.
TEST(SharedMemory, a_buffer_outlives_close) {
    SharedMemory memory({.create = true, .size = 4});
    const SharedBuffer bytes = memory.buf();
    bytes[3] = std::byte{1};
    memory.unlink();
    memory.close();
    EXPECT_EQ(bytes[3], std::byte{1});
    const std::span<std::byte> view = bytes;
    EXPECT_EQ(view.size(), 4U);
}

TEST(SharedMemory, unlink_takes_the_name_away_once) {
    SharedMemory memory({.create = true, .size = 4, .name = own_name("-unlink")});
    memory.unlink();
    EXPECT_NE(error_text(ENOENT, [&] { memory.unlink(); }), "");
    memory.buf()[0] = std::byte{1};
    SharedMemory again({.create = true, .size = 8, .name = own_name("-unlink")});
    EXPECT_EQ(again.size(), 8U);
    EXPECT_EQ(again.buf()[0], std::byte{0});
    again.unlink();
}

TEST(SharedMemory, an_empty_segment_of_somebody_else_is_an_error) {
    const fs::path file = file_of(own_name("-empty"));
    ::fclose(::fopen(file.c_str(), "w"));
    EXPECT_EQ(value_error([] { SharedMemory({.name = own_name("-empty")}); }), "cannot mmap an empty file");
    fs::remove(file);
}

TEST(SharedMemory, more_than_there_is_room_for_is_an_error) {
    const std::string name = own_name("-large");
    const auto make = [&] {
        SharedMemory({.create = true, .size = std::numeric_limits<std::int64_t>::max() / 2, .name = name});
    };
    try {
        make();
        ADD_FAILURE() << "no error";
    } catch (const std::system_error& error) {
        const int number = error.code().value();
        EXPECT_TRUE(number == ENOSPC || number == EFBIG || number == ENOMEM) << error.what();
    }
    EXPECT_NE(error_text(EFBIG, [&] { SharedMemory({.create = true, .size = ~std::uint64_t{0}}); }), "");
    EXPECT_FALSE(fs::exists(file_of(name)));
}

TEST(SharedMemory, over_the_limit_of_files_is_an_error_and_no_signal) {
    cohort::test::ForkedChild child([] {
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        EXPECT_NE(error_text(EFBIG, [] { SharedMemory({.create = true, .size = 4097}); }), "");
    });
    EXPECT_EQ(child.wait().exitcode(), 0);
}

// Every step fails once: the error names it, and nothing is left.
TEST(SharedMemory, a_failed_call_leaves_nothing) {
    const std::string name = own_name("-fails");
    for (const char* call : {"open", "fallocate", "linkat", "mmap", "fstat", "pipe2", "flock"}) {
        {
            const cohort::os::Fault fault(call, ENOSPC);
            try {
                SharedMemory memory({.create = true, .size = 100, .name = name});
                memory.unlink();
                EXPECT_EQ(fault.calls(), 0) << call;  // made at the first use, by an earlier turn
            } catch (const std::system_error& error) {
                EXPECT_EQ(error.code().value(), ENOSPC);
                EXPECT_NE(std::string(error.what()).find(call), std::string::npos) << error.what();
            }
        }
        EXPECT_FALSE(fs::exists(file_of(name))) << call;
    }
    SharedMemory({.create = true, .size = 100, .name = name}).unlink();
}

TEST(SharedMemory, nobody_sees_the_content_before_it_is_complete) {
    const std::string name = own_name("-filled");
    SharedMemory memory = SharedMemory::create_filled({.size = 3, .name = name}, [&](std::span<std::byte> bytes) {
        EXPECT_FALSE(fs::exists(file_of(name)));
        bytes[2] = std::byte{3};
    });
    EXPECT_EQ(SharedMemory({.name = name}).buf()[2], std::byte{3});
    memory.unlink();
    const auto fail = [](std::span<std::byte>) { throw std::out_of_range("no"); };
    EXPECT_THROW(SharedMemory::create_filled({.size = 3, .name = name}, fail), std::out_of_range);
    EXPECT_FALSE(fs::exists(file_of(name)));
}

TEST(SharedMemory, a_segment_that_is_not_tracked_stays) {
    SharedMemory memory({.create = true, .size = 1, .track = false});
    memory.unlink();
}

TEST(SharedMemory, a_forked_child_has_it_too) {
    SharedMemory memory({.create = true, .size = 1});
    const UnlinkAtEnd end{memory};
    cohort::test::ForkedChild child([&] {
        memory.buf()[0] = std::byte{4};
        memory.close();
    });
    EXPECT_EQ(child.wait().exitcode(), 0);
    EXPECT_EQ(memory.buf()[0], std::byte{4});
}

TEST(SharedMemory, prints_as_python_does) {
    SharedMemory memory({.create = true, .size = 3, .name = own_name("-repr")});
    std::ostringstream out;
    out << memory;
    EXPECT_EQ(out.str(), "SharedMemory('" + own_name("-repr") + "', size=3)");
    memory.unlink();
}

}  // namespace
