// SPDX-License-Identifier: MIT
// Many waiting tasks, many workers, and workers that die.
#include <cohort/pool/pool.hpp>
#include <cohort/sync/event.hpp>

#include <linux/futex.h>
#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <memory>
#include <vector>

#include "pool/contenders.hpp"
#include "pool/tasks.hpp"
#include "support/child.hpp"
#include "support/shared.hpp"

namespace bench {

namespace {

// What tasks of forked workers and this program share.
struct Meeting {
    std::atomic<int> arrived = 0;
    std::atomic<long> moment = 0;
};

Meeting& meeting() {
    static const Shared<Meeting> the_meeting;
    return *the_meeting;
}

// Returns when so many are here. (std::atomic::wait is for threads of one process.)
void meet(int count) {
    std::atomic<int>& arrived = meeting().arrived;
    auto* const word = reinterpret_cast<int*>(&arrived);
    if (++arrived == count) ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    for (int seen; (seen = arrived) < count;) ::syscall(SYS_futex, word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
}

void wait_for(const cohort::Event& event) {
    event.wait();
}

std::size_t heap() {
    const struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
}

// A pool whose workers are busy, and kWaiting tasks that wait.
class Waiting {
public:
    Waiting() {
        for (int i = 0; i != kWorkers; ++i) pool_.apply_async(wait_for, gate_);
    }
    ~Waiting() { pool_.terminate(); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    /// Seconds that so many submits take.
    double submit(long count) {
        return seconds([&] {
            for (long i = 0; i != count; ++i) pool_.apply_async(square, i);
        });
    }

private:
    cohort::Event gate_;
    cohort::Pool pool_{kWorkers};
};

[[noreturn]] void die_holding(std::size_t bytes) {
    const std::unique_ptr<char[]> memory(new char[bytes]);
    std::memset(memory.get(), 1, bytes);
    asm volatile("" : : "r"(memory.get()) : "memory");
    meeting().moment = now();
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

}  // namespace

// The first submit starts the pool's thread and fills the ring: it is not counted.
double waiting_flatness() {
    Waiting tasks;
    tasks.submit(kWaiting / 10);
    const double first = tasks.submit(kWaiting / 10);
    tasks.submit(kWaiting * 7 / 10);
    return tasks.submit(kWaiting / 10) / first;
}

double waiting_bytes() {
    Waiting tasks;
    tasks.submit(kWaiting / 10);
    const std::size_t before = heap();
    tasks.submit(kWaiting);
    return static_cast<double>(heap() - before) / kWaiting;
}

double cohort_crowd(int count) {
    meeting().arrived = 0;
    return 1e3 * seconds([&] {
               cohort::Pool pool(
                   {.processes = static_cast<std::size_t>(count), .start_method = cohort::StartMethod::fork});
               pool.map(meet, std::vector<int>(static_cast<std::size_t>(count), count), {.chunksize = 1});
           });
}

double raw_crowd(int count) {
    meeting().arrived = 0;
    return 1e3 * seconds([&] {
               std::vector<Child> children;
               children.reserve(static_cast<std::size_t>(count));
               for (int i = 0; i != count; ++i) children.emplace_back([&] { meet(count); });
               for (Child& child : children) child.wait();
           });
}

double cohort_replacement(std::size_t held, std::size_t parent_holds) {
    meeting();  // before the fork
    cohort::Pool pool({.processes = 1, .start_method = cohort::StartMethod::fork});
    const std::vector<char> memory(parent_holds, 1);
    std::vector<double> times;
    for (int i = 0; i != 7; ++i) {
        const auto lost = pool.apply_async(die_holding, held);
        const long began = pool.apply(now);
        times.push_back(static_cast<double>(began - meeting().moment) / 1e3);
        lost.wait();
    }
    return median(times);
}

}  // namespace bench
