// SPDX-License-Identifier: MIT
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>

#include "conformance/sync/workers.hpp"

#include <unistd.h>

#include <sstream>
#include <string>
#include <utility>

namespace {

template <class T>
std::string printed(const T& object) {
    std::ostringstream out;
    out << object;
    return std::move(out).str();
}

const std::string kMyself = std::to_string(::getpid());

TEST(LocksPrinted, with_the_process_that_holds_them) {
    cohort::Lock lock;
    EXPECT_EQ(printed(lock), "<Lock(owner=None)>");
    lock.acquire();
    EXPECT_EQ(printed(lock), "<Lock(owner=" + kMyself + ")>");
    cohort::RLock rlock;
    EXPECT_EQ(printed(rlock), "<RLock(None, 0)>");
    rlock.acquire();
    rlock.acquire();
    EXPECT_EQ(printed(rlock), "<RLock(" + kMyself + ", 2)>");
    EXPECT_EQ(printed(cohort::Condition(rlock)), "<Condition(<RLock(" + kMyself + ", 2)>, 0)>");
    EXPECT_EQ(printed(cohort::Condition(cohort::Lock())), "<Condition(<Lock(owner=None)>, 0)>");
}

TEST(LocksPrinted, with_their_values) {
    cohort::Semaphore semaphore(3);
    semaphore.acquire();
    EXPECT_EQ(printed(semaphore), "<Semaphore(value=2)>");
    cohort::BoundedSemaphore bounded(2);
    bounded.acquire();
    EXPECT_EQ(printed(bounded), "<BoundedSemaphore(value=1, maxvalue=2)>");
    cohort::Event event;
    EXPECT_EQ(printed(event), "<Event unset>");
    event.set();
    EXPECT_EQ(printed(event), "<Event set>");
    cohort::Barrier barrier(3);
    EXPECT_EQ(printed(barrier), "<Barrier waiters=0/3>");
    barrier.abort();
    EXPECT_EQ(printed(barrier), "<Barrier broken>");
}

TEST(LocksPrinted, after_they_were_moved_from) {
    cohort::Lock lock;
    const cohort::Lock other = std::move(lock);
    EXPECT_EQ(printed(lock), "<Lock moved from>");  // NOLINT(bugprone-use-after-move): that is the test
}

void hold_while_it_is_printed(cohort::Lock lock, cohort::Event held, cohort::Event printed) {
    lock.acquire();
    held.set();
    printed.wait();
}

class LocksOfOthers : public cohort::test::WorkerProcesses {};

TEST_P(LocksOfOthers, are_printed_with_their_number) {
    cohort::Lock lock;
    cohort::Event held;
    cohort::Event was_printed;
    auto worker = start(hold_while_it_is_printed, lock, held, was_printed);
    held.wait();
    EXPECT_EQ(printed(lock), "<Lock(owner=" + std::to_string(*worker.process().pid()) + ")>");
    was_printed.set();
}

INSTANTIATE_TEST_SUITE_P(, LocksOfOthers, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
