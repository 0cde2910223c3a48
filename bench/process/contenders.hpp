// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

namespace bench {

// Each starts one child that does nothing and waits for its end. Throws when the child did not end as it should.
void bare_fork();
/// posix_spawn of this very program, which then returns from main at once.
void bare_spawn();
void cohort_fork();
void cohort_spawn();
void cohort_forkserver();

/// A fork server in the least code: a socket, a fork on each request, the child's pidfd sent back.
class BareForkServer {
public:
    BareForkServer();
    ~BareForkServer();
    void start_and_join();

private:
    int socket_ = -1;
    pid_t pid_ = 0;
};

/// KiB of private dirty memory of a forked child of cohort that waits.
double private_dirty_of_idle_child();

/// KiB of private dirty memory of a worker of a pool of two, which waits after some tasks.
/// @param method  how it starts: fork, forkserver or spawn
double memory_of_worker(const std::string& method);
double python_memory_of_worker(const std::string& method);

/// Whether this program was started by bare_spawn().
bool is_bare_child(int argc, char** argv);

/// Microseconds for one start and join in CPython.
double python_start(const std::string& method, int count);

}  // namespace bench
