// SPDX-License-Identifier: MIT
// Kills a process at every point of operations as users call them: on queues with messages of any size and with handles
// in them, values, pipes. What they are made of has trials of its own.
#include "chaos/kill_everywhere.hpp"
#include "os/memfd_message.hpp"
#include "shm/arena.hpp"
#include "shm/tree.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using cohort::JoinableQueue;
using cohort::Lock;
using cohort::Queue;
using cohort::Value;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;

namespace {

/// Watched is what lies beside a small object that is made last: other small ones, and the rings of queues.
class HandleTrial : public cohort::test::KillTrial {
public:
    void prepare() override { cohort::shm::this_process(); }
    std::span<const std::byte> watched() const override {
        constexpr std::uintptr_t kSlab = cohort::shm::Arena::kLarge;
        const std::byte* data = last_.object()->data();
        return {data - reinterpret_cast<std::uintptr_t>(data) % kSlab, kSlab};
    }

protected:
    /// The last thing that a trial makes.
    void watch() { last_ = Lock(); }

private:
    Lock last_{};
};

// --- messages in queues ---

struct Short {
    using Item = std::string;
    static Item item(char letter) { return std::string(10, letter); }
    static bool is(const Item& item, char letter) { return item == Short::item(letter); }
};

/// In a block beside the queue.
struct Long {
    using Item = std::string;
    static Item item(char letter) { return std::string(1000, letter); }
    static bool is(const Item& item, char letter) { return item == Long::item(letter); }
};

/// Names an object, which a parcel holds.
struct Handle {
    using Item = std::pair<char, std::vector<Lock>>;
    static Item item(char letter) { return {letter, {Lock(), Lock()}}; }
    static bool is(const Item& item, char letter) {
        if (item.second.size() != 2) return false;
        Lock lock = item.second.at(1);
        const std::scoped_lock guard(lock);  // it is there
        return item.first == letter;
    }
};

/// Brings a descriptor, which the depot keeps.
struct Open {
    using Item = std::pair<char, cohort::Descriptor>;
    static Item item(char letter) {
        return {letter, cohort::os::memfd_with("item", std::as_bytes(std::span(&letter, 1)))};
    }
    static bool is(const Item& item, char letter) {
        const auto content = cohort::os::memfd_content(item.second.get());
        return item.first == letter && content && content->size() == 1 && static_cast<char>(content->front()) == letter;
    }
};

template <class Kind>
class QueueTrial : public HandleTrial {
public:
    QueueTrial() {
        // What starts once begins here: a depot.
        put('c');
        get();
        queue_.task_done();
        this->watch();
    }
    std::span<const std::byte> also_watched() const override {
        constexpr std::size_t kHeadAndFirstLines = 2048;
        return {queue_.object()->data(), kHeadAndFirstLines};
    }

    bool is_answered() const override { return std::is_same_v<Kind, Open>; }  // by the depot

protected:
    void put(char letter) { queue_.put(Kind::item(letter)); }
    // 0: there is none.
    char get() {
        const auto item = queue_.try_get();
        if (!item) return 0;
        for (const char letter : {'a', 'b', 'c'})
            if (Kind::is(*item, letter)) return letter;
        ADD_FAILURE() << "a torn item";
        return '?';
    }
    void check_use() {
        EXPECT_EQ(get(), 0);
        EXPECT_EQ(queue_.qsize(), 0U);
        for (int i = 0; i != 70; ++i) {
            put('a');
            put('b');
            EXPECT_EQ(get(), 'a');
            EXPECT_EQ(get(), 'b');
        }
        EXPECT_EQ(get(), 0);
    }

