// SPDX-License-Identifier: MIT
// What a pool of two workers costs: round trips, trivial tasks, large payloads, uneven tasks, crowds and deaths.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "pool/contenders.hpp"
#include "support/command.hpp"
#include "support/mpi.hpp"
#include "support/workload.hpp"

namespace {

using bench::Trip;
using Kind = bench::Goal::Kind;

constexpr std::size_t kGiB = std::size_t{1} << 30;

constexpr const char* kOneFigure = "--one-figure";

// What is measured in a fresh image of this program: how much memory the process has decides what its forks cost.
const std::map<std::string, std::function<double()>>& figures_apart() {
    static const std::map<std::string, std::function<double()>> all{
        {"cohort, 10 MB there and back", bench::cohort_large},
        {"memcpy, one thread, the same bytes", bench::memcpy_large},
        {"cohort, 10 MB, peak of a worker", bench::cohort_large_peak},
        {"100,000 waiting, last submits against first", bench::waiting_flatness},
        {"100,000 waiting, memory of each", bench::waiting_bytes},
        {"cohort, 64 workers", [] { return bench::cohort_crowd(64); }},
        {"cohort, 256 workers", [] { return bench::cohort_crowd(256); }},
        {"fork, 256 processes", [] { return bench::raw_crowd(256); }},
        {"fork to the child's first instruction", bench::raw_fork},
        {"death to the next task", [] { return bench::cohort_replacement(0, 0); }},
        {"death with 1 GiB to the next task", [] { return bench::cohort_replacement(kGiB, 0); }},
        {"death to the next task, parent of 1 GiB", [] { return bench::cohort_replacement(0, kGiB); }}};
    return all;
}

void add_apart(bench::Workload& workload, const std::string& name, const std::string& unit) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    workload.add({name, unit,
                  [=] { return bench::figure_of_command("'" + program + "' " + kOneFigure + " \"" + name + "\""); }});
}

void add_trips(bench::Workload& workload) {
    workload.add({"cohort, apply, asleep", "us", [] { return bench::cohort_trip(Trip::asleep); }});
    workload.add({"condvar threads, asleep", "us", [] { return bench::condvar_trip(Trip::asleep); }});
    workload.add({"cohort, apply, at once", "us", [] { return bench::cohort_trip(Trip::at_once); }});
    workload.add({"condvar threads, at once", "us", [] { return bench::condvar_trip(Trip::at_once); }});
    workload.add({"futex ping-pong, asleep", "us", [] { return bench::bare_trip(Trip::asleep); }});
    workload.add({"spinning ping-pong, at once", "us", [] { return bench::bare_trip(Trip::at_once); }});
    workload.add({"apply asleep against condvar threads", "cohort, apply, asleep", "condvar threads, asleep", 1.2});
    if (!bench::has_tbb()) return;
    workload.add({"oneTBB enqueue, asleep", "us", [] { return bench::tbb_trip(Trip::asleep); }});
    workload.add({"oneTBB enqueue, at once", "us", [] { return bench::tbb_trip(Trip::at_once); }});
    workload.add({"apply at once against oneTBB enqueue", "cohort, apply, at once", "oneTBB enqueue, at once", 3});
}

void add_rates(bench::Workload& workload) {
    const std::string map_1 = "cohort, map, chunksize 1";
    workload.add({map_1, "ktask/s", [] { return bench::cohort_map(1); }});
    workload.add({"bare rings, map", "ktask/s", bench::bare_map});
    workload.add({"cohort, map", "ktask/s", [] { return bench::cohort_map(0); }});
    workload.add({"cohort, apply_async and get", "ktask/s", bench::cohort_apply_async});
    workload.add({"cohort, imap_unordered", "ktask/s", bench::cohort_imap_unordered});
    workload.add({"chunksize 1 against bare rings", map_1, "bare rings, map", 0.6, Kind::at_least});
    if (bench::has_mpi())
        workload.add({"Open MPI, map", "ktask/s", bench::mpi_map});
    else
        workload.skip("Open MPI", "not installed when this was built");
    if (!bench::has_tbb()) return workload.skip("oneTBB", "not installed when this was built");
    workload.add({"oneTBB task_group", "ktask/s", bench::tbb_task_group});
    workload.add({"chunksize 1 against oneTBB task_group", map_1, "oneTBB task_group", 1.2, Kind::at_least});
}

