// SPDX-License-Identifier: MIT
// Another program is run, and its exit code asked for.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    std::cout << "$ ls /no/such/directory" << std::endl;
    const int code = cohort::subprocess::call({"ls", "/no/such/directory"}, {.err = cohort::subprocess::DEVNULL});
    std::cout << "Exit code: " << code << '\n';

    const int other = cohort::subprocess::call({"sh", "-c", "exit 3"});
    std::cout << "Exit code: " << other << '\n';
}
