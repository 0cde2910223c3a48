// SPDX-License-Identifier: MIT
#include "manager/types/queue.hpp"

#include "calls.hpp"

#include <memory>

namespace {

using namespace cohort;
using namespace cohort::manager;

TEST(QueueReferent, too_many_arguments_are_refused_as_by_python) {
    TestTimers timers;
    QueueReferent queue(timers, 0);
    EXPECT_EQ(call(queue, "put", {1, true, 0, 0}),
              "TypeError: Queue.put() takes from 2 to 4 positional arguments but 5 were given");
    EXPECT_EQ(call(queue, "put_nowait", {1, 2}),
              "TypeError: Queue.put_nowait() takes 2 positional arguments but 3 were given");
    EXPECT_EQ(call(queue, "get", {true, 0, 0}),
              "TypeError: Queue.get() takes from 1 to 3 positional arguments but 4 were given");
    EXPECT_EQ(call(queue, "qsize", {1}), "TypeError: Queue.qsize() takes 1 positional argument but 2 were given");
    EXPECT_EQ(call(queue, "qsize"), "0");
}

TEST(QueueReferent, who_waits_gets_what_is_put_in_the_order_of_waiting) {
    TestTimers timers;
    QueueReferent queue(timers, 1);
    const auto first = begin_call(queue, "get"), second = begin_call(queue, "get");
    call(queue, "put", {1});
    EXPECT_EQ(first->answer->content, Object(1));
    EXPECT_FALSE(second->answer);
    call(queue, "put", {2});
    EXPECT_EQ(second->answer->content, Object(2));
    call(queue, "put", {3});
    const auto putter = begin_call(queue, "put", {4});
    EXPECT_FALSE(putter->answer);
    EXPECT_EQ(call(queue, "get"), "3");
    EXPECT_TRUE(putter->answer);
    EXPECT_EQ(call(queue, "get"), "4");
}

}  // namespace
