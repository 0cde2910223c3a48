// SPDX-License-Identifier: MIT
#include "link/library.hpp"

#include <cohort/base/errors.hpp>

#include "link/checks.hpp"

Verdict link_test_library_checks(bool only_fork) {
    try {
        int wrong = only_fork ? run_checks({cohort::StartMethod::fork}) : run_checks(kAllMethods);
        return wrong == 0 ? Verdict::right : Verdict::wrong;
    } catch (const cohort::Error& error) {
        std::cout << "refused: " << error.what() << std::endl;
        return Verdict::refused;
    }
}

int link_test_add_forty(int n) {
    return n + 40;
}
