// SPDX-License-Identifier: MIT
#include <cohort/base/stored_call.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cohort::detail::is_stored_invocable_v;
using cohort::detail::stored_result_t;
using cohort::detail::stored_t;

template <class F, class... Args>
auto call(F&& f, Args&&... args) {
    stored_t<F> target(std::forward<F>(f));
    auto stored = cohort::detail::store_arguments(std::forward<Args>(args)...);
    return cohort::detail::invoke_stored(target, stored);
}

struct Handle {
    int value = 0;
};

class Counter {
public:
    int add(int n) { return total_ += n; }
    int total() const { return total_; }
    int field = 5;

private:
    int total_ = 10;
};

TEST(StoredCall, keeps_text_as_a_string_and_decays_the_rest) {
    static_assert(std::is_same_v<stored_t<const char(&)[4]>, std::string>);
    static_assert(std::is_same_v<stored_t<const char*>, std::string>);
    static_assert(std::is_same_v<stored_t<char*>, char*>);
    static_assert(std::is_same_v<stored_t<const std::string&>, std::string>);
    static_assert(std::is_same_v<stored_t<int (&)(int)>, int (*)(int)>);
    EXPECT_EQ(call([](const std::string& text) { return text.size(); }, "abc"), 3U);
    EXPECT_EQ(call([](std::string text) { return text + "!"; }, "abc"), "abc!");
    EXPECT_EQ(call([](std::string_view text) { return text.size(); }, "abc"), 3U);
}

TEST(StoredCall, gives_the_characters_to_a_target_that_takes_a_pointer) {
    EXPECT_EQ(call(std::strlen, "abcd"), 4U);
    EXPECT_EQ(call([](const char* a, const std::string& b) { return a + b; }, "x", "y"), "xy");
    EXPECT_EQ(call([](std::string& a, const char* b, std::unique_ptr<int> c) { return a + b + std::to_string(*c); },
                   "x", std::string("y"), std::make_unique<int>(3)),
              "xy3");
    EXPECT_EQ(call([](const char* a, auto... rest) { return std::string(a) + (std::string(rest) + ...); }, "1", "2",
                   "3", "4", "5"),
              "12345");
}

TEST(StoredCall, passes_lvalues_where_that_compiles) {
    Handle handle{1};
    EXPECT_EQ(call([](Handle& own) { return ++own.value; }, handle), 2);
    EXPECT_EQ(handle.value, 1);
    EXPECT_EQ(call([](auto&& any) { return std::is_lvalue_reference_v<decltype(any)>; }, handle), true);
    EXPECT_EQ(call([](std::unique_ptr<int>& p) { return *p; }, std::make_unique<int>(4)), 4);
}

TEST(StoredCall, moves_what_cannot_be_copied) {
    EXPECT_EQ(call([](std::unique_ptr<int> p) { return *p; }, std::make_unique<int>(4)), 4);
    EXPECT_EQ(call([](Handle& a, std::unique_ptr<int> p) { return a.value + *p; }, Handle{1}, std::make_unique<int>(4)),
              5);
    EXPECT_EQ(call([](auto p) { return *p; }, std::make_unique<int>(4)), 4);
}

TEST(StoredCall, moves_all_where_nothing_else_compiles) {
    EXPECT_EQ(call([](std::string&& a, std::unique_ptr<int>&& p) { return a.append(std::to_string(*p)); }, "a",
                   std::make_unique<int>(1)),
              "a1");
}

TEST(StoredCall, moves_containers_of_move_only_elements) {
    auto list = [] {
        std::vector<std::unique_ptr<int>> made;
        made.push_back(std::make_unique<int>(7));
        return made;
    };
    using List = std::vector<std::unique_ptr<int>>;
    EXPECT_EQ(call([](List own) { return *own[0]; }, list()), 7);
    EXPECT_EQ(call([](List& own) { return *own[0]; }, list()), 7);
    EXPECT_EQ(call([](List& own, std::unique_ptr<int> p) { return *own[0] + *p; }, list(), std::make_unique<int>(1)),
              8);
    EXPECT_EQ(call([](std::vector<List> own) { return own.size(); }, std::vector<List>(2)), 2U);
}

TEST(StoredCall, moves_rvalues_in_and_copies_lvalues) {
    std::string kept(100, 'k'), given(100, 'g');
    auto stored = cohort::detail::store_arguments(kept, std::move(given));
    EXPECT_EQ(kept.size(), 100U);
    EXPECT_EQ(std::get<1>(stored), std::string(100, 'g'));
    EXPECT_EQ(given.size(), 0U);  // NOLINT(bugprone-use-after-move): the move is what is tested
}

TEST(StoredCall, calls_members_through_objects_and_pointers) {
    Counter counter;
    EXPECT_EQ(call(&Counter::add, std::make_unique<Counter>(), 2), 12);
    EXPECT_EQ(call(&Counter::add, std::make_shared<Counter>(), 2), 12);
    EXPECT_EQ(call(&Counter::add, &counter, 2), 12);
    EXPECT_EQ(call(&Counter::add, std::ref(counter), 2), 14);
    EXPECT_EQ(call(&Counter::add, counter, 2), 16);
    EXPECT_EQ(counter.total(), 14);
    EXPECT_EQ(call(&Counter::field, counter), 5);
}

TEST(StoredCall, takes_every_kind_of_target) {
    struct OnceOnly {
        int operator()(int i) && { return i; }
    };
    EXPECT_EQ(call(OnceOnly{}, 3), 3);
    EXPECT_EQ(call([n = 1]() mutable { return ++n; }), 2);
    EXPECT_EQ(call([p = std::make_unique<int>(5)] { return *p; }), 5);
    EXPECT_EQ(call(std::function<int(int)>([](int i) { return i; }), 3), 3);
    EXPECT_EQ(call(std::plus<>{}, 3, 4), 7);
    static_assert(std::is_void_v<stored_result_t<void (*)()>>);
    static_assert(std::is_same_v<stored_result_t<int& (*)(Handle&), Handle>, int&>);
}

TEST(StoredCall, tells_what_cannot_be_called) {
    static_assert(!is_stored_invocable_v<void (*)(int), Handle>);
    static_assert(!is_stored_invocable_v<void (*)(int)>);
    static_assert(!is_stored_invocable_v<int, int>);
    static_assert(is_stored_invocable_v<void (*)(const char*), const char(&)[2]>);
    static_assert(!is_stored_invocable_v<void (*)(char*), const char(&)[2]>);
}

}  // namespace
