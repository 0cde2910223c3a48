// SPDX-License-Identifier: MIT
#include <cohort/pool/pool.hpp>

#include "pool/core.hpp"

#include <ostream>

namespace cohort {

Pool::Pool() : Pool(PoolOptions{}) {}

Pool::Pool(PoolOptions options) : Pool(std::move(options), std::unique_ptr<detail::Target>()) {}

Pool::Pool(PoolOptions options, std::unique_ptr<detail::Target> initializer)
    : PoolInterface(std::make_shared<pool::Core>(std::move(options), std::move(initializer))) {}

Pool::Pool(Pool&& other) noexcept = default;
Pool& Pool::operator=(Pool&& other) noexcept = default;
Pool::~Pool() = default;

std::ostream& operator<<(std::ostream& out, const Pool& pool) {
    return pool.print(out, "Pool");
}

}  // namespace cohort
