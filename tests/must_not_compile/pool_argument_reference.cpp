// SPDX-License-Identifier: MIT
// A reference to an object of this process.
// expect: cohort: a std::reference_wrapper cannot be sent to another process: pass the object itself
#include <cohort/pool/pool.hpp>

#include <functional>
#include <string>

std::size_t size(const std::string& text) {
    return text.size();
}

std::size_t use(cohort::Pool& pool, const std::string& text) {
#ifdef CURED
    return pool.apply(size, text);
#else
    return pool.apply(size, std::ref(text));
#endif
}
