// SPDX-License-Identifier: MIT
// Which process has which end of a pipe: what is moved, copied, given and inherited, and when the end of the pipe
// comes.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/serial/partial.hpp>

#include "conformance/start_methods.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class PipeEnds : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, PipeEnds, kEveryStartMethod, name_of);

class PipeEndsOfForks : public OneStartMethod<StartMethod::fork> {};

bool is_at_end(const Connection& end) {
    try {
        end.recv<int>();
        return false;
    } catch (const EofError&) {
        return true;
    }
}

/// All numbers up to the end of the pipe.
std::vector<int> drain(const Connection& in) {
    std::vector<int> all;
    try {
        for (;;) all.push_back(in.recv<int>());
    } catch (const EofError&) {
        return all;
    }
}

void send_numbers(const Connection& out, int count) {
    for (int i = 0; i < count; ++i) out.send(i);
}

void echo_sum(const Connection& end) {
    int sum = 0;
    for (const int n : drain(end)) sum += n;
    std::exit(sum);  // NOLINT(concurrency-mt-unsafe)
}

void wait_for_signal(const Connection& out) {
    out.send(static_cast<int>(::getpid()));
    for (;;) ::pause();
}

TEST_P(PipeEnds, a_moved_end_is_closed_here_when_the_child_has_started) {
    auto [a, b] = Pipe();
    Process child = make(send_numbers, std::move(b), 3);
    child.start();
    EXPECT_TRUE(b.closed());
    EXPECT_EQ(drain(a), (std::vector{0, 1, 2}));
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(PipeEnds, the_end_comes_when_the_child_is_killed) {
    auto [a, b] = Pipe({.duplex = false});
    Process child = start(wait_for_signal, std::move(b));
    EXPECT_GT(a.recv<int>(), 0);
    EXPECT_FALSE(a.poll());
    child.kill();
    EXPECT_TRUE(is_at_end(a));
    child.join();
}

TEST_P(PipeEnds, the_child_sees_the_end_when_the_parent_closes) {
    auto [a, b] = Pipe();
    Process child = start(echo_sum, std::move(b));
    for (int i = 1; i <= 4; ++i) a.send(i);
    a.close();
    child.join();
    EXPECT_EQ(child.exitcode(), 10);
}

TEST_P(PipeEnds, a_copied_end_stays_open_here) {
    auto [a, b] = Pipe();
    Process child = start(send_numbers, b, 2);
    child.join();
    EXPECT_FALSE(b.closed());
    EXPECT_EQ(a.recv<int>(), 0);
    EXPECT_EQ(a.recv<int>(), 1);
    EXPECT_FALSE(a.poll());
    b.close();
    EXPECT_TRUE(is_at_end(a));
}

TEST_P(PipeEnds, an_end_with_another_handle_stays_open_here) {
    auto [a, b] = Pipe();
    const Connection kept = b;
    Process child = start(send_numbers, std::move(b), 1);
    child.join();
    EXPECT_FALSE(kept.closed());
    EXPECT_EQ(a.recv<int>(), 0);
    EXPECT_FALSE(a.poll());
}

TEST_P(PipeEnds, both_ends_may_go) {
    auto [a, b] = Pipe();
    auto exchange = [](const Connection& one, const Connection& other) {
        one.send(20);
        std::exit(other.recv<int>());  // NOLINT(concurrency-mt-unsafe)
    };
    EXPECT_EQ(run(exchange, a, std::move(b)), 20);
    EXPECT_FALSE(a.closed());
    EXPECT_TRUE(is_at_end(a));
}

TEST_P(PipeEnds, two_children_and_nobody_else) {
    auto [a, b] = Pipe();
    Process receiver = make(echo_sum, std::move(a));
    Process sender = make(send_numbers, std::move(b), 5);
    receiver.start();  // while the other end is in the call of the other process
    sender.start();
    sender.join();
    receiver.join();
    EXPECT_EQ(receiver.exitcode(), 10);
}

TEST_P(PipeEnds, in_containers_and_structs) {
    using Ends = std::tuple<std::vector<Connection>, std::map<std::string, Connection>, std::optional<Connection>>;
    auto [a, b] = Pipe();
    auto [c, d] = Pipe();
    auto [e, f] = Pipe();
    auto use = [](const Ends& ends) {
        std::get<0>(ends).at(0).send(1);
        std::get<1>(ends).at("d").send(2);
        std::get<2>(ends)->send(3);
        for (const Connection& end : {std::get<0>(ends).at(0), std::get<1>(ends).at("d"), *std::get<2>(ends)})
            if (!is_at_end(end)) std::abort();
    };
    Ends ends;
    std::get<0>(ends).push_back(std::move(b));
    std::get<1>(ends).emplace("d", std::move(d));
    std::get<2>(ends) = std::move(f);
    Process child = start(use, std::move(ends));
    for (const Connection& end : {a, c, e}) {
        EXPECT_GT(end.recv<int>(), 0);
        end.close();
    }
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(PipeEnds, bound_by_partial) {
    auto [a, b] = Pipe();
    auto use = [](const Connection& end, int first) {
        end.send(first);
        if (!is_at_end(end)) std::abort();
    };
    Process child = start(partial(use, std::move(b)), 4);
    EXPECT_EQ(a.recv<int>(), 4);
    a.close();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(PipeEnds, the_same_end_twice_is_one) {
    auto [a, b] = Pipe();
    auto compare = [](const Connection& one, const Connection& other) {
        one.close();
        std::exit(one == other && other.closed() ? 3 : 4);  // NOLINT(concurrency-mt-unsafe)
    };
    EXPECT_EQ(run(compare, b, b), 3);
}

TEST_P(PipeEnds, descriptors_are_arguments) {
    auto [a, b] = Pipe();
    auto use = [](Descriptor first, const std::vector<Descriptor>& more) {
        for (const int each : {first.get(), more.at(0).get(), more.at(1).get()})
            if (::write(each, "x", 1) != 1) std::abort();
    };
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const Descriptor reader(ends[0]);
    std::vector<Descriptor> more;
    for (int i = 0; i < 2; ++i) more.emplace_back(::fcntl(ends[1], F_DUPFD_CLOEXEC, 0));
    Process child = start(use, Descriptor(ends[1]), std::move(more));
    char buffer[8];
    std::size_t got = 0;
    for (ssize_t size; (size = ::read(reader.get(), buffer, sizeof buffer)) > 0;) got += static_cast<std::size_t>(size);
    EXPECT_EQ(got, 3U);  // and then the end: none is open here
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(PipeEnds, a_start_that_fails_closes_nothing) {
    struct Unsendable {
        std::mutex* mutex;
    };
    auto [a, b] = Pipe();
    Process child = make([](const Connection&, Unsendable) {}, std::move(b), Unsendable{nullptr});
    if (GetParam() == StartMethod::fork) {  // sends nothing
        child.start();
        EXPECT_TRUE(is_at_end(a));
        child.join();
    } else {
        EXPECT_THROW(child.start(), SerializationError);
        EXPECT_FALSE(a.poll());
    }
}

TEST_P(PipeEnds, a_process_that_never_starts) {
    auto [a, b] = Pipe();
    {
        Process child = make(send_numbers, std::move(b), 1);
        EXPECT_FALSE(a.poll());
    }
    EXPECT_TRUE(is_at_end(a));
}

TEST_P(PipeEnds, no_descriptor_stays) {
    auto [a, b] = Pipe();
    run(send_numbers, b, 0);  // a forkserver has been started
    const std::size_t before = count_descriptors();
    for (int i = 0; i < 5; ++i) {
        auto [c, d] = Pipe();
        EXPECT_EQ(run(send_numbers, std::move(d), 3), 0);
        EXPECT_EQ(drain(c).size(), 3U);
    }
    EXPECT_EQ(count_descriptors(), before);
}

// --- What only a forked child inherits ---

TEST_F(PipeEndsOfForks, a_child_has_none_that_was_moved_into_a_process_that_starts_later) {
    auto [a, b] = Pipe();
    auto [stop, stopped] = Pipe();
    Process later(send_numbers, std::move(b), 2);
    Process earlier = start([](const Connection& end) { is_at_end(end); }, std::move(stopped));
    later.start();
    EXPECT_EQ(drain(a), (std::vector{0, 1}));  // although the earlier child lives
    stop.close();
    later.join();
    earlier.join();
}

TEST_F(PipeEndsOfForks, captured_by_value) {
    auto [a, b] = Pipe();
    Process child = start([b = std::move(b)] {
        b.send(1);
        if (!is_at_end(b)) std::abort();
    });
    EXPECT_EQ(a.recv<int>(), 1);
    a.close();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_F(PipeEndsOfForks, captured_by_reference_stays_open) {
    auto [a, b] = Pipe();
    const Connection &first = a, &second = b;
    Process child = start([&] {
        second.send(2);
        std::exit(first.recv<int>());  // NOLINT(concurrency-mt-unsafe)
    });
    child.join();
    EXPECT_EQ(child.exitcode(), 2);
    EXPECT_FALSE(a.closed());
}

TEST_F(PipeEndsOfForks, a_grandchild_inherits_what_its_parent_was_given) {
    auto [a, b] = Pipe();
    auto use = [](const Connection& end) {
        Process grandchild([&] { end.send(1); });
        grandchild.start();
        grandchild.join();
        end.send(grandchild.exitcode().value());
    };
    Process child = start(use, std::move(b));
    EXPECT_EQ(drain(a), (std::vector{1, 0}));
    child.join();
}

TEST_F(PipeEndsOfForks, a_child_made_by_the_programs_own_fork) {
    auto [a, b] = Pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        a.close();
        b.send(3);
        auto [c, d] = Pipe();
        c.send(b);
        d.recv<Connection>().send(4);
        ::_exit(0);
    }
    b.close();
    EXPECT_EQ(drain(a), (std::vector{3, 4}));
    ::waitpid(child, nullptr, 0);
}

// Threads that make and use pipes while others fork.
TEST_F(PipeEndsOfForks, while_other_threads_use_pipes) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&stop] {
            while (!stop) {
                auto [a, b] = Pipe();
                a.send(b);
                b.recv<Connection>();
            }
        });
    auto [blocked, other] = Pipe();
    threads.emplace_back([blocked = blocked] { blocked.recv<int>(); });
    for (int i = 0; i < 20; ++i) {
        auto [a, b] = Pipe();
        Process child = start(
            [](const Connection& end, const Connection& in_use) {
                in_use.close();  // a call of the parent's thread does not keep it open here
                auto [c, d] = Pipe();
                c.send(1);
                end.send(d.recv<int>());
            },
            std::move(b), blocked);
        EXPECT_EQ(drain(a), std::vector{1});
        child.join();
    }
    stop = true;
    other.send(1);
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace cohort::test
