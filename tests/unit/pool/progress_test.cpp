// SPDX-License-Identifier: MIT
#include "pool/progress.hpp"

#include <gtest/gtest.h>

#include <string>

using cohort::pool::Progress;

namespace {

std::string last_line(const std::string& label, std::size_t total, std::size_t done) {
    testing::internal::CaptureStderr();
    Progress progress(label, total);
    progress.finish(done);
    return testing::internal::GetCapturedStderr();
}

TEST(Progress, says_how_many_are_done) {
    EXPECT_EQ(last_line("hash", 4, 4).find("hash  4/4  100%"), 0U);
    EXPECT_EQ(last_line("hash", 4, 1).find("hash  1/4  25%"), 0U);
}

TEST(Progress, is_silent_without_a_label) {
    EXPECT_EQ(last_line("", 4, 4), "");
}

TEST(Progress, stays_on_its_line_whatever_the_label) {
    const std::string text = last_line("two\nlines\x1b[2J", 1, 1);
    EXPECT_EQ(text.find("two lines [2J  1/1"), 0U) << text;
    EXPECT_EQ(text.find('\n'), text.size() - 1);
}

}  // namespace
