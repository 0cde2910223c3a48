// SPDX-License-Identifier: MIT
// wait() for queues, alone and with things that have descriptors, in one process.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>

#include "os/eventfd.hpp"
#include "os/fault.hpp"
#include "os/threads.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using Ready = std::vector<Waitable>;

/// How many threads wait() has made.
class Threads {
public:
    int made() const { return faults_.calls(); }

private:
    os::Fault faults_{"pthread_create", EAGAIN, 1'000'000};
};

TEST(WaitForQueues, tells_which_have_an_item_in_the_order_given) {
    Queue<int> a;
    Queue<std::string> b(3);
    SimpleQueue<int> c;
    EXPECT_EQ(wait({a, b, c}, 0s), Ready());
    b.put("text");
    EXPECT_EQ(wait({a, b, c}), Ready{b});
    a.put(1);
    EXPECT_EQ(wait({c, b, a}), (Ready{b, a}));
    EXPECT_EQ(wait({c, b, a}), (Ready{b, a}));  // nothing was taken
    EXPECT_EQ(b.get(), "text");
    c.put(1);
    EXPECT_EQ(wait({a, b, c}, 20s), (Ready{a, c}));
}

TEST(WaitForQueues, a_closed_one_is_ready) {
    Queue<int> queue;
    queue.put(1);
    queue.close();
    EXPECT_EQ(wait({queue}), Ready{queue});
    queue.get();
    EXPECT_EQ(wait({queue}), Ready{queue});
    EXPECT_EQ(wait({queue}, 0s), Ready{queue});
}

TEST(WaitForQueues, any_timeout) {
    const Threads threads;
    const Queue<int> a, b;
    EXPECT_EQ(wait({a, b}, 0s), Ready());
    EXPECT_EQ(wait({a, b}, -1s), Ready());
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(wait({a, b}, 120ms), Ready());  // longer than one sleep
    EXPECT_GE(std::chrono::steady_clock::now() - before, 120ms);
    b.put(1);
    EXPECT_EQ(wait({a, b}, 1000000000h), Ready{b});
    EXPECT_EQ(threads.made(), 0);
}

TEST(WaitForQueues, copies_are_one_queue) {
    Queue<int> queue;
    const Queue<int> copy = queue;
    const Queue<int> named(queue.object());
    const Queue<int> other;
    EXPECT_TRUE(Waitable(queue) == Waitable(copy));
    EXPECT_TRUE(Waitable(queue) == Waitable(named));
    EXPECT_FALSE(Waitable(queue) == Waitable(other));
    EXPECT_FALSE(Waitable(queue) == Waitable(0));
    EXPECT_FALSE(Waitable(0) == Waitable(queue));
    EXPECT_EQ(Waitable(queue).descriptor(), -1);
    copy.put(1);
    EXPECT_TRUE(wait({queue}).front() == named);
    EXPECT_EQ(wait({queue, copy, named, other}), (Ready{queue, queue, queue}));
}

TEST(WaitForQueues, a_waitable_keeps_its_queue) {
    std::vector<Waitable> kept;
    {
        const Queue<std::string> queue;
        queue.put(std::string(100'000, 'x'));
        kept.emplace_back(queue);
    }
    EXPECT_EQ(wait(kept), kept);
}

TEST(WaitForQueues, one_that_was_moved_from) {
    Queue<int> queue;
    const Queue<int> moved = std::move(queue);
    EXPECT_THROW(wait({queue, moved}, 0s), ValueError);  // NOLINT(bugprone-use-after-move)
    EXPECT_THROW(Waitable{queue}, ValueError);
}

TEST(WaitForQueues, containers_of_them) {
    const std::vector<Queue<int>> queues(3);
    const std::list<SimpleQueue<long>> list{SimpleQueue<long>(), SimpleQueue<long>()};
    queues[1].put(1);
    list.back().put(1);
    EXPECT_EQ(wait(queues), Ready{queues[1]});
    EXPECT_EQ(wait(list), Ready{list.back()});
}

TEST(WaitForQueues, together_with_pipes_and_descriptors) {
    auto [a, b] = Pipe();
    const Queue<int> queue;
    const os::Eventfd event;
    const std::vector<Waitable> all{a, queue, b, event.get()};
    EXPECT_EQ(wait(all, 0s), Ready());
    {
        const Threads threads;  // ready at the first look: none
        a.send(1);
        EXPECT_EQ(wait(all), Ready{b});
        queue.put(1);
        EXPECT_EQ(wait(all), (Ready{queue, b}));
        event.add();
        b.send(1);
        EXPECT_EQ(wait(all), all);
        EXPECT_EQ(threads.made(), 0);
    }
}

TEST(WaitForQueues, a_timeout_together_with_a_pipe) {
    auto [a, b] = Pipe();
    const Queue<int> queue;
    const Threads threads;
    EXPECT_EQ(wait({a, queue}, 0s), Ready());
    EXPECT_EQ(threads.made(), 0);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(wait({a, queue}, 20ms), Ready());
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    EXPECT_EQ(threads.made(), 1);
    EXPECT_FALSE(os::has_other_threads());
}

TEST(WaitForQueues, without_a_thread_or_an_eventfd_it_says_so) {
    auto [a, b] = Pipe();
    const Queue<int> queue;
    for (const auto& [call, error] : {std::pair{"pthread_create", EAGAIN}, {"eventfd", EMFILE}}) {
        const os::Fault refused(call, error);
        EXPECT_NE(error_text(error, [&, a = a] { wait({a, queue}); }), "");
    }
    queue.put(1);
    EXPECT_EQ(wait({a, queue}), Ready{queue});
}

TEST(WaitForQueues, closed_connections_and_descriptors_are_told) {
    auto [a, b] = Pipe();
    const Queue<int> queue;
    const Waitable waited = a;
    a.close();
    EXPECT_THROW(wait({waited, queue}), ValueError);
    EXPECT_NE(error_text(EBADF, [&] { wait({queue, 987654}); }), "");
}

TEST(WaitForQueues, hundreds_of_them) {
    std::vector<Queue<int>> queues;
    for (int i = 0; i != 300; ++i) queues.emplace_back();
    EXPECT_EQ(wait(queues, 0s), Ready());
    EXPECT_EQ(wait(queues, 20ms), Ready());
    queues[0].put(1);
    queues[299].put(1);
    EXPECT_EQ(wait(queues), (Ready{queues[0], queues[299]}));
    EXPECT_FALSE(os::has_other_threads());
}

}  // namespace
}  // namespace cohort::test
