// SPDX-License-Identifier: MIT
// A program without cohort that loads two libraries, each with cohort. Usage: host FIRST SECOND
#include "link/loading.hpp"

int main(int, char** arguments) {
    void* first = load_library(arguments[1]);
    void* second = load_library(arguments[2]);
    report("the first", function_of<LibraryChecks>(first, "link_test_library_checks")(true));
    report("the second", function_of<LibraryChecks>(second, "link_test_library_checks")(true));
    report("the first again", function_of<LibraryChecks>(first, "link_test_library_checks")(true));
    return 0;
}
