// SPDX-License-Identifier: MIT
// The items of a map that only point to what they show.
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

std::vector<std::size_t> use(cohort::Pool& pool, const std::vector<Text>& texts) {
    return pool.map([](const Text& text) { return text.size(); }, texts);
}
