// SPDX-License-Identifier: MIT
// A lambda with captures runs under every start method and as a task of a pool.
#include <cohort/cohort.hpp>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace {

int failures = 0;

void expect(int got, int wanted, const char* what) {
    if (got == wanted) return;
    std::cerr << what << ": " << got << " instead of " << wanted << '\n';
    ++failures;
}

int run_process(cohort::StartMethod method, int factor) {
    cohort::Process process(
        {.start_method = method}, [factor](int n) { std::exit(factor * n); }, 6);
    process.start();
    process.join();
    return process.exitcode().value_or(-1);
}

int run_task(cohort::StartMethod method, int factor) {
    cohort::Pool pool({.processes = 1, .start_method = method});
    return pool.apply([factor](int n) { return factor * n; }, 6);
}

}  // namespace

int main(int argc, char**) {
    const int factor = 6 + argc;  // known at run time only, so that it must travel
    using enum cohort::StartMethod;
    for (const auto& [method, name] : {std::pair(fork, "fork"), {forkserver, "forkserver"}, {spawn, "spawn"}}) {
        std::cout << name << std::endl;
        expect(run_process(method, factor), 42, "a process");
        expect(run_task(method, factor), 42, "a task");
    }
    return failures == 0 ? 0 : 1;
}