void add_python(bench::Workload& workload) {
    if (!bench::has_python()) return workload.skip("CPython", "no python3");
    const auto add = [&](const std::string& name, const std::string& what) {
        workload.add({"CPython, " + name, "ktask/s", [what] { return bench::python_rate(what); }});
    };
    const auto at_least = [&](double bound, const std::string& ours, const std::string& theirs) {
        workload.add(
            {ours + " against CPython's " + theirs, "cohort, " + ours, "CPython, " + theirs, bound, Kind::at_least});
    };
    add("map, chunksize 1", "map_1");
    add("map", "map");
    add("apply_async", "apply_async");
    add("executor.submit", "submit");
    add("imap_unordered", "imap_unordered");
    at_least(150, "map, chunksize 1", "map, chunksize 1");
    at_least(10, "map", "map");
    at_least(50, "apply_async and get", "apply_async");
    at_least(100, "apply_async and get", "executor.submit");
    at_least(50, "imap_unordered", "imap_unordered");
}

/// Each way to run a task, by its size.
void add_sizes(bench::Workload& workload) {
    for (const int each : {1, 3, 10, 30, 100, 300, 1000, 3000, 10000}) {
        const std::chrono::microseconds size(each);
        const auto add = [&](const std::string& name, std::function<double()> run) {
            workload.add({name + ", tasks of " + std::to_string(each) + " us", "task/s", std::move(run)});
        };
        add("cohort, chunksize 1", [=] { return bench::cohort_busy(size, 1); });
        add("cohort", [=] { return bench::cohort_busy(size, 0); });
        if (bench::has_tbb()) add("oneTBB task_group", [=] { return bench::tbb_busy(size); });
        if (!bench::has_python()) continue;
        add("CPython, chunksize 1", [=] { return bench::python_busy(size, 1); });
        add("CPython", [=] { return bench::python_busy(size, 0); });
    }
}

void add_large(bench::Workload& workload) {
    add_apart(workload, "cohort, 10 MB there and back", "GB/s");
    add_apart(workload, "memcpy, one thread, the same bytes", "GB/s");
    add_apart(workload, "cohort, 10 MB, peak of a worker", "payloads");
    workload.add({"10 MB against memcpy", "cohort, 10 MB there and back", "memcpy, one thread, the same bytes", 0.6,
                  Kind::at_least});
    workload.add({"10 MB, memory of a worker", "cohort, 10 MB, peak of a worker", "", 3});
}

void add_uneven(bench::Workload& workload) {
    workload.add({"cohort, uneven", "x ideal", [] { return bench::cohort_uneven(0); }});
    workload.add({"cohort, uneven, chunksize 1", "x ideal", [] { return bench::cohort_uneven(1); }});
    workload.add({"threads, uneven", "x ideal", bench::threads_uneven});
    workload.add({"uneven tasks against the ideal", "cohort, uneven", "", 1.05});
    workload.add({"uneven tasks against threads", "cohort, uneven", "threads, uneven", 1.02});
}

void add_crowds(bench::Workload& workload) {
    add_apart(workload, "100,000 waiting, last submits against first", "x");
    add_apart(workload, "100,000 waiting, memory of each", "bytes");
    add_apart(workload, "cohort, 64 workers", "ms");
    add_apart(workload, "cohort, 256 workers", "ms");
    add_apart(workload, "fork, 256 processes", "ms");
    workload.add({"submits stay flat", "100,000 waiting, last submits against first", "", 1.2});
    workload.add({"memory of a waiting task", "100,000 waiting, memory of each", "", 200});
    workload.add({"256 workers against fork", "cohort, 256 workers", "fork, 256 processes", 2});
    workload.add({"256 workers against 64: four times as many", "cohort, 256 workers", "cohort, 64 workers", 5});
}

void add_deaths(bench::Workload& workload) {
    add_apart(workload, "fork to the child's first instruction", "us");
    add_apart(workload, "death to the next task", "us");
    add_apart(workload, "death with 1 GiB to the next task", "us");
    add_apart(workload, "death to the next task, parent of 1 GiB", "us");
    workload.add({"replacement against fork", "death to the next task", "fork to the child's first instruction", 2});
    workload.add({"... from a parent of 1 GiB", "death to the next task, parent of 1 GiB",
                  "fork to the child's first instruction", 2});
    workload.add({"death with 1 GiB: noticed and replaced", "death with 1 GiB to the next task", "", 1000});
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string_view(argv[1]) == kOneFigure) {
        std::printf("%f\n", figures_apart().at(argv[2])());
        return 0;
    }
    bench::Workload workload("pool", "What a pool of two workers costs");
    add_trips(workload);
    add_rates(workload);
    add_python(workload);
    add_sizes(workload);
    add_large(workload);
    add_uneven(workload);
    add_crowds(workload);
    add_deaths(workload);
    return workload.run(argc, argv);
}
