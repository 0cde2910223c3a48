// SPDX-License-Identifier: MIT
#include "pool/flight_table.hpp"

#include <gtest/gtest.h>

using cohort::pool::Flight;
using cohort::pool::FlightTable;
using cohort::pool::TaskId;

namespace {

Flight one_item(std::size_t index) {
    Flight flight;
    flight.first = index;
    flight.items = 1;
    return flight;
}

}  // namespace

TEST(FlightTable, finds_what_is_in_flight_and_nothing_else) {
    FlightTable table;
    EXPECT_EQ(table.find(TaskId()), nullptr);
    const TaskId a = table.add(one_item(7));
    const TaskId b = table.add(one_item(8));
    ASSERT_NE(table.find(a), nullptr);
    EXPECT_EQ(table.find(a)->first, 7u);
    EXPECT_EQ(table.find(b)->first, 8u);
    table.remove(a);
    EXPECT_EQ(table.find(a), nullptr);
    EXPECT_EQ(table.count(), 1u);
}

TEST(FlightTable, a_number_is_never_used_again) {
    FlightTable table;
    const TaskId first = table.add(one_item(1));
    table.remove(first);
    const TaskId second = table.add(one_item(2));
    EXPECT_EQ(first.line(), second.line());
    EXPECT_NE(first, second);
    EXPECT_EQ(table.find(first), nullptr);
    EXPECT_NE(first.raw(), 0u);
}

TEST(FlightTable, visits_all_that_are_in_flight) {
    FlightTable table;
    std::vector<TaskId> ids;
    for (std::size_t i = 0; i != 10; ++i) ids.push_back(table.add(one_item(i)));
    for (std::size_t i = 0; i != 10; i += 2) table.remove(ids[i]);
    std::size_t sum = 0;
    table.for_each([&](TaskId, const Flight& flight) { sum += flight.first; });
    EXPECT_EQ(sum, 1u + 3 + 5 + 7 + 9);
}
