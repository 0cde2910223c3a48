// SPDX-License-Identifier: MIT
#include "os/permanent_thread.hpp"

#include "os/helper_thread.hpp"
#include "os/process_identity.hpp"
#include "os/threads.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace cohort::os {

namespace {

using Work = cohort::detail::FunctionRef<void()>;

/// The thread and the work it has. Never destroyed: the thread uses it until the process ends.
class PermanentThread {
public:
    /// Whether the calling process has the thread, rather than the one it was forked from.
    bool is_ours() const noexcept { return owner_ == current_pid(); }

    void run(Work work) {
        std::lock_guard one_at_a_time(callers_);
        std::unique_lock lock(mutex_);
        if (!thread_) thread_.emplace(&PermanentThread::serve, this);
        work_ = work;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !work_; });
    }

private:
    static void serve(void* self) noexcept {
        const QuietThread quiet;
        auto& own = *static_cast<PermanentThread*>(self);
        std::unique_lock lock(own.mutex_);
        for (;;) {
            own.changed_.wait(lock, [&] { return own.work_.has_value(); });
            (*own.work_)();
            own.work_.reset();
            own.changed_.notify_all();
        }
    }

    const pid_t owner_ = current_pid();
    std::mutex callers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Work> work_;
    std::optional<HelperThread> thread_;
};

PermanentThread& permanent_thread() {
    static std::atomic<PermanentThread*> current{nullptr};
    PermanentThread* found = current.load(std::memory_order_acquire);
    if (found && found->is_ours()) return *found;
    // The parent's stays where it is: its mutexes may be locked by threads that are not here.
    auto made = std::make_unique<PermanentThread>();
    if (current.compare_exchange_strong(found, made.get())) return *made.release();
    return *found;
}

}  // namespace

void on_permanent_thread(Work work) {
    if (is_main_thread()) return work();
    permanent_thread().run(work);
}

}  // namespace cohort::os
