// SPDX-License-Identifier: MIT
// A map over a pool of two workers: a million trivial tasks, ten thousand of 100 us, 64 of 10 MB there and back.
#include "contenders.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace {

using Kind = bench::Goal::Kind;

void add_tbb(bench::Workload& workload) {
    if (!bench::has_tbb()) return workload.skip("oneTBB", "not installed when this was built");
    workload.add({"oneTBB task_group, trivial", "ktask/s", bench::tbb_task_group_trivial});
    workload.add({"oneTBB parallel_for, trivial", "ktask/s", bench::tbb_parallel_for_trivial});
    workload.add({"oneTBB parallel_for, 100 us", "of capacity", bench::tbb_parallel_for_medium});
    workload.add({"chunksize 1 against oneTBB task_group", "cohort, trivial, chunksize 1", "oneTBB task_group, trivial",
                  1.0, Kind::at_least});
}

void add_python(bench::Workload& workload) {
    if (!bench::has_python()) return workload.skip("CPython", "no python3");
    workload.add({"CPython, trivial, chunksize 1", "ktask/s", [] { return bench::python_trivial(1); }});
    workload.add({"CPython, trivial", "ktask/s", [] { return bench::python_trivial(0); }});
    workload.add({"chunksize 1 against CPython", "cohort, trivial, chunksize 1", "CPython, trivial, chunksize 1", 100,
                  Kind::at_least});
}

}  // namespace

int main(int argc, char** argv) {
    bench::Workload workload("pool_map", "A map over a pool of two workers");
    workload.add({"one thread, trivial", "ktask/s", bench::one_thread_trivial});
    workload.add({"cohort, trivial, chunksize 1", "ktask/s", [] { return bench::cohort_trivial(1); }});
    workload.add({"cohort, trivial", "ktask/s", [] { return bench::cohort_trivial(0); }});
    workload.add({"cohort, 100 us", "of capacity", bench::cohort_medium});
    workload.add({"100 us tasks, part of the cores' capacity", "cohort, 100 us", "", 0.95, Kind::at_least});
    workload.add({"memcpy, one thread, 10 MB", "GB/s", bench::memcpy_large});
    workload.add({"memcpy, one thread, the same 64 x 10 MB", "GB/s", bench::memcpy_same_large});
    workload.add({"cohort, 10 MB there and back", "GB/s", [] { return bench::cohort_large(true); }});
    workload.add({"cohort, 10 MB there and back, new memory", "GB/s", [] { return bench::cohort_large(false); }});
    workload.add(
        {"10 MB against memcpy", "cohort, 10 MB there and back", "memcpy, one thread, 10 MB", 0.5, Kind::at_least});
    workload.add({"10 MB against memcpy of the same bytes", "cohort, 10 MB there and back",
                  "memcpy, one thread, the same 64 x 10 MB", 0.5, Kind::at_least});
    add_tbb(workload);
    add_python(workload);
    return workload.run(argc, argv);
}
