// SPDX-License-Identifier: MIT
// Start and join of a child that does nothing, from a small parent and from larger ones; what memory a worker has.
#include <functional>
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"
#include "support/memory.hpp"
#include "support/workload.hpp"

namespace {

double microseconds_each(int count, const std::function<void()>& once) {
    once();  // starts servers, warms caches
    return bench::seconds([&] {
               for (int i = 0; i < count; ++i) once();
           }) /
           count * 1e6;
}

bench::Case timed(const std::string& name, int count, std::function<void()> once) {
    return {name, "us", [count, once] { return microseconds_each(count, once); }};
}

bench::Case timed_from(std::size_t mib, const std::string& name, int count, std::function<void()> once) {
    return {name + ", parent of " + std::to_string(mib) + " MiB", "us", [=] {
                const bench::Ballast ballast(mib * bench::kMiB);
                return microseconds_each(count, once);
            }};
}

/// Each way to start a child, by the memory of its parent.
void add_larger_parents(bench::Workload& workload, const std::function<void()>& bare_server) {
    for (const std::size_t mib : {10U, 100U, 500U, 1024U, 2048U}) {
        const int copies = mib > 100 ? 5 : 100;  // what copies the parent's page tables takes long
        workload.add(timed_from(mib, "fork, waitpid", copies, bench::bare_fork));
        workload.add(timed_from(mib, "cohort, fork", copies, bench::cohort_fork));
        workload.add(timed_from(mib, "bare fork server", 100, bare_server));
        workload.add(timed_from(mib, "cohort, forkserver", 100, bench::cohort_forkserver));
        workload.add(timed_from(mib, "posix_spawn, waitpid", 50, bench::bare_spawn));
        workload.add(timed_from(mib, "cohort, spawn", 50, bench::cohort_spawn));
    }
}

/// What a worker of a pool of two has of its own after some tasks.
void add_workers(bench::Workload& workload) {
    for (const std::string method : {"fork", "forkserver", "spawn"}) {
        const std::string text = ", memory of a worker, " + method;
        workload.add({"cohort" + text, "KiB", [method] { return bench::memory_of_worker(method); }});
        if (bench::has_python())
            workload.add({"CPython" + text, "KiB", [method] { return bench::python_memory_of_worker(method); }});
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (bench::is_bare_child(argc, argv)) return 0;
    bench::Workload workload("process", "Start and join of a child that does nothing");
    bench::BareForkServer server;  // made first: its children are copies of a small process
    auto bare_server = [&] { server.start_and_join(); };

    workload.add(timed("fork, waitpid", 1000, bench::bare_fork));
    workload.add(timed("cohort, fork", 1000, bench::cohort_fork));
    workload.add(timed("bare fork server", 1000, bare_server));
    workload.add(timed("cohort, forkserver", 1000, bench::cohort_forkserver));
    workload.add(timed("posix_spawn, waitpid", 100, bench::bare_spawn));
    workload.add(timed("cohort, spawn", 100, bench::cohort_spawn));
    workload.add({"private dirty memory of an idle forked child", "KiB", bench::private_dirty_of_idle_child});
    add_workers(workload);
    add_larger_parents(workload, bare_server);

    if (bench::has_python()) {
        for (const std::string method : {"fork", "forkserver", "spawn"})
            workload.add({"CPython, " + method, "us",
                          [method] { return bench::python_start(method, method == "fork" ? 50 : 10); }});
    } else {
        workload.skip("CPython", "no python3");
    }

    workload.add({"fork against raw fork", "cohort, fork", "fork, waitpid", 1.2});
    workload.add({"forkserver against a bare one", "cohort, forkserver", "bare fork server", 1.3});
    workload.add({"forkserver from 1 GiB against a bare one", "cohort, forkserver, parent of 1024 MiB",
                  "bare fork server, parent of 1024 MiB", 1.3});
    workload.add({"memory of an idle forked child, KiB", "private dirty memory of an idle forked child", "", 300});
    workload.add({"spawn against posix_spawn", "cohort, spawn", "posix_spawn, waitpid", 1.2});
    workload.add({"CPython's fork against ours", "CPython, fork", "cohort, fork", 1, bench::Goal::Kind::at_least});
    workload.add({"CPython's forkserver against ours", "CPython, forkserver", "cohort, forkserver", 1,
                  bench::Goal::Kind::at_least});
    workload.add({"CPython's spawn against ours", "CPython, spawn", "cohort, spawn", 1, bench::Goal::Kind::at_least});
    return workload.run(argc, argv);
}
