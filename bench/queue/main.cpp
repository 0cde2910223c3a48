// SPDX-License-Identifier: MIT
// cohort::Queue between processes, beside its peers.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "queue/bulk.hpp"
#include "queue/contenders.hpp"
#include "queue/idle.hpp"
#include "queue/trips.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

using Kind = Goal::Kind;
using Cores = Goal::Cores;

/// A workload of streams: its name ends the names of its cases.
struct Row {
    std::string text;
    Crowd crowd;
};

const Row kPairs[] = {{"64 B, 1P-1C, two cores", {1, 1, true}}, {"64 B, 1P-1C, unpinned", {1, 1, false}}};
const Row kTwoProducers[] = {{"64 B, 2P-1C, two cores", {2, 1, true}}, {"64 B, 2P-1C, unpinned", {2, 1, false}}};

void add(Workload& workload, const Row& row, const Contender& contender) {
    workload.add({contender.name + ", " + row.text, "kmsg/s",
                  [run = contender.run, crowd = row.crowd] { return run(crowd) / 1e3; }});
}

void add(Workload& workload, const Row& row, const std::optional<Contender>& contender) {
    if (contender) add(workload, row, *contender);
}

/// `of` is at least `bound` times as fast as `to`.
void at_least(Workload& workload, const Row& row, double bound, const std::string& of, const std::string& to,
              Cores cores = Cores::any) {
    const std::string when = cores == Cores::near ? ", cores near" : cores == Cores::far ? ", cores far" : "";
    workload.add({of + " : " + to + ", " + row.text + when, of + ", " + row.text, to + ", " + row.text, bound,
                  Kind::at_least, cores});
}

void add_pair(Workload& workload, const Row& row) {
    add(workload, row, cohort_queue(kSmall));
    add(workload, row, boost_queue(kSmall));  // next to it, where the cores are most often as near
    add(workload, row, bare_spsc(kSmall));
    add(workload, row, bare_mpmc());
    add(workload, row, cohort_queue_without_bound());
    add(workload, row, zeromq(kSmall));
    add(workload, row, open_mpi(kSmall));
    add(workload, row, posix_queue());
    add(workload, row, raw_pipe());
    add(workload, row, raw_packets());
    add(workload, row, robust_ring());
    if (has_python())
        for (const char* kind : {"Queue", "SimpleQueue", "Pipe"}) add(workload, row, python(kind));

    if (row.crowd.pinned) {
        at_least(workload, row, 1.4, "cohort Queue", "Boost message_queue", Cores::near);
        at_least(workload, row, 1.0, "cohort Queue", "Boost message_queue", Cores::far);
    } else {
        at_least(workload, row, 1.0, "cohort Queue", "Boost message_queue");
    }
    at_least(workload, row, 1.0, "cohort Queue", "ZeroMQ ipc");
    at_least(workload, row, 1.0, "cohort Queue", "Open MPI");
    at_least(workload, row, 0.8, "cohort Queue", "bare SPSC ring");
    at_least(workload, row, 50, "cohort Queue", "CPython Queue");
}

void add_two_producers(Workload& workload, const Row& row) {
    add(workload, row, cohort_queue(kSmall));
    add(workload, row, boost_queue(kSmall));
    add(workload, row, bare_mpmc());
    at_least(workload, row, 1.5, "cohort Queue", "Boost message_queue");
    at_least(workload, row, 0.65, "cohort Queue", "bare MPMC ring");
}

void add_many(Workload& workload, const Row& row) {
    add(workload, row, cohort_queue_many());
    add(workload, row, robust_ring_batched());
    at_least(workload, row, 1.0, "cohort put_many, get_many", "robust-mutex ring, 32 a lock");
    at_least(workload, row, 2.0, "cohort put_many, get_many", "bare SPSC ring");
    at_least(workload, row, 100, "cohort put_many, get_many", "CPython Queue");
}

/// More processes than one pair, against that pair.
void add_crowds(Workload& workload, const Row& pair) {
    const std::string place = pair.crowd.pinned ? ", two cores" : ", unpinned";
    for (const std::uint32_t each : {2U, 4U}) {
        const std::string size = std::to_string(each) + "P-" + std::to_string(each) + "C";
        const Row row{"64 B, " + size + place, {each, each, pair.crowd.pinned}};
        add(workload, row, cohort_queue(kSmall));
        workload.add({"cohort Queue, " + size + " : 1P-1C" + place, "cohort Queue, " + row.text,
                      "cohort Queue, " + pair.text, 0.7, Kind::at_least});
    }
}

void add_large(Workload& workload, const std::string& size, std::size_t bytes) {
    const Row row{size + ", 1P-1C, two cores", {1, 1, true}};
    add(workload, row, cohort_queue(bytes));
    add(workload, row, bare_spsc(bytes));
    add(workload, row, boost_queue(bytes));
    add(workload, row, open_mpi(bytes));
    at_least(workload, row, 0.7, "cohort Queue", "bare SPSC ring");
    at_least(workload, row, 1.0, "cohort Queue", "Boost message_queue");
    at_least(workload, row, 1.0, "cohort Queue", "Open MPI");
}

