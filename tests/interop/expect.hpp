// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <iostream>
#include <string_view>

// What the programs of these tests say of what they have seen.

inline int failures = 0;

inline void expect(bool holds, std::string_view what) {
    if (holds) return;
    std::cout << "FAILED: " << what << '\n';
    ++failures;
}

template <class E, class F>
void expect_thrown(F&& call, std::string_view what) {
    try {
        call();
    } catch (const E&) {
        return;
    } catch (const std::exception& error) {
        std::cout << what << " threw " << error.what() << '\n';
    }
    expect(false, what);
}