    JoinableQueue<typename Kind::Item> queue_{};
};

template <class Kind>
class PutTrial : public QueueTrial<Kind> {
public:
    PutTrial() { this->put('a'); }
    void prepare() override {
        QueueTrial<Kind>::prepare();
        item_.emplace(Kind::item('b'));
    }
    void operate() override { this->queue_.put(*item_); }
    void check(const KillPoint& point) override {
        EXPECT_EQ(this->get(), 'a');
        const char next = this->get();
        EXPECT_TRUE(next == 0 || next == 'b') << next;
        if (point.number == 0) {
            EXPECT_EQ(next, 0);
        }
        if (point.last) {
            EXPECT_EQ(next, 'b');
        }
        EXPECT_EQ(this->queue_.lost(), 0U);
        this->check_use();
    }

private:
    std::optional<typename Kind::Item> item_{};
};

template <class Kind>
class GetTrial : public QueueTrial<Kind> {
public:
    GetTrial() {
        this->put('a');
        this->put('b');
    }
    void operate() override { this->queue_.get(); }
    void check(const KillPoint& point) override {
        char next = this->get();
        std::size_t mine = next != 0;
        EXPECT_TRUE(next == 'a' || next == 'b') << next;
        const bool was_taken = next == 'b';
        if (point.number == 0) {
            EXPECT_FALSE(was_taken);
        }
        if (point.last) {
            EXPECT_TRUE(was_taken);
        }
        if (!was_taken) {
            next = this->get();
            EXPECT_EQ(next, 'b');
            ++mine;
        }
        // What the dead one had taken is done, and lost.
        EXPECT_EQ(this->queue_.lost(), was_taken ? 1U : 0U);
        for (; mine != 0; --mine) {
            EXPECT_FALSE(this->queue_.join(std::chrono::seconds(0)));
            this->queue_.task_done();
        }
        EXPECT_TRUE(this->queue_.join(std::chrono::seconds(0)));
        EXPECT_THROW(this->queue_.task_done(), cohort::ValueError);
        this->check_use();
    }
};

class TaskDoneTrial : public QueueTrial<Short> {
public:
    TaskDoneTrial() {
        put('a');
        put('b');
    }
    void prepare() override {
        QueueTrial::prepare();
        queue_.get();
        queue_.get();
    }
    void operate() override { queue_.task_done(); }
    void check(const KillPoint& point) override {
        EXPECT_TRUE(queue_.join(std::chrono::seconds(0)));
        const std::size_t lost = queue_.lost();
        EXPECT_TRUE(lost == 1 || lost == 2) << lost;
        if (point.number == 0) {
            EXPECT_EQ(lost, 2U);
        }
        if (point.last) {
            EXPECT_EQ(lost, 1U);
        }
        EXPECT_THROW(queue_.task_done(), cohort::ValueError);
        check_use();
    }
};

TEST(KillEverywhere, who_puts_a_message) {
    kill_everywhere_in<PutTrial<Short>>("put, a message");
}
TEST(KillEverywhere, who_puts_a_long_message) {
    kill_everywhere_in<PutTrial<Long>>("put, a long message");
}
TEST(KillEverywhere, who_puts_handles) {
    kill_everywhere_in<PutTrial<Handle>>("put, a message with handles");
}
TEST(KillEverywhere, who_puts_a_descriptor) {
    kill_everywhere_in<PutTrial<Open>>("put, a message with a descriptor");
}
TEST(KillEverywhere, who_gets_a_message) {
    kill_everywhere_in<GetTrial<Short>>("get, a message");
}
TEST(KillEverywhere, who_gets_a_long_message) {
    kill_everywhere_in<GetTrial<Long>>("get, a long message");
}
TEST(KillEverywhere, who_gets_handles) {
    kill_everywhere_in<GetTrial<Handle>>("get, a message with handles");
}
TEST(KillEverywhere, who_gets_a_descriptor) {
    kill_everywhere_in<GetTrial<Open>>("get, a message with a descriptor");
}
TEST(KillEverywhere, who_says_that_a_task_is_done) {
    kill_everywhere_in<TaskDoneTrial>("task_done");
}

// --- values ---

struct Point {
    std::array<std::int64_t, 3> coordinates{};
    friend bool operator==(const Point&, const Point&) = default;
};

template <class T>
class SetValueTrial : public HandleTrial {
public:
    SetValueTrial() { watch(); }
    void operate() override { value_.set_value(kNew); }
    void check(const KillPoint& point) override {
        EXPECT_TRUE(value_.get_lock().acquire());
        const T found = value_.value();
        EXPECT_TRUE(found == kOld || found == kNew);
        if (point.number == 0) {
            EXPECT_EQ(found, kOld);
        }
        if (point.last) {
            EXPECT_EQ(found, kNew);
        }
        value_.get_lock().release();
        value_.set_value(kOld);
        EXPECT_EQ(value_.value(), kOld);
    }

private:
    static constexpr T kOld{{{1, 2, 3}}};
    static constexpr T kNew{{{4, 5, 6}}};
    Value<T> value_{kOld};
};

TEST(KillEverywhere, who_sets_a_value) {
    kill_everywhere_in<SetValueTrial<Point>>("set_value");
}

// --- handles ---

class MakeTrial : public HandleTrial {
public:
    MakeTrial() { watch(); }
    void operate() override {
        Lock lock;
        const Lock copy = lock;
        const std::scoped_lock guard(lock);
    }
    void check(const KillPoint&) override { const Lock lock; }
};

TEST(KillEverywhere, who_makes_and_drops_a_lock) {
    kill_everywhere_in<MakeTrial>("a lock is made and dropped");
}

// --- pipes ---

/// Messages of so many bytes.
template <std::size_t kBytes>
class PipeTrial : public HandleTrial {
public:
    PipeTrial() { watch(); }

protected:
    static std::string text(char letter) { return std::string(kBytes, letter); }
    // 0: the end.
    char receive() {
        try {
            const auto received = ends_.second.template recv<std::string>();
            for (const char letter : {'a', 'b', 'c'})
                if (received == text(letter)) return letter;
            ADD_FAILURE() << "a torn message";
            return '?';
        } catch (const cohort::EofError&) {
            return 0;
        }
    }

