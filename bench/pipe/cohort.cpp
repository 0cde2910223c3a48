// SPDX-License-Identifier: MIT
#include <cohort/channel/pipe.hpp>
#include <cohort/process/process.hpp>

#include <array>
#include <vector>

#include "contenders.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

using Value = std::array<unsigned char, 64>;

template <class Echo, class Once>
double timed(const Trips& trips, Echo echo, Once once) {
    auto [ours, theirs] = cohort::Pipe();
    cohort::Process child(
        {.start_method = cohort::StartMethod::fork},
        [=](const cohort::Connection& end) mutable {
            pin(trips.place, true);
            for (int i = 0; i <= trips.count; ++i) echo(end);
        },
        std::move(theirs));
    child.start();
    pin(trips.place, false);
    once(ours);
    const double time = seconds([&, end = ours] {
        for (int i = 0; i < trips.count; ++i) once(end);
    });
    child.join();
    return time / trips.count * 1e6;
}

}  // namespace

double cohort_values(const Trips& trips) {
    Value value{1, 2, 3};
    return timed(
        trips, [](const cohort::Connection& end) { end.send(end.recv<Value>()); },
        [&](const cohort::Connection& end) {
            ++value[0];
            end.send(value);
            expect_same(end.recv<Value>() == value);
        });
}

double cohort_bytes(const Trips& trips) {
    std::vector<std::byte> sent(trips.bytes, std::byte{1}), received(trips.bytes);
    return timed(
        trips,
        [bytes = trips.bytes, buffer = std::vector<std::byte>()](const cohort::Connection& end) mutable {
            buffer.resize(bytes);
            end.recv_bytes_into(buffer);
            end.send_bytes(buffer);
        },
        [&](const cohort::Connection& end) {
            sent.front() = static_cast<std::byte>(static_cast<unsigned char>(sent.front()) + 1);
            end.send_bytes(sent);
            end.recv_bytes_into(received);
            expect_same(received == sent);
        });
}

}  // namespace bench
