// SPDX-License-Identifier: MIT
#pragma once

#include "shm/name_registrar.hpp"

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace cohort::process {

/// Tells the names of shared segments to the tree's tracker: a background process, started on first need, that outlives
/// the tree and removes what is left (docs/design/0006-named-shared-memory.md).
///
/// Thread safety: safe. FORK: the child uses the same tracker; locked over the fork.
/// DEATH: of a process: what it told stays told. Of the tracker: the next process that adds a name starts another one,
/// and tells it what this process has added; names that only others have added are forgotten.
class NameTracker final : public shm::NameRegistrar {
public:
    void add(const std::string& name, const os::FileIdentity& file) override;
    void remove(const std::string& name, const os::FileIdentity& file) noexcept override;

    /// For forks: no other thread is inside.
    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

private:
    struct Entry {
        std::string name;
        os::FileIdentity file;
        bool operator<(const Entry& other) const noexcept;
    };

    void forget_removed();

    std::mutex mutex_;
    std::set<Entry> own_;  ///< what this process has added
    std::size_t look_at_ = 64;
};

}  // namespace cohort::process
