// SPDX-License-Identifier: MIT
// What the time is compared with: three heavy headers of the standard library, and one use of a template of theirs.
#include <future>
#include <iostream>
#include <regex>

int main() {
    const std::regex pattern("([a-z]+)-([0-9]+)");
    std::smatch match;
    const std::string text = "cohort-1";
    if (std::regex_match(text, match, pattern)) std::cout << match[1] << '\n';
}
