// SPDX-License-Identifier: MIT
#pragma once

// What the libraries of library.cpp offer, linked to a program or loaded with dlopen.
extern "C" {
/// Runs the library's own callables. Where an error of cohort's ends that, it is printed.
/// @param only_fork  whether to leave out the start methods that need a program with the child entry
/// @returns whether all went well, or cohort refused
enum class Verdict { right, wrong, refused };
using LibraryChecks = Verdict(bool only_fork);
[[gnu::visibility("default")]] LibraryChecks link_test_library_checks;

/// 40 + n: a function of the library for the program to send.
using AddForty = int(int);
[[gnu::visibility("default")]] AddForty link_test_add_forty;
}
