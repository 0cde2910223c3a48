// SPDX-License-Identifier: MIT
#include "support/stream.hpp"

#include <sched.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/cores.hpp"
#include "support/shared.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

constexpr std::size_t kMostConsumers = 8;

// What the children of one run share with the parent.
struct Board {
    std::atomic<std::uint32_t> arrived;
    std::atomic<std::uint32_t> go;
    Received received[kMostConsumers];
};

template <class Body>
Child start_child(Board& board, bool pinned, int core, Body body) {
    return Child([&, body] {
        if (pinned) pin(core);
        board.arrived.fetch_add(1);
        while (board.go.load() == 0) ::sched_yield();
        body();
    });
}

void check(const Board& board, std::uint64_t producers, std::uint64_t each) {
    Received all;
    for (const Received& one : board.received) {
        all.count += one.count;
        all.sum += one.sum;
        all.disorder += one.disorder;
        all.torn += one.torn;
    }
    if (all.count == each * producers && all.sum == each * (each + 1) / 2 * producers && all.disorder == 0 &&
        all.torn == 0)
        return;
    throw std::runtime_error("wrong: " + std::to_string(all.count) + " messages of " +
                             std::to_string(each * producers) + ", sum " + std::to_string(all.sum) + ", " +
                             std::to_string(all.disorder) + " out of order, " + std::to_string(all.torn) + " torn");
}

}  // namespace

double run_stream(Transport& transport, const Crowd& crowd, std::uint64_t messages) {
    const std::uint64_t each = messages / crowd.producers;
    const Shared<Board> board;
    std::vector<Child> producers;
    std::vector<Child> consumers;
    for (std::uint32_t i = 0; i != crowd.producers; ++i)
        producers.push_back(start_child(*board, crowd.pinned, 0, [&, i] { transport.produce(i, each); }));
    for (std::uint32_t i = 0; i != crowd.consumers; ++i)
        consumers.push_back(start_child(*board, crowd.pinned, 1, [&, i] { board->received[i] = transport.consume(); }));
    while (board->arrived.load() != crowd.producers + crowd.consumers) ::sched_yield();
    const double time = seconds([&] {
        board->go.store(1);
        for (Child& child : producers) child.wait();
        for (std::size_t i = 0; i != consumers.size(); ++i) transport.end();
        for (Child& child : consumers) child.wait();
    });
    check(*board, crowd.producers, each);
    return static_cast<double>(each * crowd.producers) / time;
}

}  // namespace bench
