// SPDX-License-Identifier: MIT
#include <cohort/channel/wait.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>

#include "os/eventfd.hpp"
#include "os/file.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <list>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using Ready = std::vector<Waitable>;

TEST(Wait, tells_what_is_ready_in_the_order_given) {
    auto [a, b] = Pipe();
    auto [c, d] = Pipe();
    EXPECT_EQ(wait({a, b, c, d}, 0s), Ready());
    a.send(1);
    c.send(1);
    EXPECT_EQ(wait({d, a, b, c}), (Ready{d, b}));
    EXPECT_TRUE(wait({d, a, b}).front() == d);
    b.recv<int>();
    EXPECT_EQ(wait({a, b, c, d}), Ready{d});
}

TEST(Wait, the_end_counts_as_ready) {
    auto [a, b] = Pipe();
    b.close();
    EXPECT_EQ(wait({a}), Ready{a});
}

TEST(Wait, any_timeout) {
    auto [a, b] = Pipe();
    EXPECT_EQ(wait({a, b}, -1s), Ready());
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(wait({a, b}, 20ms), Ready());
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    a.send(1);
    EXPECT_EQ(wait({a, b}, 1000000000h), Ready{b});
}

TEST(Wait, for_nothing) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(wait({}, 20ms), Ready());
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    EXPECT_EQ(wait(std::vector<Connection>(), 0s), Ready());
}

TEST(Wait, for_descriptors) {
    const Descriptor zero = os::open_file("/dev/zero", 0);
    auto [a, b] = Pipe();
    EXPECT_EQ(wait({a, zero}), Ready{zero});
    EXPECT_EQ(wait({a, zero.get()}), Ready{zero.get()});
    EXPECT_THROW(wait({-1}, 0s), ValueError);
    EXPECT_THROW(wait({Descriptor()}, 0s), ValueError);
    const int closed = os::duplicate(zero.get()).get();
    EXPECT_NE(error_text(EBADF, [&, a = a] { wait({a, closed}, 0s); }), "");
}

TEST(Wait, for_containers) {
    auto [a, b] = Pipe();
    const std::list<Connection> list{a, b};
    const std::vector<Connection> vector{a, b};
    const std::vector<Waitable> mixed{a, b, 0};
    a.send(1);
    EXPECT_EQ(wait(list), Ready{b});
    EXPECT_EQ(wait(vector, 0s), Ready{b});
    EXPECT_EQ(wait(mixed).front(), b);
}

TEST(Wait, for_the_same_twice) {
    auto [a, b] = Pipe();
    b.send(1);
    EXPECT_EQ(wait({a, a}), (Ready{a, a}));
}

TEST(Wait, for_a_closed_connection) {
    auto [a, b] = Pipe();
    const Waitable waited = a;
    a.close();
    EXPECT_THROW(wait({a}), ValueError);
    EXPECT_THROW(wait({waited}), ValueError);
}

TEST(Wait, until_another_thread_sends) {
    auto [a, b] = Pipe();
    auto [c, d] = Pipe();
    std::thread sender([d = d] { d.send(1); });
    EXPECT_EQ(wait({a, b, c}), Ready{c});
    sender.join();
}

}  // namespace
}  // namespace cohort::test
