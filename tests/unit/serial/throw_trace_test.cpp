// SPDX-License-Identifier: MIT
#include "serial/throw_trace.hpp"

#include <cohort/base/scope_guard.hpp>

#include "serial/symbols.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using cohort::serial::run_traced;

// With external linkage and no inlining, so that there are symbols to find.
namespace trace_test {

[[gnu::noinline]] void innermost(int depth) {
    if (depth > 1000) throw std::runtime_error("deep");
    throw std::invalid_argument("shallow");
}

[[gnu::noinline]] void middle(int depth) {
    std::string held(100, 'x');  // to be destroyed on the way
    innermost(depth);
    ASSERT_EQ(held.size(), 100U);
}

[[gnu::noinline]] void outermost(int depth) {
    middle(depth);
    asm volatile("");  // no tail call
}

[[gnu::noinline]] int from_the_library(std::vector<int>& values) {
    int value = values.at(7);
    asm volatile("");
    return value;
}

[[gnu::noinline]] void bottomless(int depth) {
    if (depth == 0) throw 1;
    bottomless(depth - 1);
    asm volatile("");
}

}  // namespace trace_test

namespace {

std::string trace_of(const std::function<void()>& function) {
    std::string trace = "untouched";
    try {
        run_traced(function, &trace);
    } catch (...) {
        EXPECT_NE(trace, "untouched");
    }
    return trace;
}

std::size_t line_of(const std::string& trace, const std::string& name) {
    auto at = trace.find(name);
    if (at == std::string::npos) ADD_FAILURE() << name << " is not in\n" << trace;
    return static_cast<std::size_t>(std::count(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

TEST(ThrowTrace, shows_the_place_of_the_throw) {
    auto trace = trace_of([] { trace_test::outermost(1); });
    EXPECT_EQ(line_of(trace, "#0  trace_test::innermost(int)"), 0U);
    EXPECT_EQ(line_of(trace, "trace_test::middle(int)"), 1U);
    EXPECT_EQ(line_of(trace, "trace_test::outermost(int)"), 2U);
    EXPECT_NE(trace.find("(serial_test+0x"), std::string::npos);
    EXPECT_EQ(trace.find("run_traced"), std::string::npos);
    EXPECT_EQ(trace.find("FunctionRef<"), std::string::npos);
    EXPECT_EQ(trace.find("__cxa_throw"), std::string::npos);
}

TEST(ThrowTrace, the_exception_passes_unchanged) {
    std::string trace;
    auto action = [] { trace_test::outermost(1); };
    EXPECT_THROW(run_traced(action, &trace), std::invalid_argument);
    auto odd = [] { throw 5; };
    EXPECT_THROW(run_traced(odd, &trace), int);
}

TEST(ThrowTrace, sees_throws_inside_the_standard_library) {
    std::vector<int> values(3);
    auto trace = trace_of([&] { trace_test::from_the_library(values); });
    EXPECT_GT(line_of(trace, "trace_test::from_the_library"), 0U);
}

TEST(ThrowTrace, is_not_taken_for_what_is_caught_inside) {
    auto trace = trace_of([] {
        try {
            trace_test::outermost(1);
        } catch (const std::exception&) {
            SUCCEED();
        }
    });
    EXPECT_EQ(trace, "untouched");
}

TEST(ThrowTrace, goes_through_frames_that_only_clean_up) {
    int cleaned = 0;
    auto trace = trace_of([&] {
        cohort::detail::ScopeGuard guard([&] { ++cleaned; });
        trace_test::outermost(1);
    });
    EXPECT_EQ(cleaned, 1);
    EXPECT_EQ(line_of(trace, "trace_test::innermost(int)"), 0U);
}

TEST(ThrowTrace, of_an_exception_thrown_again_shows_that_place) {
    auto trace = trace_of([] {
        try {
            trace_test::outermost(1);
        } catch (...) {
            throw;
        }
    });
    EXPECT_EQ(trace.find("innermost"), std::string::npos);
    EXPECT_EQ(trace.find("__cxa_rethrow"), std::string::npos);
    EXPECT_EQ(trace.substr(0, 4), "#0  ");
}

TEST(ThrowTrace, may_be_nested) {
    std::string inner, outer;
    auto throws = [] { trace_test::outermost(1); };
    auto nested = [&] {
        try {
            run_traced(throws, &inner);
        } catch (const std::invalid_argument&) {
            trace_test::outermost(2000);
        }
    };
    EXPECT_THROW(run_traced(nested, &outer), std::runtime_error);
    EXPECT_EQ(line_of(inner, "trace_test::innermost(int)"), 0U);
    EXPECT_EQ(line_of(outer, "trace_test::innermost(int)"), 0U);
    auto none = [] {};
    std::string untouched = "untouched";
    run_traced(none, &untouched);
    EXPECT_EQ(untouched, "untouched");
}

TEST(ThrowTrace, of_a_deep_stack_is_bounded) {
    auto trace = trace_of([] { trace_test::bottomless(10000); });
    EXPECT_EQ(line_of(trace, "#0  trace_test::bottomless(int)"), 0U);
    EXPECT_LE(std::count(trace.begin(), trace.end(), '\n'), 100);
}

TEST(Symbols, of_what_is_in_no_module_are_numbers) {
    std::vector<std::uintptr_t> addresses{16};
    auto symbols = cohort::serial::symbols_at(addresses);
    ASSERT_EQ(symbols.size(), 1U);
    EXPECT_EQ(symbols[0].text(), "(+0x10)");
}

TEST(ThrowTrace, ends_with_the_users_code) {
    const std::string trace = trace_of([] { trace_test::outermost(1); });
    const auto begin = trace.rfind('\n') + 1;
    EXPECT_EQ(trace.find("std::", begin), std::string::npos) << trace;
    EXPECT_EQ(trace.find("cohort::", begin), std::string::npos) << trace;
}

}  // namespace
