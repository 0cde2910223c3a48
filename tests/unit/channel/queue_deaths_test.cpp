// SPDX-License-Identifier: MIT
// What a producer had in memory that dies between two steps of a put.
#include <cohort/channel/queue.hpp>

#include "channel/queue_end.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <string>

namespace cohort::test {
namespace {

enum class Step { allocated, claimed, written, handed_over };

// As put() does it, up to a step.
void die_in_put(const Queue<std::string>& queue, Step last) {
    shm::Arena& arena = shm::tree_arena();
    channel::QueueEnd end(queue.object());
    const auto mine = shm::BlockTag::owned_by(shm::this_process());
    const shm::BlockName block = arena.allocate(mine, 5'000);
    const shm::BlockName parcel = arena.pack(mine, {});
    if (last >= Step::claimed) {
        const auto cell = end.core().claim(shm::this_process(), {});
        const channel::MessageHead head{5'000, block, parcel};
        if (last >= Step::written) std::memcpy(end.core().data(cell), &head, sizeof head);
        const auto queued = shm::BlockTag::queued_in(end.place(), cell.ticket);
        if (last >= Step::handed_over) arena.tag(block).store(queued.raw());
        if (last >= Step::handed_over) arena.tag(parcel).store(queued.raw());
    }
    ::raise(SIGKILL);
}

class QueuePutDeaths : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(, QueuePutDeaths,
                         testing::Values(Step::allocated, Step::claimed, Step::written, Step::handed_over));

TEST_P(QueuePutDeaths, nothing_stays_of_the_item) {
    const Queue<std::string> queue;
    const auto before = shm::tree_arena().usage();
    for (int i = 0; i != 100; ++i) {  // more than a lap
        ForkedChild child([&] { die_in_put(queue, GetParam()); });
        EXPECT_EQ(child.wait().signal(), SIGKILL);
        shm::reap_tree();
        queue.put(std::string(3'000, 'x'));
        EXPECT_EQ(queue.get().size(), 3'000U);
    }
    EXPECT_EQ(queue.qsize(), 0U);
    EXPECT_EQ(shm::tree_arena().usage().blocks, before.blocks);
}

}  // namespace
}  // namespace cohort::test