/// Each way, by the size of a message.
void add_sizes(Workload& workload) {
    for (std::size_t bytes = kSmall; bytes <= kSmall << 18; bytes *= 4) {
        const Row row{"messages of " + std::to_string(bytes) + " B", {1, 1, true}};
        add(workload, row, cohort_queue_of_bytes(bytes));
        add(workload, row, bare_spsc(bytes));
        add(workload, row, boost_queue(bytes));
        add(workload, row, zeromq(bytes));
        add(workload, row, open_mpi(bytes));
        if (has_python()) add(workload, row, python("Queue", bytes));
    }
}

/// Each way, by the number of processes.
void add_pairs(Workload& workload) {
    for (const std::uint32_t each : {1U, 2U, 3U, 4U}) {
        const Row row{std::to_string(each) + " to " + std::to_string(each) + " processes", {each, each, false}};
        add(workload, row, cohort_queue(kSmall));
        add(workload, row, bare_mpmc());
        add(workload, row, boost_queue(kSmall));
        if (has_python()) add(workload, row, python("Queue"));
    }
}

void at_most(Workload& workload, const std::string& text, double bound, const std::string& of, const std::string& to) {
    workload.add({of + " : " + to + ", " + text, of + ", " + text, to + ", " + text, bound});
}

void add_bulk(Workload& workload) {
    const std::string text = "100 MiB there and back";
    workload.add({"cohort Queue, by value, " + text, "ms", [] { return cohort_bulk(true); }});
    workload.add({"cohort Queue, by value, new memory, " + text, "ms", [] { return cohort_bulk(false); }});
    workload.add({"pipelined ring, " + text, "ms", pipelined_bulk});
    workload.add({"one memcpy, " + text, "ms", memcpy_bulk});
    workload.add({"cohort RawArray, " + text, "ms", raw_array_bulk});
    workload.add({"reused mapping, " + text, "ms", mapping_bulk});
    at_most(workload, text, 1.2, "cohort Queue, by value", "pipelined ring");
    at_most(workload, text, 3.0, "cohort Queue, by value", "one memcpy");
    at_most(workload, text, 1.1, "cohort RawArray", "reused mapping");
}

void add_trips(Workload& workload) {
    const std::string same = "round trip, same core, asleep";
    workload.add({"cohort Queue, " + same, "us", [] { return cohort_trip(Place::same_core); }});
    workload.add({"futex pair, " + same, "us", [] { return futex_trip(Place::same_core); }});
    if (has_python()) workload.add({"CPython Queue, " + same, "us", [] { return python_trip(Place::same_core); }});
    if (boost_queue(kSmall))
        workload.add({"Boost message_queue, " + same, "us", [] { return boost_trip(Place::same_core); }});
    if (zeromq(kSmall)) workload.add({"ZeroMQ ipc, " + same, "us", [] { return zeromq_trip(Place::same_core); }});
    at_most(workload, same, 1.3, "cohort Queue", "futex pair");

    const std::string asleep = "round trip, two cores, asleep";
    workload.add({"cohort Queue, " + asleep, "us", cohort_trip_asleep});
    workload.add({"futex pair, " + asleep, "us", futex_trip_asleep});
    at_most(workload, asleep, 1.1, "cohort Queue", "futex pair");

    const std::string at_once = "round trip, two cores, at once";
    workload.add({"cohort Queue, " + at_once, "us", [] { return cohort_trip(Place::two_cores); }});
    workload.add({"spinning pair, " + at_once, "us", spinning_trip});
    workload.add({"futex pair, " + at_once, "us", [] { return futex_trip(Place::two_cores); }});
    if (has_python()) workload.add({"CPython Queue, " + at_once, "us", [] { return python_trip(Place::two_cores); }});
    if (boost_queue(kSmall))
        workload.add({"Boost message_queue, " + at_once, "us", [] { return boost_trip(Place::two_cores); }});
    if (zeromq(kSmall)) workload.add({"ZeroMQ ipc, " + at_once, "us", [] { return zeromq_trip(Place::two_cores); }});
    at_most(workload, at_once, 5.0, "cohort Queue", "spinning pair");
}

void add_idle(Workload& workload) {
    const std::string name = "cohort Queue, idle, each of 100 in get()";
    workload.add({name, "% of core", percent_of_a_core_while_idle});
    workload.add({name + ", a core's time in percent", name, "", 0.1});
}

void name_those_missing(Workload& workload) {
    const std::string reason = "not installed when this was built";
    if (!boost_queue(kSmall)) workload.skip("Boost message_queue", reason);
    if (!zeromq(kSmall)) workload.skip("ZeroMQ ipc", reason);
    if (!open_mpi(kSmall)) workload.skip("Open MPI", reason);
    if (!has_python()) workload.skip("CPython", "no python3");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
    bench::Workload workload("queue", "cohort::Queue between processes, beside its peers");
    workload.watch_cores();
    for (const bench::Row& row : bench::kPairs) bench::add_pair(workload, row);
    for (const bench::Row& row : bench::kTwoProducers) bench::add_two_producers(workload, row);
    bench::add_many(workload, bench::kPairs[0]);
    for (const bench::Row& row : bench::kPairs) bench::add_crowds(workload, row);
    bench::add_large(workload, "64 KiB", bench::kMedium);
    bench::add_large(workload, "1 MiB", bench::kLarge);
    bench::add_bulk(workload);
    bench::add_sizes(workload);
    bench::add_pairs(workload);
    bench::add_trips(workload);
    bench::add_idle(workload);
    bench::name_those_missing(workload);
    return workload.run(argc, argv);
}
