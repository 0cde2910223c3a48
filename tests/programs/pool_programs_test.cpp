// SPDX-License-Identifier: MIT
// What needs a whole program with a pool in it.
#include "conformance/start_methods.hpp"
#include "programs/runner.hpp"

#include <csignal>

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

}  // namespace
}  // namespace cohort::test
