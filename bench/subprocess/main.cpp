// SPDX-License-Identifier: MIT
// Start of a program that does nothing, from a small parent and from one with 2 GB of touched memory; and what a
// program writes, collected in a string.
#include <sys/mman.h>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace {

constexpr std::size_t kCaptured = 1'000'000'000;

/// This process's own memory in small pages, for as long as it lives.
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
    static constexpr std::size_t kBytes = std::size_t{2} << 30;
    void* memory_;
};

double microseconds_each(int count, const std::function<void()>& once) {
    once();
    return bench::seconds([&] {
               for (int i = 0; i < count; ++i) once();
           }) /
           count * 1e6;
}

bench::Case start(const std::string& name, int count, std::function<void()> once) {
    return {name, "us", [count, once] { return microseconds_each(count, once); }};
}

bench::Case start_from_2_gib(const std::string& name, int count, std::function<void()> once) {
    return {name + ", parent of 2 GiB", "us", [count, once] {
                Ballast ballast;
                return microseconds_each(count, once);
            }};
}

double rate(double seconds) {
    return static_cast<double>(kCaptured) / 1e9 / seconds;
}

bench::Case capture(const std::string& name, void (*once)(std::size_t)) {
    return {name + ", 1 GB", "GB/s", [once] { return rate(bench::seconds([once] { once(kCaptured); })); }};
}

}  // namespace

int main(int argc, char** argv) {
    bench::Workload workload("subprocess", "Programs that do nothing, and a program that writes 1 GB");
    workload.add(start("posix_spawn, waitpid", 200, bench::bare_true));
    workload.add(start("cohort, run", 200, bench::cohort_true));
    workload.add(start("popen(3)", 200, bench::popen_true));
    workload.add(start_from_2_gib("posix_spawn, waitpid", 100, bench::bare_true));
    workload.add(start_from_2_gib("cohort, run", 100, bench::cohort_true));
    workload.add(capture("head | cat", bench::cat_capture));
    workload.add(capture("cohort, check_output", bench::cohort_capture));
    workload.add(capture("popen(3)", bench::popen_capture));
    if (bench::has_boost()) {
        workload.add(start("Boost.Process", 200, bench::boost_true));
        workload.add(start_from_2_gib("Boost.Process", 20, bench::boost_true));
        workload.add(capture("Boost.Process", bench::boost_capture));
    } else {
        workload.skip("Boost.Process", "not there when this was compiled");
    }
    if (bench::has_python()) {
        workload.add({"CPython, run", "us", [] { return bench::python_true(50); }});
        workload.add({"CPython, check_output, 1 GB", "GB/s", [] { return rate(bench::python_capture(kCaptured)); }});
    } else {
        workload.skip("CPython", "no python3");
    }
    using Kind = bench::Goal::Kind;
    workload.add({"run against posix_spawn", "cohort, run", "posix_spawn, waitpid", 1.1});
    workload.add({"run against posix_spawn, from 2 GiB", "cohort, run, parent of 2 GiB",
                  "posix_spawn, waitpid, parent of 2 GiB", 1.1});
    workload.add({"run from 2 GiB against a small parent", "cohort, run, parent of 2 GiB", "cohort, run", 1.1});
    workload.add({"CPython's run against ours", "CPython, run", "cohort, run", 5, Kind::at_least});
    workload.add({"capture against cat", "cohort, check_output, 1 GB", "head | cat, 1 GB", 0.8, Kind::at_least});
    workload.add(
        {"capture against CPython", "cohort, check_output, 1 GB", "CPython, check_output, 1 GB", 1, Kind::at_least});
    workload.add({"capture against popen(3)", "cohort, check_output, 1 GB", "popen(3), 1 GB", 1, Kind::at_least});
    if (bench::has_boost())
        workload.add(
            {"capture against Boost.Process", "cohort, check_output, 1 GB", "Boost.Process, 1 GB", 1, Kind::at_least});
    return workload.run(argc, argv, 3);
}
