// SPDX-License-Identifier: MIT
// Processes that send and receive through one pipe are killed at random moments, and replaced; the others go on.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/process/process.hpp>

#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

struct Item {
    int sender = 0;
    int number = 0;
    std::vector<std::uint32_t> body{};

    bool is_whole() const {
        for (std::size_t i = 0; i < body.size(); ++i)
            if (body[i] != expected(i)) return false;
        return true;
    }
    void fill() {
        for (std::size_t i = 0; i < body.size(); ++i) body[i] = expected(i);
    }

private:
    std::uint32_t expected(std::size_t i) const {
        return static_cast<std::uint32_t>(sender * 1000003 + number * 17) + static_cast<std::uint32_t>(i);
    }
};

/// What a receiver tells of an item.
struct Seen {
    int receiver = 0;
    int sender = 0;
    int number = 0;
    bool whole = false;
};

Item make_item(int sender, int number, std::size_t words) {
    Item item{sender, number, std::vector<std::uint32_t>(words)};
    item.fill();
    return item;
}

/// Items of all sizes, some longer than a packet, without an end.
void send_items(const Connection& out, int sender) {
    std::minstd_rand random(static_cast<unsigned>(sender));
    for (int number = 0;; ++number)
        out.send(make_item(sender, number, number % 4 == 0 ? random() % 50000 : random() % 100));
}

void receive_items(const Connection& in, const Connection& log, int receiver) {
    try {
        for (;;) {
            const auto item = in.recv<Item>();
            log.send(Seen{receiver, item.sender, item.number, item.is_whole()});
        }
    } catch (const EofError&) {
    }
}

class PipeChaos : public testing::Test {
protected:
    static constexpr int kAtOnce = 3;

    void start_sender() {
        const int number = next_++;
        senders_.emplace_back(send_items, out_, number).start();
    }
    void start_receiver() { receivers_.emplace_back(receive_items, in_, log_out_, next_++).start(); }

    void kill_one(std::vector<Process>& group) {
        const auto victim = group.begin() + static_cast<std::ptrdiff_t>(random_() % group.size());
        victim->kill();
        victim->join();
        EXPECT_EQ(victim->exitcode(), -SIGKILL);
        group.erase(victim);
    }

    /// Takes what the receivers tell: `most` items, or all.
    bool read_log(std::size_t most) {
        try {
            for (; most > 0; --most) note(log_in_.recv<Seen>());
            return true;
        } catch (const EofError&) {
            return false;
        }
    }

    void note(const Seen& seen) {
        EXPECT_TRUE(seen.whole) << "of sender " << seen.sender << ", number " << seen.number;
        auto [place, is_new] = last_.try_emplace({seen.receiver, seen.sender}, seen.number);
        if (!is_new) {
            EXPECT_GT(seen.number, place->second) << "out of order";
            place->second = seen.number;
        }
        EXPECT_TRUE(numbers_[seen.sender].insert(seen.number).second) << "received twice";
    }

    /// Items that are missing between those that were received.
    std::size_t missing() const {
        std::size_t count = 0;
        for (const auto& [sender, numbers] : numbers_)
            count += static_cast<std::size_t>(*numbers.rbegin()) + 1 - numbers.size();
        return count;
    }

    std::minstd_rand random_{20261121};
    std::pair<Connection, Connection> pipe_ = Pipe({.duplex = false});
    std::pair<Connection, Connection> log_ = Pipe({.duplex = false});
    Connection &in_ = pipe_.first, &out_ = pipe_.second, &log_in_ = log_.first, &log_out_ = log_.second;
    std::vector<Process> senders_, receivers_;
    std::map<std::pair<int, int>, int> last_;
    std::map<int, std::set<int>> numbers_;
    int next_ = 0;
};

TEST_F(PipeChaos, what_is_received_is_whole_and_comes_once) {
    for (int i = 0; i < kAtOnce; ++i) start_receiver();
    for (int i = 0; i < kAtOnce; ++i) start_sender();
    const std::size_t kills = repetitions(1000);
    std::size_t receivers_killed = 0;
    for (std::size_t i = 0; i < kills; ++i) {
        ASSERT_TRUE(read_log(random_() % 40));
        if (random_() % 2) {
            kill_one(senders_);
            start_sender();
        } else {
            kill_one(receivers_);
            start_receiver();
            ++receivers_killed;
        }
    }
    while (!senders_.empty()) kill_one(senders_);
    in_.close();
    out_.close();
    log_out_.close();
    while (read_log(1)) {
    }
    for (auto& receiver : receivers_) receiver.join();
    std::size_t received = 0;
    for (const auto& [sender, numbers] : numbers_) received += numbers.size();
    std::cout << kills << " killed, " << received << " items received, " << missing() << " lost with a receiver\n";
    EXPECT_LE(missing(), receivers_killed);  // each had at most one in its hands
    EXPECT_GT(received, kills);
}

// One that is stopped in whatever it does holds up nobody.
TEST_F(PipeChaos, others_go_on_while_some_are_stopped) {
    for (int i = 0; i < kAtOnce; ++i) start_receiver();
    for (int i = 0; i < kAtOnce; ++i) start_sender();
    for (std::size_t i = 0; i < repetitions(200); ++i) {
        const pid_t sender = senders_[random_() % senders_.size()].pid().value();
        const pid_t receiver = receivers_[random_() % receivers_.size()].pid().value();
        ::kill(sender, SIGSTOP);
        ::kill(receiver, SIGSTOP);
        ASSERT_TRUE(read_log(100));
        ::kill(sender, SIGCONT);
        ::kill(receiver, SIGCONT);
    }
    while (!senders_.empty()) kill_one(senders_);
    in_.close();
    out_.close();
    log_out_.close();
    while (read_log(1)) {
    }
    for (auto& receiver : receivers_) receiver.join();
    EXPECT_EQ(missing(), 0U);
}

}  // namespace
}  // namespace cohort::test
