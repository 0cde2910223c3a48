// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/sync/array.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

using cohort::Array;
using cohort::RawArray;
using cohort::RawValue;
using cohort::Value;
using cohort::ValueError;

namespace {

struct Point {
    double x = 0;
    double y = 0;
    std::array<char, 5> name{};
    friend bool operator==(const Point&, const Point&) = default;
};

// --- test_multiprocessing: _TestValue, _TestArray, _TestSharedCTypes ---

class TestValue : public cohort::test::Workers {};

void change_values(Value<int> number, Value<double> real, Value<char> letter, RawValue<long long> raw,
                   Value<Point> point) {
    number.set_value(-5);
    real.set_value(2.25);
    letter.set_value('x');
    raw.set_value(1LL << 40);
    point.set_value({1, 2, {'a'}});
}

TEST_P(TestValue, test_value) {
    Value<int> number(7);
    Value<double> real(3.5);
    Value<char> letter('c');
    RawValue<long long> raw(9);
    Value<Point> point(Point{3, 4, {'b'}});
    EXPECT_EQ(number.value(), 7);
    EXPECT_EQ(real.value(), 3.5);
    EXPECT_EQ(letter.value(), 'c');
    EXPECT_EQ(raw.value(), 9);
    EXPECT_EQ(point->x, 3);
    start(change_values, number, real, letter, raw, point).join();
    EXPECT_EQ(number.value(), -5);
    EXPECT_EQ(real.value(), 2.25);
    EXPECT_EQ(letter.value(), 'x');
    EXPECT_EQ(raw.value(), 1LL << 40);
    EXPECT_EQ(point.value(), (Point{1, 2, {'a'}}));
    EXPECT_EQ(*point, point.value());
}

void add(Value<long> sum, RawValue<std::uint64_t> atomic, Value<double> real) {
    for (int i = 0; i != 2000; ++i) {
        {
            std::scoped_lock guard(sum);
            ++*sum;
        }
        atomic.fetch_add(2);
        real.fetch_add(0.5);
    }
}

TEST_P(TestValue, locked_and_atomic_sums) {
    Value<long> sum;
    RawValue<std::uint64_t> atomic;
    Value<double> real;
    {
        auto a = start(add, sum, atomic, real);
        auto b = start(add, sum, atomic, real);
    }
    EXPECT_EQ(sum.value(), 4000);
    EXPECT_EQ(atomic.value(), 8000U);
    EXPECT_EQ(real.value(), 2000.0);
}

TEST(Values, test_getobj_getlock) {
    Value<int> value(5);
    auto& lock = value.get_lock();
    std::scoped_lock guard(lock, value);
    EXPECT_EQ(lock, value.get_lock());
    std::thread([&] { EXPECT_FALSE(value.try_lock()); }).join();
}

void add_under_one_lock(Value<int> value, Array<int> array) {
    std::scoped_lock guard(array);
    for (int& item : array) item += ++*value;
}

TEST_P(TestValue, with_a_lock_of_ones_own) {
    cohort::RLock lock;
    Value<int> value(5, lock);
    Array<int> array({1, 2}, lock);
    EXPECT_EQ(value.get_lock(), array.get_lock());
    {
        std::scoped_lock guard(lock);
        std::thread([&] {
            EXPECT_FALSE(value.try_lock());
            EXPECT_FALSE(array.try_lock());
        }).join();
    }
    cohort::Queue<std::pair<Value<int>, Array<int>>> queue;
    queue.put({value, array});
    start(add_under_one_lock, value, array).join();
    EXPECT_EQ(value.value(), 7);
    EXPECT_EQ(std::vector<int>(array.begin(), array.end()), (std::vector<int>{7, 9}));
    EXPECT_EQ(queue.get().first.get_lock(), lock);
}

TEST(Values, atomic_operations) {
    Value<int> value(6);
    EXPECT_EQ(value.fetch_sub(1), 6);
    EXPECT_EQ(value.fetch_and(4), 5);
    EXPECT_EQ(value.fetch_or(3), 4);
    EXPECT_EQ(value.fetch_xor(1), 7);
    EXPECT_EQ(value.exchange(10), 6);
    int expected = 9;
    EXPECT_FALSE(value.compare_exchange(expected, 11));
    EXPECT_EQ(expected, 10);
    EXPECT_TRUE(value.compare_exchange(expected, 11));
    EXPECT_EQ(value.value(), 11);
}

INSTANTIATE_TEST_SUITE_P(, TestValue, cohort::test::kEveryWorker, cohort::test::name_of_worker);

class TestArray : public cohort::test::Workers {};

void accumulate(Array<int> items) {
    std::scoped_lock guard(items);
    for (std::size_t i = 1; i < items.size(); ++i) items[i] += items[i - 1];
}

TEST_P(TestArray, test_array) {
    std::vector<int> expected{680, 626, 934, 821, 150, 233, 548, 982, 714, 831};
    Array<int> items(expected);
    EXPECT_EQ(items.size(), expected.size());
    EXPECT_TRUE(std::equal(items.begin(), items.end(), expected.begin()));
    std::iota(items.span().begin() + 4, items.span().begin() + 8, 1);
    std::iota(expected.begin() + 4, expected.begin() + 8, 1);
    std::partial_sum(expected.begin(), expected.end(), expected.begin());
    start(accumulate, items).join();
    EXPECT_TRUE(std::equal(items.begin(), items.end(), expected.begin()));
}

TEST(Arrays, test_array_from_size) {
    Array<double> items(1000);
    EXPECT_EQ(std::count(items.begin(), items.end(), 0.0), 1000);
    EXPECT_EQ(Array<int>({1, 2, 3}).size(), 3U);
    EXPECT_TRUE(RawArray<char>(0).empty());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(items.data()) % alignof(double), 0U);
}

TEST(Arrays, bad_sizes) {
    EXPECT_THROW(Array<int>(-1), ValueError);
    EXPECT_THROW(Array<int>(PTRDIFF_MAX), std::bad_alloc);
    EXPECT_THROW(Array<int>(3).at(3), std::out_of_range);
}

TEST(Arrays, a_large_one_takes_memory_and_gives_it_back) {
    for (int i = 0; i != 20; ++i) {
        RawArray<std::byte> items(64 << 20);
        items[0] = items[(64 << 20) - 1] = std::byte{1};
        EXPECT_EQ(items[4096], std::byte{0});
    }
}

void double_all(Value<int> a, Value<double> b, Array<double> c, RawArray<Point> d) {
    a.set_value(a.value() * 2);
    b.set_value(b.value() * 2);
    for (double& each : c) each *= 2;
    for (Point& each : d) each.x *= 2;
}

TEST_P(TestArray, test_sharedctypes) {
    Value<int> a(7);
    Value<double> b(1.0 / 3);
    Array<double> c({0, 1, 2, 3});
    RawArray<Point> d({Point{1, 2, {}}, Point{3, 4, {}}});
    start(double_all, a, b, c, d).join();
    EXPECT_EQ(a.value(), 14);
    EXPECT_DOUBLE_EQ(b.value(), 2.0 / 3);
    for (std::size_t i = 0; i != 4; ++i) EXPECT_EQ(c[i], 2.0 * static_cast<double>(i));
    EXPECT_EQ(d[1].x, 6);
}

INSTANTIATE_TEST_SUITE_P(, TestArray, cohort::test::kEveryWorker, cohort::test::name_of_worker);

}  // namespace
