// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Whether the calling thread is the one that entered `main`.
bool is_main_thread() noexcept;

/// Whether this process has more than one thread that may hold locks of the program. Costs one load while no thread was
/// ever made.
bool has_other_threads() noexcept;

/// Stands for a thread of the library: while this lives and speaks() was not called, it holds no lock that the program
/// knows of, and has_other_threads() does not count it.
///
/// FORK: the child of another thread does not have this one.
class QuietThread {
public:
    QuietThread() noexcept { add(1); }
    ~QuietThread() { add(-1); }
    QuietThread(const QuietThread&) = delete;
    QuietThread& operator=(const QuietThread&) = delete;

    /// Before and after the thread runs code of the program.
    void speaks(bool speaks) noexcept { add(speaks ? -1 : 1); }

private:
    static void add(int threads) noexcept;
};

}  // namespace cohort::os
