// SPDX-License-Identifier: MIT
// Long messages that go through a window from the producer to the reader, and what is left when one of them stops.
#include <cohort/channel/queue.hpp>

#include "channel/cut_through.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using channel::cut_through_sizes;
using channel::QueueEnd;
using channel::ShownWord;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Numbers = std::vector<int>;

Numbers many_numbers(int first = 7) {
    Numbers numbers(10'000);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

constexpr std::size_t kPiece = 1024;
constexpr std::size_t kWindow = 4;
constexpr std::size_t kPieces = (10'000 * sizeof(int) + kPiece - 1) / kPiece;

/// A message that is read as get() does it, but for what happens when a piece of it has been read.
class Hooked final : public serial::GrowingMessage {
public:
    Hooked(std::size_t at, std::function<void()> hook) : at_(at), hook_(std::move(hook)) {}
    void begin(serial::Source& message) override { message_.begin(message); }
    void append(std::span<const std::byte> bytes) override {
        message_.append(bytes);
        if (++pieces_ == at_) hook_();
    }
    void clear() noexcept override { message_.clear(); }
    Numbers read(serial::Source& rest) { return message_.read(rest); }

private:
    serial::GrowingMessageOf<Numbers> message_{};
    std::size_t pieces_ = 0;
    const std::size_t at_;
    const std::function<void()> hook_;
};

template <class Hook>
std::optional<Numbers> get_with(const Queue<Numbers>& queue, std::size_t at, Hook hook, Timeout timeout = forever) {
    Hooked message(at, hook);
    std::optional<Numbers> got;
    const auto read = [&](serial::Source& source) {
        got = message.read(source);
        source.expect_end();
    };
    queue.get_message(read, timeout, &message);
    return got;
}

void stop(const ForkedChild& child) {
    child.kill(SIGSTOP);
    siginfo_t info;
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED), 0);
}

void end(ForkedChild& child) {
    child.kill();
    EXPECT_EQ(child.wait().signal(), SIGKILL);
}

/// In small: so that a message has many pieces, and each put of a long one begins with a reader.
class Streaming : public testing::Test {
protected:
    Streaming() {
        cut_through_sizes.shown = 5'000;
        cut_through_sizes.streamed = 5'000;
        cut_through_sizes.piece = kPiece;
        cut_through_sizes.window = kWindow;
        cut_through_sizes.patience = milliseconds(300);
        cut_through_sizes.for_room = milliseconds(1);
        cut_through_sizes.head_start = seconds(10);
    }
    ~Streaming() override { cut_through_sizes = before_; }

    // Before the producer begins: both sides have all the time they need until the hook.
    static void take_time() {
        cut_through_sizes.patience = seconds(10);
        cut_through_sizes.for_room = seconds(10);
    }
    // In the reader's hook: the producer will not go on.
    static void expect_nothing_more() { cut_through_sizes.patience = milliseconds(20); }

    // The queue is empty and goes on, and no memory has stayed.
    void expect_unharmed() {
        shm::reap_tree();
        EXPECT_EQ(queue_.qsize(), 0U);
        EXPECT_EQ(queue_.lost(), 0U);
        cut_through_sizes.head_start = {};
        queue_.put({1});
        queue_.put(many_numbers(3));
        EXPECT_EQ(queue_.get(), Numbers{1});
        EXPECT_EQ(queue_.get(), many_numbers(3));
        EXPECT_EQ(QueueEnd(queue_.object()).shown().load(), 0U);
        EXPECT_EQ(shm::tree_arena().usage().blocks, blocks_);
    }

    const channel::CutThroughSizes before_ = cut_through_sizes;
    Queue<Numbers> queue_;
    const std::size_t blocks_ = shm::tree_arena().usage().blocks;
};

// What a put that is stopped before its claim has given away needs no cell.
TEST_F(Streaming, an_item_is_handed_over_without_a_cell) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    const auto got = get_with(queue_, kPieces, [&] {
        EXPECT_EQ(queue_.qsize(), 0U);
        stop(producer);
    });
    EXPECT_EQ(got, many_numbers());
    EXPECT_TRUE(ShownWord(QueueEnd(queue_.object()).shown().load()).is_taken());
    EXPECT_EQ(queue_.qsize(), 0U);
    EXPECT_THROW(queue_.get_nowait(), Empty);
    producer.kill(SIGCONT);
    EXPECT_TRUE(producer.wait().success());
    expect_unharmed();
}

