// SPDX-License-Identifier: MIT
// What CPython's _TestPoll, _TestPollEintr, TestIgnoreEINTR and TestWait show, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/wait.hpp>

#include "conformance/start_methods.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestPoll : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestPoll, kEveryStartMethod, name_of);
class TestWait : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestWait, kEveryStartMethod, name_of);

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void send_all(const Connection& out, const std::vector<std::string>& messages) {
    for (const auto& each : messages) out.send_bytes(each);
}

void send_on_request(const Connection& connection, const std::vector<std::string>& messages) {
    for (const auto& each : messages) {
        connection.recv<int>();
        connection.send_bytes(each);
    }
}

TEST_P(TestPoll, empty_string) {
    auto [a, b] = Pipe();
    EXPECT_FALSE(a.poll());
    b.send_bytes("");
    EXPECT_TRUE(a.poll());
    EXPECT_TRUE(a.poll());
}

TEST_P(TestPoll, strings) {
    const std::vector<std::string> messages{"hello", "", "a", "b", "", "bye", "", "lop"};
    auto [a, b] = Pipe();
    Process child = start(send_on_request, std::move(b), messages);
    for (const auto& each : messages) {
        EXPECT_FALSE(a.poll());
        a.send(0);
        EXPECT_TRUE(a.poll(forever));
        EXPECT_EQ(text_of(a.recv_bytes()), each);
    }
    child.join();
}

void poll_once(const Connection& in) {
    if (!in.poll(forever)) std::abort();
}

// To look takes nothing out.
TEST_P(TestPoll, boundaries) {
    auto [in, out] = Pipe({.duplex = false});
    Process child = start(poll_once, in);
    out.send_bytes("first");
    out.send_bytes("second");
    out.close();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(text_of(in.recv_bytes()), "first");
    EXPECT_EQ(text_of(in.recv_bytes()), "second");
}

TEST_P(TestPoll, dont_merge) {
    auto [a, b] = Pipe();
    EXPECT_FALSE(a.poll(0s));
    EXPECT_FALSE(a.poll(10ms));
    const std::vector<std::string> messages{"a", "b", "cd"};
    Process child = start(send_all, std::move(b), messages);
    for (const auto& each : messages) {
        EXPECT_TRUE(a.poll(forever));
        EXPECT_TRUE(a.poll(0s));
        EXPECT_EQ(text_of(a.recv_bytes()), each);
    }
    child.join();
}

void ignore_signal(int) {}

void answer_through_signals(const Connection& connection) {
    std::signal(SIGUSR1, ignore_signal);
    connection.send("ready");
    connection.send(connection.recv<int>());
    connection.send(std::string(10000000, 'x'));  // more than the pipe has room for
    if (connection.poll(forever)) connection.send(connection.recv<int>());
    wait({connection});
    connection.send(connection.recv<int>());
}

