// SPDX-License-Identifier: MIT
#include <cohort/channel/queue.hpp>

#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace cohort::test {
namespace {

using std::chrono_literals::operator""s;

TEST(QueuePutMany, takes_a_list) {
    EXPECT_EQ(Queue<int>().put_many({1, 2, 3}), 3U);
    const Queue<std::string> words(2);
    EXPECT_EQ(words.put_many({"one", "two", "three"}, 0s), 2U);
    EXPECT_EQ(words.get_many(3), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(words.put_many({}), 0U);
}

template <class T>
void expect_refused(const Queue<T>& queue) {
    queue.close();
    EXPECT_THROW(queue.put_many(std::vector<T>{}), ValueError);
    EXPECT_THROW(queue.put_many({}), ValueError);
    EXPECT_THROW(queue.put_many(std::vector<T>(1)), ValueError);
}

TEST(QueuePutMany, nothing_is_refused_by_a_closed_queue_too) {
    expect_refused(Queue<int>());
    expect_refused(Queue<std::string>());
}

}  // namespace
}  // namespace cohort::test