    std::pair<cohort::Connection, cohort::Connection> ends_ = cohort::Pipe();
};

template <std::size_t kBytes>
class SendTrial : public PipeTrial<kBytes> {
public:
    void prepare() override {
        PipeTrial<kBytes>::prepare();
        message_ = this->text('a');
    }
    void operate() override { this->ends_.first.send(message_); }
    void check(const KillPoint& point) override {
        this->ends_.first.send(this->text('b'));
        char next = this->receive();
        EXPECT_TRUE(next == 'a' || next == 'b') << next;
        if (point.number == 0) {
            EXPECT_EQ(next, 'b');
        }
        if (point.last) {
            EXPECT_EQ(next, 'a');
        }
        if (next == 'a') {
            EXPECT_EQ(this->receive(), 'b');
        }
        this->ends_.first.close();
        EXPECT_EQ(this->receive(), 0);
    }

private:
    std::string message_{};
};

template <std::size_t kBytes>
class ReceiveTrial : public PipeTrial<kBytes> {
public:
    ReceiveTrial() {
        this->ends_.first.send(this->text('a'));
        this->ends_.first.send(this->text('b'));
    }
    void operate() override { this->ends_.second.template recv<std::string>(); }
    void check(const KillPoint& point) override {
        this->ends_.first.send(this->text('c'));
        char next = this->receive();
        EXPECT_TRUE(next == 'a' || next == 'b') << next;
        if (point.number == 0) {
            EXPECT_EQ(next, 'a');
        }
        if (point.last) {
            EXPECT_EQ(next, 'b');
        }
        if (next == 'a') {
            EXPECT_EQ(this->receive(), 'b');
        }
        EXPECT_EQ(this->receive(), 'c');
        this->ends_.first.close();
        EXPECT_EQ(this->receive(), 0);
    }
};

TEST(KillEverywhere, who_sends) {
    kill_everywhere_in<SendTrial<20>>("send");
}
TEST(KillEverywhere, who_sends_a_long_message) {
    kill_everywhere_in<SendTrial<56'000>>("send, a long message", 3);
}
TEST(KillEverywhere, who_receives) {
    kill_everywhere_in<ReceiveTrial<20>>("recv");
}
TEST(KillEverywhere, who_receives_a_long_message) {
    kill_everywhere_in<ReceiveTrial<56'000>>("recv, a long message", 3);
}

}  // namespace
