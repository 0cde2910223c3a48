// SPDX-License-Identifier: MIT
#include "process/name_tracker.hpp"

#include "os/file.hpp"
#include "os/fork.hpp"
#include "os/pipe.hpp"
#include "process/name_tracker_process.hpp"
#include "process/tree_pipe.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <tuple>

namespace cohort::process {

namespace {

NameTracker& tracker_of_this_process() {
    static auto* tracker = new NameTracker;  // never destroyed: late destructors of the program use it
    return *tracker;
}

// In the thread that starts a tracker, which may fork for it.
thread_local bool inside = false;

void before_fork() {
    if (!inside) tracker_of_this_process().lock();
}
void after_fork() {
    if (!inside) tracker_of_this_process().unlock();
}

/// A thread's time with the tracker. Forks wait for its end: a copy of the reading end, in a child that knows nothing
/// of it, would hold the lock that tells of a living tracker.
class Conversation {
public:
    explicit Conversation(std::mutex& mutex) : guard_(mutex) { inside = true; }
    ~Conversation() { inside = false; }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

private:
    std::lock_guard<std::mutex> guard_;
};

/// Access to the tracker of a tree, for one process of it at a time.
///
/// The tracker has the lock of its open reading end as long as it lives, however it ends. Nobody else tries to take
/// that lock without the ProcessLock, so that a taken one is the tracker's.
class Line {
public:
    explicit Line(int writing_end) : writing_end_(writing_end), turn_(writing_end) {
        // Open while something is written: without a reader the kernel would send SIGPIPE.
        reading_end_ = os::open_reading_end(writing_end);
    }
    ~Line() {
        turn_.reset();  // closing a descriptor of the pipe would unlock as well
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// Whether there is no tracker; then this object has its lock.
    bool vacant() { return os::try_lock_open_file(reading_end_.get()); }

    void start_tracker() const { start_name_tracker(reading_end_.get()); }

    void tell(NameMessage::Kind kind, const std::string& name, const os::FileIdentity& file) const {
        NameMessage message{};
        message.kind = kind;
        message.name_bytes = static_cast<std::uint32_t>(name.copy(message.name, NAME_MAX));
        message.file = file;
        os::write_all(writing_end_, std::as_bytes(std::span(&message, 1)));
    }

private:
    int writing_end_;
    std::optional<os::ProcessLock> turn_;
    Descriptor reading_end_;
};

}  // namespace

bool NameTracker::Entry::operator<(const Entry& other) const noexcept {
    return std::tie(name, file.device, file.inode) < std::tie(other.name, other.file.device, other.file.inode);
}

void NameTracker::add(const std::string& name, const os::FileIdentity& file) {
    static const bool registered = (os::call_around_forks(before_fork, after_fork), true);
    static_cast<void>(registered);
    const Conversation conversation(mutex_);
    forget_removed();
    Line line(tree_pipe());
    if (line.vacant()) {
        line.start_tracker();
        for (const Entry& entry : own_) line.tell(NameMessage::added, entry.name, entry.file);
    }
    line.tell(NameMessage::added, name, file);
    own_.insert({name, file});
}

void NameTracker::remove(const std::string& name, const os::FileIdentity& file) noexcept try {
    const Conversation conversation(mutex_);
    own_.erase({name, file});
    const int pipe = tree_pipe_if_any();
    if (pipe < 0) return;
    Line line(pipe);
    if (!line.vacant()) line.tell(NameMessage::removed, name, file);
} catch (const std::exception&) {
    // The tracker finds at the end that the name is not this file's any more.
}

/// Other processes unlink what this one has made, and do not tell it.
void NameTracker::forget_removed() {
    if (own_.size() < look_at_) return;
    std::erase_if(own_, [](const Entry& entry) { return os::identity_of_shared_name(entry.name) != entry.file; });
    look_at_ = std::max<std::size_t>(64, 2 * own_.size());
}

}  // namespace cohort::process

namespace cohort::shm {

NameRegistrar& name_registrar() {
    return process::tracker_of_this_process();
}

}  // namespace cohort::shm
