// SPDX-License-Identifier: MIT
#pragma once

#include "shm/queue_core.hpp"
#include "shm/roster.hpp"
#include "shm/segment.hpp"

#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <vector>

namespace cohort::test {

/// A queue of numbered items, its roster and the memory of its rings in a segment that a test shares with the children
/// it forks. Each item is its number twice, so that a torn one is seen.
class QueueWorld {
public:
    static constexpr std::uint32_t kLines = 16;

    /// @param bytes what there is for rings; all of it is given memory now
    explicit QueueWorld(const shm::QueueCore::Options& options, std::size_t bytes = std::size_t{1} << 20)
        : segment_(shm::Segment::create("cohort-test", shm::Segment::kFirstOffset + 16'384 + bytes)),
          roster(formatted_roster()),
          queue_at_(segment_.carve(shm::QueueCore::bytes(options))) {
        segment_.populate(0, segment_.size());
        shm::QueueCore::format(segment_.at(queue_at_), options, rings());
        queue.emplace(segment_.at(queue_at_), rings(), roster, &QueueWorld::note_lost, this);
    }

    shm::RingMemory rings() {
        return {segment_.at(0), this,
                [](void* context, std::size_t bytes) -> shm::RingMemory::Fresh {
                    auto& world = *static_cast<QueueWorld*>(context);
                    if (world.refuse_memory) throw std::bad_alloc();
                    return {world.segment_.carve(bytes), 0};
                },
                nullptr, nullptr};
    }

    /// One put, of the number; false if there was no room.
    bool put(std::uint64_t number, shm::Owner me, shm::QueueCore::Until until = shm::QueueCore::Until::value_type()) {
        const auto cell = queue->claim(me, until);
        last_status = cell.status;
        if (!cell) return false;
        write(cell, 0, number);
        queue->commit(cell);
        return true;
    }
    /// One get; 0 if there was none.
    std::uint64_t get(shm::Owner me, shm::QueueCore::Until until = shm::QueueCore::Until::value_type()) {
        const auto cell = queue->take(me, until);
        last_status = cell.status;
        if (!cell) return 0;
        const std::uint64_t number = read(cell);
        queue->release(cell);
        return number;
    }
    void write(const shm::QueueCore::Stretch& cells, std::uint32_t index, std::uint64_t number) const {
        const std::uint64_t numbers[2] = {number, number};
        std::memcpy(queue->data(cells, index), numbers, sizeof numbers);
    }
    /// ~0 if it is torn.
    std::uint64_t read(const shm::QueueCore::Stretch& cells, std::uint32_t index = 0) const {
        return number_in(queue->data(cells, index));
    }
    static std::uint64_t number_in(const std::byte* data) noexcept {
        std::uint64_t numbers[2];
        std::memcpy(numbers, data, sizeof numbers);
        return numbers[0] == numbers[1] ? numbers[0] : ~std::uint64_t{0};
    }

    std::span<const std::byte> memory() const { return {segment_.at(0), segment_.size()}; }

    static void note_lost(void* context, std::uint64_t, const std::byte* data) noexcept {
        static_cast<QueueWorld*>(context)->lost.push_back(number_in(data));
    }

private:
    std::byte* formatted_roster() {
        std::byte* memory = segment_.at(segment_.carve(shm::Roster::bytes(kLines)));
        segment_.populate(0, segment_.size());
        shm::Roster::format(memory, kLines);
        return memory;
    }

    shm::Segment segment_;

public:
    shm::Roster roster;

private:
    std::size_t queue_at_;

public:
    std::optional<shm::QueueCore> queue;
    bool refuse_memory = false;
    shm::RingStatus last_status = shm::RingStatus::done;
    std::vector<std::uint64_t> lost;  ///< what repairs of this process have shown
};

}  // namespace cohort::test
