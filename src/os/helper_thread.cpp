// SPDX-License-Identifier: MIT
#include "os/helper_thread.hpp"

#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include <optional>

namespace cohort::os {

namespace {

/// As a system call: pthread_create returns its error.
int create(pthread_t& thread, void* (*run)(void*), void* context) {
    const int error = ::pthread_create(&thread, nullptr, run, context);
    if (error == 0) return 0;
    errno = error;
    return -1;
}

// The end of a thread is known before the kernel takes it off the list: some microseconds, or as long as it does not
// get a processor. With a debugger it stays there as long as that likes, which is not waited for.
void wait_until_unlisted(pid_t number) noexcept {
    constexpr int kQuickLooks = 100;
    constexpr int kLooks = 20'000;  // about two seconds
    constexpr timespec kPause{0, 50'000};
    for (int looks = 0; looks != kLooks && ::tgkill(current_pid(), number, 0) == 0; ++looks) {
        if (looks < kQuickLooks)
            ::sched_yield();
        else
            ::nanosleep(&kPause, nullptr);
    }
}

}  // namespace

HelperThread::HelperThread(Work work, void* context, Blocks blocks) : work_(work), context_(context) {
    std::optional<SignalBlock> block;
    if (blocks == Blocks::all) block.emplace(SignalSet::all());
    checked("pthread_create", {}, [this] { return create(thread_, &HelperThread::run, this); });
}

HelperThread::~HelperThread() {
    if (::pthread_equal(::pthread_self(), thread_) != 0) {
        ::pthread_detach(thread_);
        return;
    }
    const int saved = errno;
    ::pthread_join(thread_, nullptr);
    wait_until_unlisted(number_.load(std::memory_order_relaxed));
    errno = saved;
}

void* HelperThread::run(void* self) noexcept {
    auto& own = *static_cast<HelperThread*>(self);
    own.number_.store(current_tid(), std::memory_order_relaxed);
    own.work_(own.context_);
    return nullptr;
}

}  // namespace cohort::os
