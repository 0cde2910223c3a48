// SPDX-License-Identifier: MIT
#include <cohort/process/process.hpp>

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "contenders.hpp"

namespace bench {

namespace {

void nothing() {}

void start_and_join(cohort::StartMethod method) {
    cohort::Process child({.start_method = method}, nothing);
    child.start();
    child.join();
    if (child.exitcode() != 0) throw std::runtime_error("the child did not end with 0");
}

double private_dirty_kib(pid_t pid) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; rollup >> word;)
        if (word == "Private_Dirty:") {
            double kib = 0;
            rollup >> kib;
            return kib;
        }
    throw std::runtime_error("no Private_Dirty in smaps_rollup");
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
    const double kib = ready ? private_dirty_kib(*child.pid()) : 0;
    child.kill();
    child.join();
    ::close(ends[0]);
    ::close(ends[1]);
    return kib;
}

}  // namespace bench
