// SPDX-License-Identifier: MIT
#include "queue/bulk.hpp"

#include <cohort/channel/queue.hpp>
#include <cohort/sync/array.hpp>

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "ring/bare_rings.hpp"
#include "support/child.hpp"
#include "support/cores.hpp"
#include "support/message.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

constexpr int kTrips = 4;

using Bytes = std::vector<std::byte>;

// Each trip has another content.
void fill(std::span<std::byte> bulk, int trip) {
    std::memset(bulk.data(), trip + 1, bulk.size());
}

void check(std::span<const std::byte> sent, std::span<const std::byte> got) {
    if (sent.size() != got.size() || std::memcmp(sent.data(), got.data(), sent.size()) != 0)
        throw std::runtime_error("what came back is not what was sent");
}

/// The mean of some trips after a first one. `once` sends and receives; `sent` and `got` say what.
template <class Sent, class Got, class Once>
double mean_trip(Sent sent, Got got, Once once) {
    double time = 0;
    for (int trip = 0; trip <= kTrips; ++trip) {
        fill(sent(), trip);
        const double spent = seconds(once);
        if (trip != 0) time += spent;
        check(sent(), got());
    }
    return time / kTrips * 1e3;
}

// The heap only grows, and gives nothing back. In a process of its own: malloc cannot be set back.
void keep_freed_memory() {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
}

double by_value() {
    const cohort::Queue<Bytes> there;
    const cohort::Queue<Bytes> back;
    Child child([&] {
        pin(1);
        for (int i = 0; i <= kTrips; ++i) back.put(there.get());
    });
    pin(0);
    Bytes sent(kBulkBytes);
    Bytes got;
    const double time = mean_trip([&] { return std::span(sent); }, [&] { return std::span(got); },
                                  [&] {
                                      there.put(sent);
                                      got = Bytes();  // as a program that has used the one before
                                      got = back.get();
                                  });
    child.wait();
    return time;
}

using Part = MessageOf<std::size_t{256} << 10>;
constexpr std::size_t kParts = kBulkBytes / sizeof(Part);
constexpr std::size_t kUnderWay = 8;
using PartRing = IndexEnds<Part, 2 * kUnderWay, SpinThenSleep>;

// Sends the parts, and receives each when kUnderWay others were sent after it.
void pipeline(PartRing::Sender& there, PartRing::Receiver& back, const std::vector<Part>& sent,
              std::vector<Part>& got) {
    for (std::size_t i = 0; i != kParts + kUnderWay; ++i) {
        if (i < kParts) there.send(sent[i]);
        if (i >= kUnderWay) back.receive(got[i - kUnderWay]);
    }
}

double by_parts() {
    PartRing there;
    PartRing back;
    Child child([&] {
        pin(1);
        PartRing::Receiver from(there);
        PartRing::Sender to(back);
        std::vector<Part> parts(kParts);
        for (std::size_t i = 0; i != (kTrips + 1) * kParts; ++i) {
            Part& part = parts[i % kParts];
            from.receive(part);
            to.send(part);
        }
    });
    pin(0);
    std::vector<Part> sent(kParts);
    std::vector<Part> got(kParts);
    PartRing::Sender to(there);
    PartRing::Receiver from(back);
    const double time =
        mean_trip([&] { return std::as_writable_bytes(std::span(sent)); },
                  [&] { return std::as_bytes(std::span(got)); }, [&] { pipeline(to, from, sent, got); });
    child.wait();
    return time;
}

/// `Turn` has `void give()` and `void take()`: whose turn the buffer is.
template <class Turn>
double in_shared_memory(std::span<std::byte> buffer, Turn& there, Turn& back) {
    Child child([&] {
        pin(1);
        Bytes mine(kBulkBytes);
        for (int i = 0; i <= kTrips; ++i) {
            there.take();
            std::memcpy(mine.data(), buffer.data(), buffer.size());
            std::memcpy(buffer.data(), mine.data(), buffer.size());
            back.give();
        }
    });
    pin(0);
    Bytes sent(kBulkBytes);
    Bytes got(kBulkBytes);
    const double time = mean_trip([&] { return std::span(sent); }, [&] { return std::span(got); },
                                  [&] {
                                      std::memcpy(buffer.data(), sent.data(), buffer.size());
                                      there.give();
                                      back.take();
                                      std::memcpy(got.data(), buffer.data(), buffer.size());
                                  });
    child.wait();
    return time;
}

struct QueueTurn {
    void give() { queue.put(1); }
    void take() { queue.get(); }
    cohort::Queue<int> queue;
};

struct BareTurn {
    using Ends = IndexEnds<MessageOf<64>, 8, SpinThenSleep>;
    void give() { Ends::Sender(ends).send({}); }
    void take() {
        MessageOf<64> message;
        receiver.receive(message);
    }
    Ends ends;
    Ends::Receiver receiver{ends};
};

}  // namespace

double cohort_bulk(bool reused) {
    return figure_apart([=] {
        if (reused) keep_freed_memory();
        return by_value();
    });
}

double pipelined_bulk() {
    return figure_apart(by_parts);
}

double raw_array_bulk() {
    return figure_apart([] {
        const cohort::RawArray<std::byte> buffer(static_cast<std::ptrdiff_t>(kBulkBytes));
        QueueTurn there;
        QueueTurn back;
        return in_shared_memory(buffer.span(), there, back);
    });
}

double mapping_bulk() {
    return figure_apart([] {
        const auto buffer = cohort::os::Mapping::map_anonymous_shared(kBulkBytes);
        BareTurn there;
        BareTurn back;
        return in_shared_memory({buffer.data(), kBulkBytes}, there, back);
    });
}

double memcpy_bulk() {
    return figure_apart([] {
        pin(0);
        Bytes sent(kBulkBytes);
        Bytes got(kBulkBytes);
        return mean_trip([&] { return std::span(sent); }, [&] { return std::span(got); },
                         [&] { std::memcpy(got.data(), sent.data(), kBulkBytes); });
    });
}

}  // namespace bench
