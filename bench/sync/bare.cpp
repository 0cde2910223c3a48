// SPDX-License-Identifier: MIT
// What the machine can do: futexes, atomic numbers and memcpy, without anything that a library adds.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <vector>

#include "sync/copies.hpp"
#include "sync/locks.hpp"
#include "sync/turns.hpp"

namespace bench {

namespace {

using Word = std::atomic<std::uint32_t>;

void futex_wait(const Word& word, std::uint32_t expected) {
    ::syscall(SYS_futex, &word, FUTEX_WAIT, expected, nullptr, nullptr, 0);
}

void futex_wake(const Word& word, int count) {
    ::syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/// A word for each side, 1 while it has the turn. Looks so often before it sleeps.
template <int Looks>
class FutexTurns {
public:
    void give(int to) {
        Word& word = words_->at(static_cast<std::size_t>(to)).word;
        word.store(1, std::memory_order_release);
        futex_wake(word, 1);
    }
    void take(int me) {
        Word& word = words_->at(static_cast<std::size_t>(me)).word;
        for (int i = 0; i != Looks && word.load(std::memory_order_relaxed) == 0; ++i) relax();
        while (word.exchange(0, std::memory_order_acquire) == 0) futex_wait(word, 0);
    }

private:
    struct alignas(64) Line {
        Word word{0};
    };
    Shared<std::array<Line, 2>> words_;
};

/// The mutex of three states: free, held, held and somebody sleeps. Nobody notices when its holder dies.
class FutexMutex {
public:
    void lock() {
        std::uint32_t seen = 0;
        if (word_->compare_exchange_strong(seen, 1, std::memory_order_acquire)) return;
        if (seen != 2) seen = word_->exchange(2, std::memory_order_acquire);
        while (seen != 0) {
            futex_wait(*word_, 2);
            seen = word_->exchange(2, std::memory_order_acquire);
        }
    }
    void unlock() {
        if (word_->exchange(0, std::memory_order_release) == 2) futex_wake(*word_, 1);
    }

private:
    Shared<Word> word_;
};

double add_atomically() {
    Shared<std::atomic<long>> number;
    const double time = nanoseconds([&] { number->fetch_add(1); });
    expect(*number >= kAlone, "the sum is wrong");
    return time;
}

double copy_by_memcpy() {
    Shared<std::array<double, kCopied>> items;
    return gigabytes_a_second([&](std::vector<double>& own) { std::memcpy(own.data(), &*items, sizeof *items); },
                              [&](const std::vector<double>& own) { std::memcpy(&*items, own.data(), sizeof *items); });
}

}  // namespace

Family bare_family() {
    Family family;
    family.locks = {lock_contender<FutexMutex>("bare futex mutex")};
    family.turns = {turn_contender<FutexTurns<0>>("raw futex"),
                    turn_contender<FutexTurns<2000>>("raw futex, spinning")};
    family.additions = {{"std::atomic", add_atomically}};
    family.copies = {{"memcpy", copy_by_memcpy}};
    return family;
}

}  // namespace bench
