// SPDX-License-Identifier: MIT
#include "pool/job_queue.hpp"

#include <gtest/gtest.h>

using cohort::pool::JobQueue;
using cohort::pool::QueueLinks;

TEST(JobQueue, gives_the_highest_priority_first_and_then_the_oldest) {
    QueueLinks first(false);
    QueueLinks second(true);
    QueueLinks urgent(false, 1);
    QueueLinks idle(false, -1);
    JobQueue queue;
    for (QueueLinks* each : {&idle, &first, &second, &urgent}) queue.push(*each);
    for (QueueLinks* each : {&urgent, &first, &second, &idle}) {
        ASSERT_FALSE(queue.empty());
        EXPECT_EQ(&queue.front(), each);
        queue.remove(*each);
        queue.remove(*each);  // it is not there: nothing happens
    }
    EXPECT_TRUE(queue.empty());
}

TEST(JobQueue, one_takes_the_place_of_another) {
    QueueLinks first(true);
    QueueLinks second(true);
    QueueLinks third(true);
    QueueLinks job(false);
    JobQueue queue;
    for (QueueLinks* each : {&first, &second, &third}) queue.push(*each);
    queue.replace(second, job);
    EXPECT_FALSE(second.is_queued);
    queue.remove(second);
    for (QueueLinks* each : {&first, &job, &third}) {
        EXPECT_EQ(&queue.front(), each);
        queue.remove(*each);
    }
    EXPECT_TRUE(queue.empty());
}

TEST(JobQueue, the_only_one_of_its_priority_is_replaced) {
    QueueLinks old(true, 7);
    QueueLinks job(false, 7);
    JobQueue queue;
    queue.push(old);
    queue.replace(old, job);
    EXPECT_EQ(&queue.front(), &job);
    queue.remove(job);
    EXPECT_TRUE(queue.empty());
}
