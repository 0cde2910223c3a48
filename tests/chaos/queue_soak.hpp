// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/queue.hpp>
#include <cohort/process/process.hpp>

#include "os/mapping.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace cohort::test {

/// Eight processes that put into and get from three queues. Up to three of them at a time are killed at random moments
/// and replaced, round after round. At the end of each round nobody is left but this process: it takes what is still
/// there, accounts for every item, and measures what the queues have.
class QueueSoak {
public:
    static constexpr std::uint32_t kQueues = 3;
    /// Of a queue: one that is being left, one that is linked, and those of which the dead hold cells.
    static constexpr std::size_t kMostRings = kQueues * 10;
    /// One of a queue of plain items or of jobs, and one of messages.
    struct Number {
        std::uint32_t producer = 0;
        std::uint32_t index = 0;
        std::uint64_t check = 0;
    };
    struct Text {
        std::uint32_t producer = 0;
        std::uint32_t index = 0;
        std::vector<std::uint32_t> words{};
    };

    /// What the tree's memory and this process have when nobody else is left.
    struct Measure {
        std::size_t objects = 0;      ///< in the arena
        std::size_t blocks = 0;       ///< that are no rings
        std::size_t rings = 0;        ///< of all queues
        std::size_t lines = 0;        ///< of the roster, that were ever used
        std::size_t bytes = 0;        ///< how far the segment was ever used
        std::size_t resident = 0;     ///< how much of the segment is in memory
        std::size_t descriptors = 0;  ///< open here

        friend std::ostream& operator<<(std::ostream& out, const Measure& measure);
    };

    QueueSoak();
    /// @returns how many were killed: about `kills`, and all processes at the end
    std::size_t round(std::mt19937& random, std::size_t kills);
    Measure measure() const;
    /// How many items were put and told so, got, and lost with a consumer, in all rounds.
    struct Sums {
        std::uint64_t put = 0;
        std::uint64_t seen = 0;
        std::uint64_t missing = 0;
        std::uint64_t killed_consumers = 0;
    };
    const Sums& sums() const noexcept { return sums_; }

private:
    static constexpr std::uint32_t kProducers = 4;
    static constexpr std::uint32_t kSlots = 8;
    static constexpr std::uint32_t kMostItems = 2'000;  // of one producer in one queue
    static constexpr std::size_t kMostProducers = 128;  // in a round
    static constexpr std::ptrdiff_t kBound = 32;

    // What a producer has to say for itself, and how often each item was seen.
    struct Record {
        std::atomic<std::uint32_t> put[kQueues];
        std::atomic<std::uint8_t> seen[kQueues][kMostItems];
    };
    // What one consumer expects.
    using Next = std::array<std::array<std::uint32_t, kMostProducers>, kQueues>;

    void fill_once();
    void start(std::uint32_t slot);
    void kill(std::span<const std::uint32_t> slots);
    void produce(std::uint32_t producer) const;
    void consume() const;
    bool take_one(std::uint32_t queue, Next& next) const;
    template <class Item>
    bool take_from(const Queue<Item>& queue, std::uint32_t number, Next& next) const;
    void note(std::uint32_t queue, std::uint32_t producer, std::uint32_t index, Next& next) const;
    void account();

    os::Mapping memory_;  ///< of the records: forked children write them, too
    Record* records_;
    Queue<Number> numbers_{kBound};
    Queue<Text> texts_{kBound};
    JoinableQueue<Number> jobs_{kBound};
    std::array<std::optional<Process>, kSlots> processes_;
    std::uint32_t producers_ = 0;
    std::uint64_t killed_consumers_ = 0;
    Sums sums_;
};

/// Rounds of a hundred at most until so many were killed. What there is after the first tenth is what there is at the
/// end.
void soak(std::size_t kills, unsigned seed);

}  // namespace cohort::test
