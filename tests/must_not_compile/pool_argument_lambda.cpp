// SPDX-License-Identifier: MIT
// A lambda may be an argument, if its captures are plain data.
// expect: cohort: this callable cannot be sent to another process, since its captures are not plain data
#include <cohort/pool/pool.hpp>

#include <string>

int use(cohort::Pool& pool, const std::string& text) {
#ifdef CURED
    const auto size = cohort::partial([](const std::string& bound) { return static_cast<int>(bound.size()); }, text);
#else
    const auto size = [text] { return static_cast<int>(text.size()); };
#endif
    return pool.apply([](const auto& function) { return function(); }, size);
}
