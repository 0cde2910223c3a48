// SPDX-License-Identifier: MIT
// A task that refers to what lies in the memory of one process.
// expect: cannot be sent to another process, since its captures are not plain data
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>

#include <string>
#include <vector>

std::vector<std::string> use(cohort::Pool& pool, const std::string& prefix) {
#ifdef CURED
    auto mark = cohort::partial([](const std::string& before, int i) { return before + std::to_string(i); }, prefix);
#else
    auto mark = [prefix](int i) { return prefix + std::to_string(i); };
#endif
    return pool.map(mark, {1, 2, 3});
}
