// SPDX-License-Identifier: MIT
// What goes wrong in tasks, and what their caller sees.
#include <cohort/cohort.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// [thrown]
int checked(int n) {
    if (n < 0) throw std::out_of_range("negative: " + std::to_string(n));
    return n;
}

void thrown() {
    cohort::Pool pool(2);
    try {
        pool.map(checked, {1, -2, -3});
    } catch (const std::out_of_range& error) {  // of the first item that failed, when all have ended
        std::cout << error.what() << '\n';
        try {
            std::rethrow_if_nested(error);
        } catch (const cohort::RemoteError& remote) {  // where it was thrown: the process and its stack
            std::cout << remote.type_name() << " in " << remote.process_name() << '\n';
            std::cerr << remote.trace();
        }
    }
}
// [/thrown]

// [own]
struct NoSuchUser : std::exception {
    const char* what() const noexcept override { return "no such user"; }
};

void ask() {
    throw NoSuchUser();
}

void types_of_the_program() {
    cohort::Pool pool(1);
    try {
        pool.apply(ask);
    } catch (const cohort::RemoteError& error) {  // a type that the library does not know
        std::cout << error.message() << '\n';
    }
}
// [/own]

// [collect]
void all_outcomes() {
    cohort::Pool pool(2);
    int failed = 0;
    for (const cohort::Outcome<int>& outcome : pool.map(checked, {1, -2, -3}, cohort::collect))
        if (!outcome) ++failed;
    std::cout << failed << " failed\n";
}
// [/collect]

// [stream]
void one_after_the_other() {
    cohort::Pool pool(2);
    auto results = pool.imap(checked, {1, -2, 3});
    for (bool more = true; more;) {
        try {
            const std::optional<int> result = results.next();
            if (result) std::cout << *result << ' ';
            more = result.has_value();
        } catch (const std::out_of_range&) {
            std::cout << "failed ";  // the next call goes on with the next item
        }
    }
    std::cout << '\n';
}
// [/stream]

// [death]
void crash(int n) {
    if (n == 2) std::raise(SIGKILL);
}

void deaths() {
    cohort::Pool pool({.processes = 2, .name = "fragile"});
    try {
        pool.map(crash, cohort::range(4));
    } catch (const cohort::WorkerLostError& error) {
        std::cout << "item " << *error.task_index() << " by signal " << *error.signal() << '\n';
        std::cerr << error.what() << '\n';
    }
}
// [/death]

// [memory]
std::size_t take(std::size_t bytes) {
    return std::vector<char>(bytes, 'x').size();
}

void memory() {
    constexpr std::size_t kMiB = 1 << 20;
    cohort::Pool pool({.processes = 1, .memory_limit = 64 * kMiB});
    try {
        pool.apply(take, 1024 * kMiB);
    } catch (const cohort::MemoryLimitError& error) {
        std::cout << "too much\n";
    }
}
// [/memory]

}  // namespace

int main() {
    thrown();
    types_of_the_program();
    all_outcomes();
    one_after_the_other();
    deaths();
    memory();
}
