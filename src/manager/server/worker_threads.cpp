// SPDX-License-Identifier: MIT
#include "manager/server/worker_threads.hpp"

#include <utility>

namespace cohort::manager {

WorkerThreads::~WorkerThreads() {
    {
        const std::lock_guard guard(mutex_);
        ends_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    threads_.clear();
}

void WorkerThreads::run(std::function<void()> work) {
    const std::lock_guard guard(mutex_);
    waiting_.push_back(std::move(work));
    if (idle_ < waiting_.size()) {
        try {
            threads_.push_back(
                std::make_unique<os::HelperThread>(loop, this, os::HelperThread::Blocks::what_its_maker_blocks));
        } catch (...) {
            if (!threads_.empty()) return;  // one that is there takes it
            waiting_.pop_back();
            throw;
        }
    }
    changed_.notify_one();
}

void WorkerThreads::loop(void* self) noexcept {
    auto& threads = *static_cast<WorkerThreads*>(self);
    std::unique_lock lock(threads.mutex_);
    for (;;) {
        ++threads.idle_;
        threads.changed_.wait(lock, [&] { return threads.ends_ || !threads.waiting_.empty(); });
        --threads.idle_;
        if (threads.ends_) return;
        auto work = std::move(threads.waiting_.front());
        threads.waiting_.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

}  // namespace cohort::manager