struct Odd {
    std::array<char, 12> bytes{};
    friend bool operator==(const Odd&, const Odd&) = default;
};

template <class T>
void echo(const std::vector<T>& messages) {
    const Queue<T> there;
    const Queue<T> back;
    ForkedChild child([&] {
        for (std::size_t i = 0; i != messages.size(); ++i) back.put(there.get());
    });
    for (const T& message : messages) {
        there.put(message);
        EXPECT_EQ(back.get(), message) << message.size();
    }
    EXPECT_TRUE(child.wait().success());
}

TEST_F(Streaming, messages_of_every_size_around_pieces_and_windows) {
    std::vector<std::string> texts;
    std::vector<std::vector<Odd>> odd;
    for (const std::size_t pieces : {5U, 7U, 8U, 9U, 16U, 40U})
        for (const std::size_t more : {0U, 1U, 2U, 11U, 1012U, 1022U, 1023U}) {
            const std::size_t size = pieces * kPiece + more;
            std::string& text = texts.emplace_back(size, 'x');
            for (std::size_t i = 0; i != size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
            auto& items = odd.emplace_back(size / sizeof(Odd));
            for (std::size_t i = 0; i != items.size(); ++i) items[i].bytes.fill(static_cast<char>(i));
        }
    echo(texts);
    echo(odd);
}

TEST_F(Streaming, the_window_begins_where_the_reader_has_come) {
    cut_through_sizes.head_start = {};
    cut_through_sizes.patience = seconds(10);
    echo(std::vector<std::string>(50, std::string(200'000, 'y')));
    for (const std::size_t latest : {0U, 1'000U, 20'000U}) {
        cut_through_sizes.latest = latest;
        echo(std::vector<std::string>(20, std::string(200'000, 'z')));
    }
}

class StreamingUpTo : public Streaming, public testing::WithParamInterface<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(, StreamingUpTo,
                         testing::Values(1, 2, kWindow - 1, kWindow, kWindow + 1, 20, kPieces - 1, kPieces));

TEST_P(StreamingUpTo, a_reader_that_dies_has_taken_nothing) {
    ForkedChild reader([&] { get_with(queue_, GetParam(), [] { ::raise(SIGKILL); }); });
    queue_.put(many_numbers());
    EXPECT_EQ(reader.wait().signal(), SIGKILL);
    EXPECT_EQ(queue_.get(), many_numbers());
    expect_unharmed();
}

TEST_P(StreamingUpTo, a_stopped_reader_does_not_hold_up_the_put) {
    ForkedChild reader([&] { EXPECT_EQ(get_with(queue_, GetParam(), [] { ::raise(SIGSTOP); }), many_numbers(9)); });
    queue_.put(many_numbers());
    EXPECT_EQ(queue_.get(), many_numbers());
    reader.kill(SIGCONT);
    cut_through_sizes.head_start = {};
    queue_.put(many_numbers(9));
    EXPECT_TRUE(reader.wait().success());
    expect_unharmed();
}

// It goes on with what it has read, and gets the item out of its cell.
TEST_P(StreamingUpTo, a_reader_that_was_slow_gets_the_item) {
    ForkedChild reader([&] { EXPECT_EQ(get_with(queue_, GetParam(), [] { ::raise(SIGSTOP); }), many_numbers()); });
    queue_.put(many_numbers());
    EXPECT_EQ(queue_.qsize(), 1U);
    reader.kill(SIGCONT);
    EXPECT_TRUE(reader.wait().success());
    expect_unharmed();
}

TEST_P(StreamingUpTo, a_reader_that_gives_up_has_taken_nothing) {
    ForkedChild reader([&] {
        const auto end = std::chrono::steady_clock::now() + milliseconds(200);
        const auto wait = [&] {
            while (std::chrono::steady_clock::now() < end) ::sched_yield();
        };
        if (!get_with(queue_, GetParam(), wait, milliseconds(200))) ::_exit(7);
    });
    queue_.put(many_numbers());
    // At the last piece it has all, late or not.
    const auto status = reader.wait();
    if (status.code() == 7) {
        EXPECT_EQ(queue_.get(), many_numbers());
    }
    expect_unharmed();
}

// The item that is put after its death ends the get in any case.
TEST_P(StreamingUpTo, a_producer_that_dies_has_put_nothing_or_all) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    const auto got = get_with(queue_, GetParam(), [&] {
        end(producer);
        queue_.put({1, 2, 3});
        expect_nothing_more();
    });
    if (GetParam() + kWindow < kPieces) {
        EXPECT_EQ(got, (Numbers{1, 2, 3}));
    }
    if (got != Numbers{1, 2, 3}) {
        EXPECT_EQ(got, many_numbers());
        EXPECT_EQ(queue_.get(), (Numbers{1, 2, 3}));
    }
    expect_unharmed();
}

// What it had written is somebody else's by then.
TEST_P(StreamingUpTo, what_the_dead_had_shown_is_not_taken) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    const auto got = get_with(queue_, GetParam(), [&] {
        end(producer);
        shm::reap_tree();
        queue_.put({1, 2, 3});
        expect_nothing_more();
    });
    EXPECT_EQ(got, (Numbers{1, 2, 3}));
    expect_unharmed();
}

TEST_P(StreamingUpTo, a_stopped_producer_does_not_hold_up_the_get) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    const bool middle = GetParam() + kWindow < kPieces;
    const auto stop_it = [&] {
        stop(producer);
        expect_nothing_more();
    };
    const auto got = get_with(queue_, GetParam(), stop_it, milliseconds(300));
    EXPECT_TRUE(!got || !middle);
    producer.kill(SIGCONT);
    if (!got) {
        EXPECT_EQ(queue_.get(), many_numbers());
    }
    EXPECT_TRUE(producer.wait().success());
    expect_unharmed();
}

// The item that was put meanwhile comes first only if the producer makes no progress.
TEST_P(StreamingUpTo, another_item_comes_before_that_of_a_stopped_producer) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    const auto got = get_with(queue_, GetParam(), [&] {
        stop(producer);
        queue_.put({1, 2, 3});
        expect_nothing_more();
    });
    if (GetParam() + kWindow < kPieces) {
        EXPECT_EQ(got, (Numbers{1, 2, 3}));
    }
    producer.kill(SIGCONT);
    EXPECT_EQ(queue_.get(), got == many_numbers() ? Numbers({1, 2, 3}) : many_numbers());
    EXPECT_TRUE(producer.wait().success());
    expect_unharmed();
}

TEST_P(StreamingUpTo, other_items_do_not_interrupt_it) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    EXPECT_EQ(get_with(queue_, GetParam(), [&] { queue_.put({1, 2, 3}); }), many_numbers());
    EXPECT_TRUE(producer.wait().success());
    EXPECT_EQ(queue_.get(), (Numbers{1, 2, 3}));
    expect_unharmed();
}

// It was put and taken before the queue was closed.
TEST_P(StreamingUpTo, a_close_in_the_middle_comes_after_it) {
    take_time();
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    EXPECT_EQ(get_with(queue_, GetParam(), [&] { queue_.close(); }), many_numbers());
    EXPECT_TRUE(producer.wait().success());
    EXPECT_THROW(queue_.get(), EofError);
    cut_through_sizes.head_start = {};
    EXPECT_THROW(queue_.put(many_numbers()), ValueError);
    EXPECT_EQ(shm::tree_arena().usage().blocks, blocks_);
}

TEST_F(Streaming, a_close_comes_before_what_a_stopped_producer_puts) {
    take_time();
    ForkedChild producer([&] { EXPECT_THROW(queue_.put(many_numbers()), ValueError); });
    const auto close = [&] {
        stop(producer);
        queue_.close();
        expect_nothing_more();
    };
    EXPECT_THROW(get_with(queue_, 20, close), EofError);
    producer.kill(SIGCONT);
    EXPECT_TRUE(producer.wait().success());
    EXPECT_EQ(shm::tree_arena().usage().blocks, blocks_);
}

// What finds no room in the window goes to its place, and is handed over as well.
TEST_F(Streaming, a_slow_reader_gets_pieces_from_both_places) {
    cut_through_sizes.patience = seconds(10);
    ForkedChild producer([&] { queue_.put(many_numbers()); });
    EXPECT_EQ(get_with(queue_, 10, [] { std::this_thread::sleep_for(milliseconds(50)); }), many_numbers());
    EXPECT_TRUE(producer.wait().success());
    EXPECT_EQ(queue_.qsize(), 0U);
    expect_unharmed();
}

TEST_F(Streaming, a_put_waits_for_a_slow_reader_as_long_as_it_may) {
    ForkedChild reader([&] { get_with(queue_, 10, [] { ::raise(SIGSTOP); }); });
    cut_through_sizes.patience = std::chrono::hours(1);
    EXPECT_TRUE(queue_.try_put(many_numbers(), milliseconds(150)));
    EXPECT_EQ(queue_.get(), many_numbers());
    reader.kill();
    EXPECT_EQ(reader.wait().signal(), SIGKILL);
    expect_unharmed();
}

TEST_F(Streaming, a_queue_with_room_for_one_hands_over) {
    const Queue<Numbers> one(1);
    ForkedChild producer([&] {
        for (int i = 0; i != 20; ++i) one.put(many_numbers(i));
    });
    for (int i = 0; i != 20; ++i) EXPECT_EQ(one.get(), many_numbers(i));
    EXPECT_TRUE(producer.wait().success());
}

// Its items need a cell, so that they can be accounted for.
TEST_F(Streaming, items_of_a_joinable_queue_are_not_handed_over) {
    const JoinableQueue<Numbers> queue;
    ForkedChild reader([&] {
        EXPECT_EQ(queue.get(), many_numbers());
        ::raise(SIGKILL);
    });
    queue.put(many_numbers());
    EXPECT_EQ(reader.wait().signal(), SIGKILL);
    EXPECT_TRUE(queue.join());
    EXPECT_EQ(queue.lost(), 1U);
}

TEST_F(Streaming, items_of_one_producer_stay_in_order) {
    cut_through_sizes.head_start = {};
    constexpr int kItems = 600;
    const auto read_in_order = [&](int readers) {
        const Queue<Numbers> queue;
        std::vector<ForkedChild> children;
        for (int i = 0; i != readers; ++i)
            children.emplace_back([&] {
                int last = -1;
                for (const Numbers& numbers : queue) {
                    EXPECT_GT(numbers.front(), last);
                    last = numbers.front();
                    EXPECT_EQ(numbers.back(), last + static_cast<int>(numbers.size()) - 1);
                }
                EXPECT_TRUE(readers == 2 || last == kItems - 1);
            });
        for (int i = 0; i != kItems; ++i) {
            if (i % 3 == 1)
                queue.put(many_numbers(i));
            else
                queue.put({i});
        }
        queue.close();
        for (ForkedChild& child : children) EXPECT_TRUE(child.wait().success());
    };
    read_in_order(1);
    read_in_order(2);
}

TEST_F(Streaming, each_item_of_two_producers_goes_to_one_of_two_readers) {
    cut_through_sizes.head_start = {};
    constexpr int kItems = 200;
    const Queue<int> seen;
    std::vector<ForkedChild> readers;
    std::vector<ForkedChild> producers;
    for (int i = 0; i != 2; ++i)
        readers.emplace_back([&] {
            for (const Numbers& numbers : queue_) {
                EXPECT_EQ(numbers, many_numbers(numbers.front()));
                seen.put(numbers.front());
            }
        });
    for (int i = 0; i != 2; ++i)
        producers.emplace_back([&, i] {
            for (int item = 0; item != kItems; ++item) queue_.put(many_numbers(2 * item + i));
        });
    for (ForkedChild& producer : producers) EXPECT_TRUE(producer.wait().success());
    queue_.close();
    for (ForkedChild& reader : readers) EXPECT_TRUE(reader.wait().success());
    seen.close();
    std::vector<int> counts(2 * kItems);
    for (const int item : seen) ++counts.at(static_cast<std::size_t>(item));
    EXPECT_EQ(counts, std::vector<int>(2 * kItems, 1));
}

}  // namespace
}  // namespace cohort::test
