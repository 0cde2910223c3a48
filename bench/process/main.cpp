// SPDX-License-Identifier: MIT
// Start and join of a child that does nothing, from a small parent and from one with 1 GiB of touched memory.
#include <sys/mman.h>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace {

/// 1 GiB of this process's own memory in small pages, for as long as it lives.
class Ballast {
public:
    Ballast() {
        memory_ = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) throw std::runtime_error("no memory for the ballast");
        ::madvise(memory_, kBytes, MADV_NOHUGEPAGE);
        std::memset(memory_, 1, kBytes);
    }
    ~Ballast() { ::munmap(memory_, kBytes); }
    Ballast(const Ballast&) = delete;
    Ballast& operator=(const Ballast&) = delete;

private:
    static constexpr std::size_t kBytes = std::size_t{1} << 30;
    void* memory_;
};

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

bench::Case timed_from_1_gib(const std::string& name, int count, std::function<void()> once) {
    return {name + ", parent of 1 GiB", "us", [count, once] {
                Ballast ballast;
                return microseconds_each(count, once);
            }};
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
    workload.add(timed_from_1_gib("bare fork server", 100, bare_server));
    workload.add(timed_from_1_gib("cohort, forkserver", 100, bench::cohort_forkserver));
    workload.add({"private dirty memory of an idle forked child", "KiB", bench::private_dirty_of_idle_child});

    if (bench::has_python()) {
        for (const std::string method : {"fork", "forkserver", "spawn"})
            workload.add({"CPython, " + method, "us",
                          [method] { return bench::python_start(method, method == "fork" ? 50 : 10); }});
    } else {
        workload.skip("CPython", "no python3");
    }

    workload.add({"fork against raw fork", "cohort, fork", "fork, waitpid", 1.2});
    workload.add({"forkserver against a bare one", "cohort, forkserver", "bare fork server", 1.3});
    workload.add({"forkserver from 1 GiB against a bare one", "cohort, forkserver, parent of 1 GiB",
                  "bare fork server, parent of 1 GiB", 1.3});
    workload.add({"spawn against posix_spawn", "cohort, spawn", "posix_spawn, waitpid", 1.2});
    workload.add({"CPython's fork against ours", "CPython, fork", "cohort, fork", 1, bench::Goal::Kind::at_least});
    workload.add({"CPython's forkserver against ours", "CPython, forkserver", "cohort, forkserver", 1,
                  bench::Goal::Kind::at_least});
    workload.add({"CPython's spawn against ours", "CPython, spawn", "cohort, spawn", 1, bench::Goal::Kind::at_least});
    return workload.run(argc, argv);
}