// Signals come while the child waits to receive, to send, in poll() and in wait().
TEST_P(TestPoll, signals_end_no_call) {
    auto [connection, child_end] = Pipe();
    Process child = start(answer_through_signals, std::move(child_end));
    EXPECT_EQ(connection.recv<std::string>(), "ready");
    const auto signal_often = [&] {
        for (int i = 0; i < 20; ++i) {
            ::kill(*child.pid(), SIGUSR1);
            std::this_thread::yield();
        }
    };
    signal_often();
    connection.send(1);
    EXPECT_EQ(connection.recv<int>(), 1);
    signal_often();
    EXPECT_EQ(connection.recv<std::string>().size(), 10000000U);
    for (int i = 2; i < 4; ++i) {
        signal_often();
        connection.send(i);
        EXPECT_EQ(connection.recv<int>(), i);
    }
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

using Message = std::pair<int, int>;

void send_ten(const Connection& out, const Connection& pace) {
    for (int i = 0; i < 10; ++i) {
        if (!pace.closed()) pace.recv<int>();
        out.send(Message{i, static_cast<int>(::getpid())});
    }
}

class Waiting : public TestWait {
protected:
    /// Ten messages from each of four children: those of all, in order.
    void expect_all(bool slowly) {
        std::vector<Connection> readers, pacers;
        std::vector<Process> children;
        for (int i = 0; i < 4; ++i) {
            auto [reader, writer] = Pipe({.duplex = false});
            auto [paced, pacer] = Pipe({.duplex = false});
            children.push_back(make(send_ten, std::move(writer), std::move(paced)));
            children.back().start();
            readers.push_back(reader);
            pacers.push_back(pacer);
            if (!slowly)
                for (int n = 0; n < 10; ++n) pacer.send(n);
        }
        std::vector<Message> messages, expected;
        for (std::size_t turn = 0; !readers.empty(); ++turn) {
            if (slowly && turn < 40) pacers[turn % 4].send(0);
            for (const Waitable& ready : wait(readers)) receive(ready, readers, messages);
        }
        std::ranges::sort(messages);
        for (int i = 0; i < 10; ++i)
            for (auto& child : children) expected.emplace_back(i, *child.pid());
        std::ranges::sort(expected);
        EXPECT_EQ(messages, expected);
        for (auto& child : children) child.join();
    }

private:
    static void receive(const Waitable& ready, std::vector<Connection>& readers, std::vector<Message>& messages) {
        const auto reader = std::ranges::find_if(readers, [&](const Connection& each) { return ready == each; });
        try {
            messages.push_back(reader->recv<Message>());
        } catch (const EofError&) {
            readers.erase(reader);
        }
    }
};
INSTANTIATE_TEST_SUITE_P(, Waiting, kEveryStartMethod, name_of);

TEST_P(Waiting, wait) {
    expect_all(false);
}

TEST_P(Waiting, wait_slow) {
    expect_all(true);
}

void write_numbers(const Descriptor& socket) {
    for (int i = 0; i < 10; ++i) {
        const std::string line = std::to_string(i) + "\n";
        if (::write(socket.get(), line.data(), line.size()) < 0) std::abort();
    }
}

TEST_P(TestWait, wait_socket) {
    std::vector<std::pair<Descriptor, std::string>> readers;
    std::vector<Process> children;
    for (int i = 0; i < 4; ++i) {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        readers.emplace_back(Descriptor(ends[0]), "");
        children.push_back(make(write_numbers, Descriptor(ends[1])));
        children.back().start();
    }
    for (std::size_t open = readers.size(); open > 0;) {
        std::vector<Waitable> waited;
        for (const auto& [socket, text] : readers)
            if (socket) waited.emplace_back(socket);
        for (const Waitable& ready : wait(waited)) {
            char buffer[32];
            const auto got = ::read(ready.descriptor(), buffer, sizeof buffer);
            auto& [socket, text] = *std::ranges::find_if(
                readers, [&](const auto& each) { return each.first.get() == ready.descriptor(); });
            if (got > 0) {
                text.append(buffer, static_cast<std::size_t>(got));
            } else {
                socket.reset();
                --open;
            }
        }
    }
    for (auto& [socket, text] : readers) EXPECT_EQ(text, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    for (auto& child : children) child.join();
}

TEST_P(TestWait, wait_timeout) {
    auto [a, b] = Pipe();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(wait({a, b}, 50ms).empty());
    EXPECT_GE(std::chrono::steady_clock::now() - before, 50ms);
    b.send(0);
    EXPECT_EQ(wait({a, b}, 20s), std::vector<Waitable>{a});
    EXPECT_TRUE(wait({b}, -1s).empty());
}

void wait_for_a_message(const Connection& connection) {
    connection.send(0);
    connection.recv<int>();
}

// For a sentinel and for the process that has it.
TEST_P(TestWait, wait_integer) {
    auto [a, b] = Pipe();
    auto [release, released] = Pipe();
    Process child = start(wait_for_a_message, std::move(released));
    release.recv<int>();
    const std::vector<Waitable> all{a, child.sentinel(), b};
    EXPECT_TRUE(wait(all, 20ms).empty());
    EXPECT_TRUE(wait({a, child, b}, 0s).empty());
    release.send(0);
    EXPECT_EQ(wait(all), std::vector<Waitable>{child.sentinel()});
    EXPECT_EQ(wait({a, child, b}), std::vector<Waitable>{child});
    EXPECT_TRUE(wait({child}).front() == child);
    a.send(0);
    EXPECT_EQ(wait(all), (std::vector<Waitable>{child.sentinel(), b}));
    b.send(0);
    EXPECT_EQ(wait(all), all);
    child.join();
    EXPECT_EQ(wait({child}), std::vector<Waitable>{child});
}

TEST_P(TestWait, a_process_that_was_not_started) {
    Process child = make(poll_once, Connection());
    EXPECT_THROW(wait({child}), ValueError);
}

}  // namespace
}  // namespace cohort::test
