// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/token.hpp>

#include "os/word_lock.hpp"
#include "serial/module_table.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace cohort::serial {

/// What this process can run by token: the modules with entries, and the table of all that is loaded.
///
/// Thread safety: all functions may be called by any thread.
/// FORK: a fork waits until no thread is inside, so the child finds it free.
/// Invariants: 1. No code of a module runs under the lock: its static initialization takes it. 2. The epoch changes
/// with the set of modules; what a thread remembers of another epoch is void.
class EntryRegistry {
public:
    /// The one of this copy of cohort. Never destroyed: libraries are unloaded later than it would be.
    static EntryRegistry& instance();

    void add(detail::ModuleEntries& module, detail::Entry& entry);
    void remove(detail::ModuleEntries& module);

    Token token_of(const detail::Entry& entry);

    /// As token_of(), for an entry whose module was asked for before.
    static Token known_token_of(const detail::Entry& entry) noexcept;

    /// The entry that a token names; null if this copy of cohort does not know it.
    const detail::Entry* find(Token token, std::string_view role);

    /// The same, asking the other copies of cohort in this process: several modules may each have one, linked
    /// statically with its symbols hidden.
    static const detail::Entry* find_in_other_copies(Token token, std::string_view role);

    /// Calls `use` with the table of modules, under the lock.
    template <class Use>
    auto with_table(Use use) {
        std::scoped_lock lock(mutex_);
        return use(table_);
    }

    /// Copies of what the table says of the modules that have entries.
    std::vector<Module> modules_with_entries();

    std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

private:
    EntryRegistry();
    static void lock_all();
    static void unlock_all();
    bool identify(detail::ModuleEntries& entries);

    os::WordLock mutex_;
    ModuleTable table_;
    detail::ModuleEntries* first_ = nullptr;
    std::atomic<std::uint64_t> epoch_{1};
};

}  // namespace cohort::serial
