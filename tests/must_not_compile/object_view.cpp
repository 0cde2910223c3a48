// SPDX-License-Identifier: MIT
// The text of a view would go with the Object.
// expect: cohort: take a std::string, which owns its text
#include <cohort/serial/object.hpp>

#include <string>
#include <string_view>

#ifdef CURED
using Text = std::string;
#else
using Text = std::string_view;
#endif

std::size_t length() {
    return cohort::Object("text").to<Text>().size();
}
