// SPDX-License-Identifier: MIT
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>

#include <cstddef>
#include <vector>

namespace {

class PoolMemoryLimit : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolMemoryLimit);

TEST_P(PoolMemoryLimit, a_task_over_the_memory_limit_fails_alone) {
    cohort::Pool pool({.processes = 1, .start_method = GetParam(), .memory_limit = std::size_t{64} << 20});
    const auto allocate = [](std::size_t bytes) {
        std::vector<char> memory(bytes, 'x');
        return memory[bytes / 2];
    };
    EXPECT_EQ(pool.apply(allocate, std::size_t{16} << 20), 'x');
    EXPECT_THROW(pool.apply(allocate, std::size_t{256} << 20), cohort::MemoryLimitError);
    EXPECT_EQ(pool.apply(allocate, std::size_t{16} << 20), 'x');
}

}  // namespace
