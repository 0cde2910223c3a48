// SPDX-License-Identifier: MIT
// A program that is asked line by line while it runs.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

using cohort::subprocess::PIPE;

int main() {
    cohort::subprocess::Popen shell({"sh"}, {.in = PIPE, .out = PIPE});
    for (const std::string sum : {"1 + 2", "6 * 7"}) {
        shell.in().write("echo $((" + sum + "))\n");
        std::cout << sum << " = " << shell.out().read_line().value() << '\n';
    }
    shell.in().close();
    std::cout << "Exit code: " << shell.wait() << '\n';
}
