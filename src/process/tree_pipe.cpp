// SPDX-License-Identifier: MIT
#include "process/tree_pipe.hpp"

#include "os/pipe.hpp"
#include "os/shared_name.hpp"

#include <atomic>
#include <exception>
#include <memory>

namespace cohort::process {

namespace {

struct WritingEnd {
    Descriptor descriptor;
    os::FileIdentity pipe;
    std::unique_ptr<WritingEnd> former{};  // replaced by this one, and kept: another thread may look at it

    explicit WritingEnd(Descriptor end) : descriptor(std::move(end)), pipe(os::identity_of(descriptor.get())) {}

    bool still_open() const noexcept try {
        return os::identity_of(descriptor.get()) == pipe;
    } catch (const std::exception&) {
        return false;
    }
};

// No mutex, which a thread that does not exist in a forked child could hold there.
std::atomic<WritingEnd*> current{nullptr};

void replace(WritingEnd* old, std::unique_ptr<WritingEnd> fresh) {
    fresh->former.reset(old);
    WritingEnd* seen = old;
    if (current.compare_exchange_strong(seen, fresh.get(), std::memory_order_acq_rel)) {
        static_cast<void>(fresh.release());
        if (old) static_cast<void>(old->descriptor.release());  // others closed it; the number may be another file's
    } else {
        static_cast<void>(fresh->former.release());  // another thread was faster, and has made one that is as good
    }
}

}  // namespace

int tree_pipe() {
    WritingEnd* end = current.load(std::memory_order_acquire);
    if (!end || !end->still_open()) {
        replace(end, std::make_unique<WritingEnd>(os::make_pipe().write));
        end = current.load(std::memory_order_acquire);
    }
    return end->descriptor.get();
}

int tree_pipe_if_any() noexcept {
    const WritingEnd* end = current.load(std::memory_order_acquire);
    return end && end->still_open() ? end->descriptor.get() : -1;
}

void adopt_tree_pipe(int descriptor) {
    os::close_on_exec(descriptor);
    auto fresh = std::make_unique<WritingEnd>(Descriptor(descriptor));
    // One that a static constructor has made stays open: its tracker looks after this process, and what it starts.
    fresh->former.reset(current.load(std::memory_order_acquire));
    current.store(fresh.release(), std::memory_order_release);
}

void leave_tree() noexcept {
    delete current.exchange(nullptr, std::memory_order_acq_rel);
}

}  // namespace cohort::process
