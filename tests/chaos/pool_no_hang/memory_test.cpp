// SPDX-License-Identifier: MIT
// Tasks that exhaust what their process has.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstddef>
#include <new>
#include <vector>

namespace cohort::test {
namespace {

void allocate_without_end() {
    std::vector<std::vector<char>> all;
    for (;;) all.emplace_back(std::size_t{16} << 20, 'x');
}

/// As long as it lives, there is as little memory as in a machine where it is used up.
class LittleMemory {
public:
    LittleMemory() {
        ::getrlimit(RLIMIT_AS, &before_);
        const rlimit little{rlim_t{256} << 20, before_.rlim_max};
        ::setrlimit(RLIMIT_AS, &little);
    }
    ~LittleMemory() { ::setrlimit(RLIMIT_AS, &before_); }
    LittleMemory(const LittleMemory&) = delete;
    LittleMemory& operator=(const LittleMemory&) = delete;

private:
    rlimit before_{};
};

void exhaust_address_space() {
    const LittleMemory little;
    allocate_without_end();
}
void exhaust_address_space_where_nothing_may_throw() noexcept {
    exhaust_address_space();
}

std::size_t recurse(std::size_t depth) {
    volatile char frame[4096];
    frame[0] = static_cast<char>(depth);
    return depth == 0 ? 0 : recurse(depth + 1) + static_cast<std::size_t>(frame[0]);
}
void exhaust_stack() {
    recurse(1);
}

TEST_P(NoHang, memory_exhausted) {
    EXPECT_NE((expect_error<std::bad_alloc, exhaust_address_space>()), "");
    expect_lost<exhaust_address_space_where_nothing_may_throw>(-SIGABRT);
}

TEST_P(NoHang, memory_limit_exceeded) {
    Pool pool({.processes = 2, .start_method = GetParam(), .memory_limit = std::size_t{64} << 20});
    EXPECT_TRUE(only_error<MemoryLimitError>(outcomes_with<allocate_without_end>(pool)));
    expect_works(pool);
}

TEST_P(NoHang, stack_exhausted) {
    expect_lost<exhaust_stack>(-SIGSEGV);
}

}  // namespace
}  // namespace cohort::test
