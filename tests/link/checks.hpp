// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/cohort.hpp>

#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Callables of every sort, run under every start method and as tasks. All of it is internal to the file that includes
// it, so that a program and each of its libraries have their own.
namespace {

/// How often what came out was not what it should be.
int failures = 0;

void expect(bool right, const std::string& what) {
    if (right) return;
    std::cerr << "wrong: " << what << std::endl;
    ++failures;
}

// A file-local function, and one made from a template.
int add_forty(int n) {
    return n + 40;
}

template <int N>
int add(int n) {
    return n + N;
}

// A class with a codec: an aggregate.
struct Scale {
    int factor = 1;
    std::string name{};
    int operator()(int n) const { return n * factor + static_cast<int>(name.size()); }
};

// The same machine code in two types, which a linker may make one.
struct PlusOne {
    int operator()(int n) const { return n + 1; }
};
struct OneMore {
    int operator()(int n) const { return n + 1; }
};

// Two types whose objects lie at the same address.
struct Inner {
    int value = 0;
};
struct Outer {
    Inner inner{};
    int more = 0;
};

[[noreturn]] void fail(int n) {
    throw std::out_of_range("item " + std::to_string(n));
}

/// The exit code of a process that calls `function(2)` and exits with the result.
template <class F>
int in_process(cohort::StartMethod method, F function) {
    cohort::Process process({.start_method = method},
                            cohort::partial([](const F& run) { std::exit(run(2)); }, function));
    process.start();
    process.join();
    return process.exitcode().value_or(-1);
}

template <class F>
void check_callable(cohort::StartMethod method, cohort::Pool& pool, const F& function, const std::string& name) {
    const std::string where = name + " under " + std::string(cohort::to_string(method));
    expect(in_process(method, function) == 42, where + ", as a process");
    expect(pool.apply(function, 2) == 42, where + ", as a task");
    expect(pool.map(function, {2, 3}) == std::vector{42, function(3)}, where + ", mapped");
}

void check_exception(cohort::Pool& pool) {
    try {
        pool.apply(fail, 7);
        expect(false, "an exception that came from a task");
    } catch (const std::out_of_range& error) {
        expect(error.what() == std::string("item 7"), "the exception's text");
        try {
            std::rethrow_if_nested(error);
            expect(false, "the error that says where an exception comes from");
        } catch (const cohort::RemoteError& remote) {
            expect(remote.trace().starts_with("#0  "), "the stack trace: " + remote.trace());
            expect(remote.trace().find("__cxa_throw") == std::string::npos, "only the task in " + remote.trace());
            expect(remote.trace().find("run_traced(") == std::string::npos, "only the task in " + remote.trace());
#ifdef COHORT_LINK_SYMBOLS
            expect(remote.trace().find("fail") < remote.trace().find('\n'), "the thrower in " + remote.trace());
#endif
        }
    }
}

// What tells types apart in a message are addresses of constants, which a linker must not make one.
void check_shared_objects(cohort::Pool& pool) {
    auto outer = std::make_shared<Outer>(Outer{{40}, 2});
    std::shared_ptr<Inner> inner(outer, &outer->inner);
    auto sum = [](const std::shared_ptr<Outer>& first, const std::shared_ptr<Inner>& second) {
        bool mixed_up = static_cast<const void*>(first.get()) == second.get();
        return mixed_up ? -1 : first->more + second->value;
    };
    expect(pool.starmap(sum, {std::pair(outer, inner)}) == std::vector{42}, "shared objects of two types");
}

void check_method(cohort::StartMethod method) {
    cohort::Pool pool({.processes = 1, .start_method = method});
    const int number = 40 + (failures < 0 ? 1 : 0);  // known at run time only
    int (*pointer)(int) = add<40>;
    check_callable(
        method, pool, [number](int n) { return n + number; }, "a lambda with a capture");
    check_callable(
        method, pool, [](auto n) { return n + 40; }, "a generic lambda");
    check_callable(method, pool, pointer, "a pointer to a function");
    check_callable(method, pool, add_forty, "a function");
    check_callable(method, pool, Scale{20, "ab"}, "a functor");
    check_callable(method, pool, cohort::partial([](int a, int b, int n) { return a + b + n; }, 39, 1), "a partial");
    expect(pool.apply(PlusOne{}, 1) + pool.apply(OneMore{}, 1) == 4, "two functors with the same code");
    check_exception(pool);
    check_shared_objects(pool);
}

/// Runs everything under these start methods; @returns the number of failures.
int run_checks(std::initializer_list<cohort::StartMethod> methods) {
    for (auto method : methods) check_method(method);
    return failures;
}

constexpr std::initializer_list<cohort::StartMethod> kAllMethods{cohort::StartMethod::fork, cohort::StartMethod::spawn,
                                                                 cohort::StartMethod::forkserver};

}  // namespace
