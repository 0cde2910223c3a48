// SPDX-License-Identifier: MIT
// A program with cohort and two libraries with cohort: one is linked, the other is loaded while it runs.
// Usage: with_libraries LOADED
#include "link/checks.hpp"
#include "link/loading.hpp"

namespace {

void check_sent(AddForty* function, const std::string& name) {
    for (auto method : kAllMethods) {
        cohort::Pool pool({.processes = 1, .start_method = method});
        check_callable(method, pool, function, name);
    }
}

}  // namespace

int main(int, char** arguments) {
    report("the program", run_checks(kAllMethods) == 0 ? Verdict::right : Verdict::wrong);
    check_sent(link_test_add_forty, "a function of the linked library");
    report("the linked library", link_test_library_checks(false));
    void* loaded = load_library(arguments[1]);
    check_sent(function_of<AddForty>(loaded, "link_test_add_forty"), "a function of the loaded library");
    report("the loaded library", function_of<LibraryChecks>(loaded, "link_test_library_checks")(false));
    return failures == 0 ? 0 : 1;
}
