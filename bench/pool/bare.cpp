// SPDX-License-Identifier: MIT
// The bounds: bare ping-pong, a pool of processes over two rings without any bookkeeping for crashes, ranks of Open
// MPI, memcpy, fork.
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "pool/contenders.hpp"
#include "pool/tasks.hpp"
#include "ring/bare_rings.hpp"
#include "support/child.hpp"
#include "support/letterbox.hpp"
#include "support/mpi.hpp"
#include "support/shared.hpp"

namespace bench {

namespace {

struct Item {
    std::int64_t index = 0;  // negative: there are no more
    std::int64_t value = 0;
};

constexpr std::uint32_t kCells = 4096;
using Ends = VyukovEnds<Item, kCells, SleepAtOnce>;

void serve(Ends& tasks, Ends& results) {
    Ends::Receiver in(tasks);
    Ends::Sender out(results);
    for (Item item;;) {
        in.receive(item);
        if (item.index < 0) return;
        item.value = square(item.value);
        out.send(item);
    }
}

// A negative number is the last one.
template <bool kSpins>
double trip_between_processes(Trip trip) {
    Letterbox<long, kSpins> there;
    Letterbox<long, kSpins> back;
    Child child([&] {
        for (long i = there.receive(); i >= 0; i = there.receive()) back.send(square(i));
    });
    const double time = median_trip(trip, [&](long i) {
        there.send(i);
        require(back.receive() == i * i);
    });
    there.send(-1);
    child.wait();
    return time;
}

}  // namespace

double bare_trip(Trip trip) {
    return trip == Trip::asleep ? trip_between_processes<false>(trip) : trip_between_processes<true>(trip);
}

double mpi_map() {
    return figure_of_mpi("pool_mpi", kWorkers + 1, std::to_string(kTasks));
}

// Never more items are under way than a ring holds, so no ring is ever full.
double bare_map() {
    const auto tasks = std::make_unique<Ends>();
    const auto results = std::make_unique<Ends>();
    std::vector<Child> workers;
    for (int i = 0; i != kWorkers; ++i) workers.emplace_back([&] { serve(*tasks, *results); });
    std::vector<long> squares(kTasks);
    Ends::Sender out(*tasks);
    Ends::Receiver in(*results);
    const double time = seconds([&] {
        long sent = 0;
        for (long done = 0; done != kTasks; ++done) {
            if (sent - done <= kCells / 2)
                for (; sent != kTasks && sent - done != kCells; ++sent) out.send({sent, sent});
            Item item;
            in.receive(item);
            squares[static_cast<std::size_t>(item.index)] = item.value;
        }
    });
    for (int i = 0; i != kWorkers; ++i) out.send({-1, 0});
    for (Child& worker : workers) worker.wait();
    for (long i = 0; i != kTasks; ++i) require(squares[static_cast<std::size_t>(i)] == i * i);
    return static_cast<double>(kTasks) / time / 1e3;
}

// The bytes that a pool moves: each argument into a buffer, and from there to its result.
double memcpy_large() {
    static const std::vector<std::vector<char>> from(kLargeTasks, std::vector<char>(kLargeBytes, 'x'));
    static std::vector<std::vector<char>> to(from);
    static std::vector<char> between(kLargeBytes);
    const double time = seconds([&] {
        for (std::size_t i = 0; i != kLargeTasks; ++i) {
            std::memcpy(between.data(), from[i].data(), kLargeBytes);
            std::memcpy(to[i].data(), between.data(), kLargeBytes);
        }
    });
    require(to.back() == from.back());
    return 2.0 * kLargeTasks * kLargeBytes / time / 1e9;
}

double raw_fork() {
    constexpr int kForks = 50;
    const Shared<long> began;
    std::vector<double> times;
    for (int i = 0; i != kForks; ++i) {
        const long begin = now();
        Child([&] { *began = now(); }).wait();
        times.push_back(static_cast<double>(*began - begin) / 1e3);
    }
    return median(times);
}

}  // namespace bench
