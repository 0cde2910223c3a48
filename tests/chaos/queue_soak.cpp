// SPDX-License-Identifier: MIT
#include "chaos/queue_soak.hpp"

#include <cohort/channel/wait.hpp>

#include "channel/queue_end.hpp"
#include "conformance/start_methods.hpp"
#include "shm/tree.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <numeric>
#include <thread>

namespace cohort::test {

namespace {

using Number = QueueSoak::Number;
using Text = QueueSoak::Text;

constexpr std::uint32_t kShort = 10, kLong = 200, kHuge = 25'000;  // in the cell, in a block, in pages of its own

std::uint32_t word(std::uint32_t producer, std::uint32_t index, std::uint32_t at) {
    return (producer * 1'000'003 + index) * 31 + at;
}

Number make_number(std::uint32_t producer, std::uint32_t index) {
    return {producer, index, std::uint64_t{word(producer, index, 0)} << 32 | word(producer, index, 1)};
}

bool is_whole(const Number& item) {
    return item.check == make_number(item.producer, item.index).check;
}

std::uint32_t words_of(std::uint32_t index) {
    if (index % 64 == 63) return kHuge;
    return index % 3 == 0 ? kLong : kShort;
}

Text make_text(std::uint32_t producer, std::uint32_t index, std::uint32_t words) {
    Text text{producer, index, std::vector<std::uint32_t>(words)};
    for (std::uint32_t i = 0; i != words; ++i) text.words[i] = word(producer, index, i);
    return text;
}

bool is_whole(const Text& item) {
    if (item.words.size() != words_of(item.index)) return false;
    for (std::uint32_t i = 0; i != item.words.size(); ++i)
        if (item.words[i] != word(item.producer, item.index, i)) return false;
    return true;
}

// A pause of random length, most often short: that is when the child is being set up, or has just begun.
void linger(std::mt19937& random) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % (1U << random() % 13));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

// In a child nobody hears of a failed expectation.
void require(bool condition, const char* what, std::uint32_t producer, std::uint32_t index) {
    if (condition) return;
    std::cerr << what << ": producer " << producer << ", item " << index << std::endl;
    std::abort();
}

std::size_t rings_of(const shm::SharedHandle& queue) {
    return channel::QueueEnd(queue.object()).core().memory().rings;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const QueueSoak::Measure& measure) {
    return out << measure.objects << " objects, " << measure.blocks << " blocks, " << measure.rings << " rings, "
               << measure.lines << " lines, " << measure.bytes << " bytes, " << measure.resident
               << " of them in memory, " << measure.descriptors << " descriptors";
}

QueueSoak::QueueSoak()
    : memory_(os::Mapping::map_anonymous_shared(kMostProducers * sizeof(Record))),
      records_(reinterpret_cast<Record*>(memory_.data())) {
    fill_once();
}

// As many messages of each size at once as there can ever be: later the arena has room for all.
void QueueSoak::fill_once() {
    for (const std::uint32_t words : {kLong, kHuge}) {
        const Queue<Text> in_hands;
        for (std::uint32_t i = 0; i != 2 * kSlots; ++i) in_hands.put(make_text(0, 0, words));
        for (std::ptrdiff_t i = 0; i != kBound; ++i) texts_.put(make_text(0, 0, words));
        while (texts_.try_get()) {
        }
    }
}

void QueueSoak::start(std::uint32_t slot) {
    const ProcessOptions by_fork{.start_method = StartMethod::fork};
    if (slot < kProducers) {
        ASSERT_LT(producers_, kMostProducers);
        processes_[slot].emplace(by_fork, [this, producer = producers_++] { produce(producer); });
    } else {
        processes_[slot].emplace(by_fork, [this] { consume(); });
    }
    processes_[slot]->start();
}

void QueueSoak::kill(std::span<const std::uint32_t> slots) {
    for (const std::uint32_t slot : slots) processes_[slot]->kill();
    for (const std::uint32_t slot : slots) {
        processes_[slot]->join();
        EXPECT_EQ(processes_[slot]->exitcode(), -SIGKILL);
        processes_[slot].reset();
        if (slot >= kProducers) ++killed_consumers_;
    }
}

void QueueSoak::produce(std::uint32_t producer) const {
    Record& record = records_[producer];
    for (std::uint32_t index = 0; index != kMostItems; ++index) {
        numbers_.put(make_number(producer, index));
        record.put[0] = index + 1;
        texts_.put(make_text(producer, index, words_of(index)));
        record.put[1] = index + 1;
        jobs_.put(make_number(producer, index));
        record.put[2] = index + 1;
    }
    for (;;) ::pause();  // until it is killed
}

void QueueSoak::consume() const {
    Next next{};
    // Now with a wait for all, now with one for each.
    for (std::uint32_t turn = 0;; ++turn) {
        if (turn % 4 != 0)
            take_one(turn % kQueues, next);
        else
            for (const Waitable& ready : wait({numbers_, texts_, jobs_}))
                take_one(ready == numbers_ ? 0 : ready == texts_ ? 1 : 2, next);
    }
}

bool QueueSoak::take_one(std::uint32_t queue, Next& next) const {
    if (queue == 0) return take_from(numbers_, queue, next);
    if (queue == 1) return take_from(texts_, queue, next);
    if (!take_from(jobs_, queue, next)) return false;
    jobs_.task_done();
    return true;
}

template <class Item>
bool QueueSoak::take_from(const Queue<Item>& queue, std::uint32_t number, Next& next) const {
    const auto item = queue.try_get();
    if (!item) return false;
    require(is_whole(*item), "torn", item->producer, item->index);
    note(number, item->producer, item->index, next);
    return true;
}

void QueueSoak::note(std::uint32_t queue, std::uint32_t producer, std::uint32_t index, Next& next) const {
    require(producer < kMostProducers && index < kMostItems, "unknown", producer, index);
    require(index >= next[queue][producer], "out of order", producer, index);
    next[queue][producer] = index + 1;
    require(records_[producer].seen[queue][index].fetch_add(1) == 0, "twice", producer, index);
}

std::size_t QueueSoak::round(std::mt19937& random, std::size_t kills) {
    std::memset(memory_.data(), 0, memory_.size());
    producers_ = 0;
    killed_consumers_ = 0;
    std::array<std::uint32_t, kSlots> slots{};
    std::iota(slots.begin(), slots.end(), 0U);
    for (const std::uint32_t slot : slots) start(slot);
    std::size_t killed = 0;
    while (killed < kills) {
        linger(random);
        std::shuffle(slots.begin(), slots.end(), random);
        const auto victims = std::span(slots).first(1 + random() % 3);
        kill(victims);
        for (const std::uint32_t victim : victims) start(victim);
        killed += victims.size();
    }
    kill(slots);
    account();
    return killed + kSlots;
}

void QueueSoak::account() {
    Next next{};
    for (std::uint32_t queue = 0; queue != kQueues; ++queue)
        while (take_one(queue, next)) {
        }
    EXPECT_EQ(numbers_.qsize(), 0U);
    EXPECT_EQ(texts_.qsize(), 0U);
    EXPECT_EQ(jobs_.qsize(), 0U);
    EXPECT_TRUE(jobs_.join());
    std::uint64_t missing = 0;
    for (std::uint32_t producer = 0; producer != producers_; ++producer)
        for (std::uint32_t queue = 0; queue != kQueues; ++queue) {
            const Record& record = records_[producer];
            const std::uint32_t put = record.put[queue];
            sums_.put += put;
            for (std::uint32_t index = 0; index != kMostItems; ++index) {
                const bool seen = record.seen[queue][index] != 0;
                sums_.seen += seen;
                // One more may be in: its producer died before it could say so.
                EXPECT_TRUE(!seen || index <= put) << "never put: " << producer << ", " << index;
                if (!seen && index < put) ++missing;
            }
        }
    EXPECT_LE(missing, killed_consumers_);
    sums_.missing += missing;
    sums_.killed_consumers += killed_consumers_;
    EXPECT_LE(numbers_.lost() + texts_.lost() + jobs_.lost(), sums_.killed_consumers);
}

QueueSoak::Measure QueueSoak::measure() const {
    shm::reap_tree();
    const auto usage = shm::tree_arena().usage();
    const std::size_t rings = rings_of(numbers_) + rings_of(texts_) + rings_of(jobs_);
    struct stat status {};
    EXPECT_EQ(::fstat(shm::tree_descriptor(), &status), 0);
    Measure measure;
    measure.objects = usage.objects;
    measure.blocks = usage.blocks - rings;
    measure.rings = rings;
    measure.lines = shm::tree_arena().roster().used_lines();
    measure.bytes = usage.bytes;
    measure.resident = static_cast<std::size_t>(status.st_blocks) * 512;
    measure.descriptors = count_descriptors();
    return measure;
}

namespace {

// What is there at the end of a round is what was there before the first. A ring that a killed process had begun to add
// is a block until the next one is needed.
void expect_nothing_left(const QueueSoak::Measure& begin, const QueueSoak::Measure& now) {
    EXPECT_EQ(now.objects, begin.objects);
    EXPECT_LE(now.blocks, begin.blocks + QueueSoak::kQueues);
}

// How many rings there were at once is a matter of chance; each process takes a line of the roster that was not used
// yet, with a page of its bitmap, until all were.
void expect_flat(const QueueSoak::Measure& early, const QueueSoak::Measure& now) {
    EXPECT_EQ(now.descriptors, early.descriptors);
    EXPECT_LE(now.rings, QueueSoak::kMostRings);
    const std::size_t for_rings = (now.rings - std::min(now.rings, early.rings)) * shm::Arena::kLarge;
    const std::size_t lines = now.lines - early.lines;
    const std::size_t for_lines =
        lines == 0 ? 0 : lines * (os::page_size() + shm::Roster::kLineBytes) + os::page_size();
    EXPECT_LE(now.bytes, early.bytes + for_rings);
    EXPECT_LE(now.resident, early.resident + for_rings + for_lines);
}

}  // namespace

void soak(std::size_t kills, unsigned seed) {
    std::cout << "seed " << seed << ", " << kills << " kills" << std::endl;
    std::mt19937 random(seed);
    QueueSoak soak;
    const std::size_t in_a_round = std::clamp<std::size_t>(kills / 10, 8, 100);
    std::size_t done = 0;
    const QueueSoak::Measure begin = soak.measure();
    while (done < std::min<std::size_t>(kills / 10, 1000)) done += soak.round(random, in_a_round);
    const QueueSoak::Measure early = soak.measure();
    expect_nothing_left(begin, early);
    std::cout << "after " << done << ": " << early << std::endl;
    while (done < kills && !testing::Test::HasFailure()) {
        done += soak.round(random, in_a_round);
        const QueueSoak::Measure now = soak.measure();
        expect_nothing_left(begin, now);
        expect_flat(early, now);
    }
    const auto& sums = soak.sums();
    std::cout << "after " << done << ": " << soak.measure() << '\n'
              << sums.put << " items were put, " << sums.seen << " seen, " << sums.missing << " lost with "
              << sums.killed_consumers << " consumers" << std::endl;
    EXPECT_GT(sums.seen, kills);
}

}  // namespace cohort::test
