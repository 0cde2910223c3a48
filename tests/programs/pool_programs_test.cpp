// SPDX-License-Identifier: MIT
// What needs a whole program with a pool in it.
#include "conformance/start_methods.hpp"
#include "programs/runner.hpp"

#include <csignal>
#include <set>
#include <sstream>
#include <string>

namespace cohort::test {
namespace {

class PoolPrograms : public StartMethods {
protected:
    static std::string method() { return std::string(to_string(GetParam())); }
};
INSTANTIATE_TEST_SUITE_P(, PoolPrograms, kEveryStartMethod, name_of);

TEST_P(PoolPrograms, interrupted_pool) {
    Program program("interrupted_pool", {method()});
    EXPECT_EQ(program.line(), "ready");
    EXPECT_EQ(program.line(), "ready");
    program.interrupt();
    EXPECT_EQ(program.wait(), -SIGINT);  // a shell says 130
    EXPECT_EQ(program.out(), "");        // no process is left that could write
    EXPECT_EQ(program.err(), "");
}

TEST_P(PoolPrograms, pool_that_lives_at_exit) {
    Program program("pool_at_exit", {method()});
    EXPECT_EQ(program.out(), "45\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(PoolPrograms, tasks_that_print_into_a_buffer) {
    Program program("printing_pool", {method()});
    std::istringstream out(program.out());
    std::multiset<std::string> lines;
    for (std::string line; std::getline(out, line);) lines.insert(line);
    EXPECT_EQ(lines, (std::multiset<std::string>{"p0", "p1", "p2", "c0", "c1", "c2", "own buffer"}));
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(PoolPrograms, processes_before_main) {
    Program program("static_start", {}, {.environment = {"EARLY_METHOD=" + method()}});
    const std::string out = program.out();
    if (GetParam() == StartMethod::fork)
        EXPECT_EQ(out, "child\nsquared 9\nmain 42\n");
    else
        EXPECT_TRUE(out.starts_with("a fresh image (")) << out;
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(PoolPrograms, children_that_the_kernel_reaps) {
    Program program("ignores_children", {method()});
    EXPECT_EQ(program.out(), GetParam() == StartMethod::forkserver ? "sum 15\nexit code 3\n" : "sum 15\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

}  // namespace
}  // namespace cohort::test
