// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <ranges>
#include <vector>

namespace {

using cohort::range;

static_assert(std::random_access_iterator<decltype(range(3).begin())>);
static_assert(std::ranges::random_access_range<decltype(range(3))>);
static_assert(std::ranges::sized_range<decltype(range(3))>);
static_assert(std::is_same_v<decltype(range(std::size_t{3}))::value_type, std::size_t>);
static_assert(range(2, 11, 3)[2] == 8 && range(2, 11, 3).size() == 3);

template <class Range>
auto items(const Range& numbers) {
    return std::vector(numbers.begin(), numbers.end());
}

TEST(Range, counts_as_pythons_does) {
    EXPECT_EQ(items(range(4)), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(items(range(2, 5)), (std::vector{2, 3, 4}));
    EXPECT_EQ(items(range(0, 10, 4)), (std::vector{0, 4, 8}));
    EXPECT_EQ(items(range(0, 8, 4)), (std::vector{0, 4}));
    EXPECT_EQ(items(range(5, 0, -2)), (std::vector{5, 3, 1}));
    EXPECT_EQ(items(range(2U, 0U, -1)), (std::vector{2U, 1U}));
}

TEST(Range, is_empty_when_the_stop_lies_behind) {
    EXPECT_TRUE(range(0).empty());
    EXPECT_TRUE(range(-3).empty());
    EXPECT_TRUE(range(5, 2).empty());
    EXPECT_TRUE(range(2, 5, -1).empty());
}

TEST(Range, a_step_of_zero_is_an_error) {
    EXPECT_THROW(range(0, 3, 0), cohort::ValueError);
}

TEST(Range, covers_the_whole_of_a_type) {
    auto all = range(std::int8_t{-128}, std::int8_t{127}, 255);
    EXPECT_EQ(all.size(), 1U);
    using Limits = std::numeric_limits<std::int64_t>;
    auto wide = range(Limits::min(), Limits::max(), Limits::max());
    EXPECT_EQ(items(wide), (std::vector<std::int64_t>{Limits::min(), -1, Limits::max() - 1}));
    EXPECT_EQ(items(range(Limits::max(), Limits::min(), Limits::min())),
              (std::vector<std::int64_t>{Limits::max(), -1}));
}

TEST(Range, iterators_move_both_ways) {
    auto numbers = range(10, 0, -3);
    auto it = numbers.end();
    EXPECT_EQ(*--it, 1);
    EXPECT_EQ(it - numbers.begin(), 3);
    EXPECT_EQ(it[-2], 7);
    EXPECT_EQ(*(numbers.begin() + 1), 7);
    EXPECT_LT(numbers.begin(), numbers.end());
}

}  // namespace
