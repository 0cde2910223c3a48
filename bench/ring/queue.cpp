// SPDX-License-Identifier: MIT
// cohort's queue: the chain of rings with its own waiting. As many items as the rings beside it have cells.
#include "os/mapping.hpp"
#include "shm/queue_core.hpp"
#include "shm/roster.hpp"
#include "transport.hpp"

#include <cstring>
#include <new>

namespace bench {

namespace {

using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::shm::RingMemory;
using cohort::shm::Roster;

constexpr std::uint32_t kLines = 4;
constexpr std::size_t kQueueAt = 4096;
constexpr std::size_t kRingsAt = 8192;
constexpr std::size_t kBytes = std::size_t{2} << 20;

template <std::uint64_t maxsize>
struct QueueEnds {
    static constexpr QueueCore::Options kOptions{64, kCells, kCells, maxsize};
    cohort::os::Mapping memory = cohort::os::Mapping::map_anonymous_shared(kBytes);
    std::size_t carved = kRingsAt;

    QueueEnds() {
        memory.populate(0, kBytes);
        Roster::format(memory.data(), kLines);
        Roster roster(memory.data());
        for (std::uint32_t i = 0; i != kLines; ++i) roster.reserve();
        QueueCore::format(memory.data() + kQueueAt, kOptions, rings());
    }
    RingMemory rings() {
        return {memory.data(), this,
                [](void* context, std::size_t bytes) -> RingMemory::Fresh {
                    auto& ends = *static_cast<QueueEnds*>(context);
                    const std::size_t offset = ends.carved;
                    if (bytes > kBytes - offset) throw std::bad_alloc();
                    ends.carved += (bytes + 127) / 128 * 128;
                    return {offset, 0};
                },
                nullptr, nullptr};
    }

    struct End {
        explicit End(QueueEnds& ends)
            : roster(ends.memory.data()), queue(ends.memory.data() + kQueueAt, ends.rings(), roster) {}
        Roster roster;
        QueueCore queue;
    };
    struct Sender : End {
        using End::End;
        void send(const Message& message) {
            const auto cell = End::queue.claim(me, {});
            std::memcpy(End::queue.data(cell), &message, sizeof message);
            End::queue.commit(cell);
        }
        Owner me{1, 1};
    };
    struct Receiver : End {
        using End::End;
        Message receive() {
            const auto cell = End::queue.take(me, {});
            Message message;
            std::memcpy(&message, End::queue.data(cell), sizeof message);
            End::queue.release(cell);
            return message;
        }
        Owner me{2, 1};
    };
};

}  // namespace

std::vector<Contender> queue_contenders() {
    return {{"cohort QueueCore, bounded", false, 8, 8, make_transport<QueueEnds<kCells>>}};
}

}  // namespace bench
