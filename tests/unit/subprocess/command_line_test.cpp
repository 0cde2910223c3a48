// SPDX-License-Identifier: MIT
#include <cohort/subprocess/command_line.hpp>

#include <gtest/gtest.h>

namespace {

using cohort::subprocess::list2cmdline;

TEST(CommandLine, is_that_of_python) {
    EXPECT_EQ(list2cmdline({"a b c", "d", "e"}), R"("a b c" d e)");
    EXPECT_EQ(list2cmdline({"ab\"c", "\\", "d"}), R"(ab\"c \ d)");
    EXPECT_EQ(list2cmdline({"ab\"c", " \\", "d"}), R"(ab\"c " \\" d)");
    EXPECT_EQ(list2cmdline({R"(a\\\b)", "de fg", "h"}), R"(a\\\b "de fg" h)");
    EXPECT_EQ(list2cmdline({R"(a\"b)", "c", "d"}), R"(a\\\"b c d)");
    EXPECT_EQ(list2cmdline({R"(a\\b c)", "d", "e"}), R"("a\\b c" d e)");
    EXPECT_EQ(list2cmdline({R"(a\\b\ c)", "d", "e"}), R"("a\\b\ c" d e)");
    EXPECT_EQ(list2cmdline({"ab", ""}), R"(ab "")");
}

}  // namespace
