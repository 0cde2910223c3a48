// SPDX-License-Identifier: MIT
// A program that lets the kernel reap its children: pools and the forkserver do not depend on that.
#include <cohort/pool/pool.hpp>

#include "conformance/mailbox.hpp"
#include "programs/program.hpp"

#include <csignal>
#include <cstdlib>
#include <string>

int main(int, char** argv) {
    const auto method = cohort::test::method_of(argv[1]);
    std::signal(SIGCHLD, SIG_IGN);
    cohort::Pool pool({.processes = 2, .maxtasksperchild = 1, .start_method = method});
    int sum = 0;
    for (int i = 0; i < 6; ++i) sum += pool.apply([](int n) { return n; }, i);
    pool.close();
    pool.join();
    cohort::test::say("sum " + std::to_string(sum));
    cohort::Process child({.start_method = method}, [] { std::exit(3); });
    child.start();
    child.join();
    if (method == cohort::StartMethod::forkserver) cohort::test::say("exit code " + std::to_string(*child.exitcode()));
}
