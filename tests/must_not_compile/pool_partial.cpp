// SPDX-License-Identifier: MIT
// A value bound by partial that cannot travel.
// expect: cohort: a view cannot be sent: send the container or the std::string that owns the elements
#include <cohort/pool/pool.hpp>

#include <string>
#include <string_view>
#include <vector>

#ifdef CURED
using Text = std::string;
#else
using Text = std::string_view;
#endif

char at(const Text& text, int index) {
    return text[static_cast<std::size_t>(index)];
}

std::vector<char> use(cohort::Pool& pool, const std::string& text) {
    return pool.map(cohort::partial(at, Text(text)), {1, 2});
}
