// SPDX-License-Identifier: MIT
#include "subprocess/growing_text.hpp"

#include <cohort/subprocess/run.hpp>

#include "os/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <new>
#include <string>
#include <string_view>

namespace {

using namespace cohort::subprocess;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

std::string numbers(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i) + "\n";
    return text;
}

/// The output of a program that repeats its input.
void expect_to_be_collected(const std::string& text) {
    EXPECT_TRUE(run({"cat"}, {.input = text, .out = PIPE}).out == text);
}

TEST(GrowingText, is_what_was_added) {
    const std::string piece = numbers(100'000);
    std::string text;
    std::string expected;
    for (std::size_t i = 0; i != 400; ++i) {
        const std::string_view part = std::string_view(piece).substr(i * 100);
        append_growing(text, part);
        expected += part;
    }
    EXPECT_TRUE(text == expected);
}

TEST(GrowingText, has_much_room_when_it_is_long) {
    std::string text(4 * kMebibyte, 'x');
    text.shrink_to_fit();
    append_growing(text, "y");
    EXPECT_GE(text.capacity(), 64 * kMebibyte);
    EXPECT_TRUE(text == std::string(4 * kMebibyte, 'x') + "y");
}

TEST(GrowingText, a_short_one_takes_no_more_than_a_string) {
    std::string text;
    std::string string;
    for (std::size_t i = 0; i != kMebibyte; ++i) {
        append_growing(text, "xyz");
        string.append("xyz");
    }
    EXPECT_EQ(text.capacity(), string.capacity());
}

/// So much more address space than now, as long as it lives.
class AddressSpace {
public:
    explicit AddressSpace(std::size_t more) : before_(cohort::os::resource_limit(RLIMIT_AS)) {
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        cohort::os::set_resource_limit(RLIMIT_AS, {pages * 4096 + more, before_.hard});
    }
    ~AddressSpace() { cohort::os::set_resource_limit(RLIMIT_AS, before_); }
    AddressSpace(const AddressSpace&) = delete;
    AddressSpace& operator=(const AddressSpace&) = delete;

private:
    const cohort::os::ResourceLimit before_;
};

TEST(GrowingText, is_collected_where_there_is_no_room_for_much_more) {
    const std::string text = numbers(80 * kMebibyte);
    const AddressSpace little(320 * kMebibyte);  // not sixteen times 64 MiB
    expect_to_be_collected(text);
}

TEST(GrowingText, without_memory_the_call_fails_and_the_next_one_works) {
    const std::string text = numbers(40 * kMebibyte);
    {
        const AddressSpace little(60 * kMebibyte);
        EXPECT_THROW(expect_to_be_collected(text), std::bad_alloc);
    }
    expect_to_be_collected(text);
}

}  // namespace
