// SPDX-License-Identifier: MIT
// A number that is none for the library of standard C++.
// expect: cohort: __int128 and other numbers beyond standard C++ cannot be sent with -std=c++20
#include <cohort/pool/pool.hpp>

#include <cstdint>
#include <utility>

#ifdef CURED
using Wide = std::pair<std::uint64_t, std::uint64_t>;
#else
__extension__ using Wide = __int128;
#endif

Wide make() {
    return {};
}

void use(cohort::Pool& pool) {
    pool.apply(make);
}
