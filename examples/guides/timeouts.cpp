// SPDX-License-Identifier: MIT
// Tasks that take too long, and tasks that are run again.
#include <cohort/cohort.hpp>

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace {

using namespace std::chrono_literals;

// [timeout]
int answer(int n) {
    if (n == 13) ::pause();  // for ever
    return n * n;
}

void one_task() {
    cohort::Pool pool(2);
    const auto stuck = pool.apply_async(answer, cohort::args(13), {.timeout = 200ms});
    const auto other = pool.apply_async(answer, 12);
    try {
        stuck.get();
    } catch (const cohort::TimeoutError& error) {  // its worker was ended, and replaced
        std::cout << "too long\n";
    }
    std::cout << other.get() << '\n';
}
// [/timeout]

// [items]
void each_item() {
    cohort::Pool pool(2);
    const std::vector<cohort::Outcome<int>> outcomes =
        pool.map(answer, cohort::range(10, 15), cohort::collect, {.timeout = 200ms});
    for (const auto& outcome : outcomes) std::cout << (outcome ? std::to_string(outcome.value()) : "late") << ' ';
    std::cout << '\n';
}
// [/items]

// [waiting]
void the_caller_only() {
    cohort::Pool pool(2);
    const auto result = pool.apply_async(answer, 13);
    if (!result.wait(100ms)) std::cout << "not yet\n";  // false, and nothing is changed
    try {
        result.get(100ms);
    } catch (const cohort::TimeoutError&) {
        std::cout << std::boolalpha << "still running: " << result.running() << '\n';
    }
    result.cancel();  // this is what ends the task
}
// [/waiting]

// [retries]
int fragile(const cohort::Value<int>& attempts) {
    const int attempt = attempts.fetch_add(1) + 1;
    if (attempt == 1) std::abort();                               // the worker dies
    if (attempt == 2) throw std::runtime_error("no connection");  // an error that may pass
    return attempt;
}

bool may_pass(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const cohort::TimeoutError&) {
        return false;
    } catch (const std::runtime_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

void again() {
    cohort::Pool pool(2);
    const cohort::Value<int> attempts;
    const auto result = pool.apply_async(fragile, cohort::args(attempts), {.retries = 2, .retry_if = may_pass});
    std::cout << "done in attempt " << result.get() << '\n';
}
// [/retries]

}  // namespace

int main() {
    one_task();
    each_item();
    the_caller_only();
    again();
}
