// SPDX-License-Identifier: MIT
// What wait() says of a queue in which a process has stopped or died in the middle of a put.
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>

#include "channel/queue_end.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using Ready = std::vector<Waitable>;

/// Whether descriptors are waited for, too.
class WaitDeaths : public testing::TestWithParam<bool> {
protected:
    Ready wait_for(const Queue<int>& queue, Timeout timeout) const {
        return GetParam() ? wait({pipe_.first, queue}, timeout) : wait({queue}, timeout);
    }
    /// A child that has begun to put, then gets a signal from itself.
    static ForkedChild begin_a_put(const Queue<int>& queue, int signal) {
        ForkedChild child([&] {
            channel::QueueEnd end(queue.object());
            EXPECT_TRUE(end.core().claim(shm::this_process(), {}));
            ::raise(signal);
        });
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED | WEXITED | WNOWAIT);
        return child;
    }

private:
    std::pair<Connection, Connection> pipe_ = Pipe();
};
INSTANTIATE_TEST_SUITE_P(, WaitDeaths, testing::Bool(),
                         [](const auto& with) { return with.param ? "mixed" : "queues"; });

TEST_P(WaitDeaths, the_put_of_the_dead_is_not_ready) {
    for (const std::ptrdiff_t maxsize : {0, 3}) {
        const Queue<int> queue(maxsize);
        EXPECT_EQ(begin_a_put(queue, SIGKILL).wait().signal(), SIGKILL);
        EXPECT_EQ(wait_for(queue, 0s), Ready());
        EXPECT_EQ(wait_for(queue, 20ms), Ready());
        queue.put(7);
        EXPECT_EQ(wait_for(queue, forever), Ready{queue});
        EXPECT_EQ(queue.get_nowait(), 7);
        EXPECT_EQ(wait_for(queue, 0s), Ready());
    }
}

TEST_P(WaitDeaths, nor_is_that_of_a_stopped_one_until_it_goes_on_or_dies) {
    const Queue<int> queue;
    auto stopped = begin_a_put(queue, SIGSTOP);
    EXPECT_EQ(wait_for(queue, 0s), Ready());
    queue.put(7);  // behind it
    EXPECT_EQ(wait_for(queue, 0s), Ready());
    EXPECT_EQ(wait_for(queue, 20ms), Ready());
    std::thread killer([&] { stopped.kill(); });
    EXPECT_EQ(wait_for(queue, forever), Ready{queue});
    killer.join();
    EXPECT_EQ(stopped.wait().signal(), SIGKILL);
    EXPECT_EQ(queue.get_nowait(), 7);
}

TEST_P(WaitDeaths, a_waiter_that_dies_leaves_nothing) {
    const Queue<int> queue;
    for (int i = 0; i != 5; ++i) {
        ForkedChild waiter([&] { wait_for(queue, forever); });
        if (i % 2) std::this_thread::yield();
        waiter.kill();
        waiter.wait();
        queue.put(i);
        EXPECT_EQ(wait_for(queue, forever), Ready{queue});
        EXPECT_EQ(queue.get_nowait(), i);
    }
}

TEST_P(WaitDeaths, a_forked_child_waits_for_what_it_inherited) {
    const Queue<int> queue;
    const std::vector<Waitable> inherited{queue};
    ForkedChild waiter([&] {
        if (wait(inherited) == inherited && wait_for(queue, forever) == inherited) queue.get();
    });
    queue.put(1);
    EXPECT_TRUE(waiter.wait().success());
    EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace cohort::test
