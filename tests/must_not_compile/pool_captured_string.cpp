// SPDX-License-Identifier: MIT
// A capture that is no plain data is bound by partial.
// expect: cohort: this callable cannot be sent to another process, since its captures are not plain data: bind them to
// expect: cohort::partial(f, values...)
#include <cohort/pool/pool.hpp>

#include <string>

std::size_t call(cohort::Pool& pool, const std::string& text) {
#ifdef CURED
    auto task = cohort::partial(
        [](const std::string& bound, int n) { return bound.size() + static_cast<std::size_t>(n); }, text);
#else
    auto task = [text](int n) { return text.size() + static_cast<std::size_t>(n); };
#endif
    return pool.apply(task, 3);
}
