// SPDX-License-Identifier: MIT
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>

#include <unistd.h>

#include <stdexcept>

#include "contenders.hpp"
#include "support/memory.hpp"

namespace bench {

namespace {

void nothing() {}

void start_and_join(cohort::StartMethod method) {
    cohort::Process child({.start_method = method}, nothing);
    child.start();
    child.join();
    if (child.exitcode() != 0) throw std::runtime_error("the child did not end with 0");
}

long square(long i) {
    return i * i;
}

pid_t own_pid() {
    return ::getpid();
}

cohort::StartMethod method_named(const std::string& name) {
    for (const cohort::StartMethod method : cohort::get_all_start_methods())
        if (to_string(method) == name) return method;
    throw std::invalid_argument(name);
}

}  // namespace

void cohort_fork() {
    start_and_join(cohort::StartMethod::fork);
}
void cohort_spawn() {
    start_and_join(cohort::StartMethod::spawn);
}
void cohort_forkserver() {
    start_and_join(cohort::StartMethod::forkserver);
}

double private_dirty_of_idle_child() {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    cohort::Process child([ends] {
        char byte = 1;
        if (::write(ends[1], &byte, 1) == 1) ::pause();
    });
    child.start();
    char byte = 0;
    const bool ready = ::read(ends[0], &byte, 1) == 1;
    const double kib = ready ? memory_of(*child.pid(), "Private_Dirty") : 0;
    child.kill();
    child.join();
    ::close(ends[0]);
    ::close(ends[1]);
    return kib;
}

double memory_of_worker(const std::string& method) {
    cohort::Pool pool({.processes = 2, .start_method = method_named(method)});
    pool.map(square, cohort::range(100), {.chunksize = 1});
    return memory_of(pool.apply(own_pid), "Private_Dirty");
}

}  // namespace bench
