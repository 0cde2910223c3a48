// SPDX-License-Identifier: MIT
#pragma once

#include "shm/arena.hpp"
#include "shm/owner.hpp"

#include <cohort/base/exit_status.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

// What this process has of the memory of its tree: the arena, its own line in the roster, and the objects that it
// holds. One for each process, made on first need, and before the first child is started, so that all have the same.
namespace cohort::shm {

/// An object of the arena as this process holds it: what all copies of a handle share. The last one drops it.
///
/// Thread safety: constant. FORK: the child's copy holds it under the child's name; a child that the program's own
/// fork made holds it from its first use of any object, and data() throws if it was freed before that.
class Object {
public:
    Object(BlockName name, std::byte* data) noexcept : name_(name), data_(data) {}
    ~Object();
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    BlockName name() const noexcept { return name_; }

    /// Its memory. REQUIRES: this_process() was called before in this process.
    /// @throws Error  it was freed before this process, a copy of another one, could hold it
    std::byte* data() const {
        std::byte* const data = data_.load(std::memory_order_relaxed);
        if (!data) [[unlikely]]
            fail_lost();
        return data;
    }

private:
    friend class Objects;
    [[noreturn]] static void fail_lost();

    const BlockName name_;
    std::atomic<std::byte*> data_;
};

/// This process's place in the tree.
struct TreePlace {
    /// The number in the roster; zero before it has entered. The kernel clears the word in forked children.
    static std::atomic<std::uint32_t>* number;
    static Owner enter();
};

/// Who this process is in the roster of its tree. Enters at the first call.
/// @throws std::system_error, Error as Arena::enter()
inline Owner this_process() {
    const std::uint32_t raw = TreePlace::number->load(std::memory_order_relaxed);
    if (raw == 0) [[unlikely]]
        return TreePlace::enter();
    return Owner::from_raw(raw);
}

/// The arena of this process's tree.
/// @throws std::system_error if there is none yet and it cannot be made
Arena& tree_arena();

/// A new object, zeroed.
/// @param needed  as in Arena::create_object()
std::shared_ptr<Object> create_object(std::size_t bytes, std::size_t needed);
inline std::shared_ptr<Object> create_object(std::size_t bytes) {
    return create_object(bytes, bytes);
}

/// The object of that name, which this process holds from now on. Null if there is none (any more).
std::shared_ptr<Object> open_object(BlockName name);

/// What a process that starts children does for them.
///
/// Thread safety: any thread.
/// DEATH: of the parent before the child has entered: the child's line ends with it.
class ChildLine {
public:
    /// Who starts, and what it has of this process's memory.
    enum class Start { copy, fresh_image };

    ChildLine() noexcept = default;
    /// A line for a child, if the tree has objects at all.
    /// @throws as Arena::reserve()
    static ChildLine reserve(Start start);
    ChildLine(ChildLine&& other) noexcept : owner_(std::exchange(other.owner_, Owner())) {}
    ChildLine& operator=(ChildLine&& other) noexcept {
        std::swap(owner_, other.owner_);
        return *this;
    }
    /// A child that was not started.
    ~ChildLine() { bury(ExitStatus::exited(255)); }

    Owner owner() const noexcept { return owner_; }
    /// The child holds the object from now on.
    void hold(const Object& object) const noexcept;
    /// The child has ended: what it held and owned is dropped.
    void bury(ExitStatus status) noexcept;
    /// It is not this process's any more, but its parent's: in a forked child.
    void forget() noexcept { owner_ = {}; }

private:
    explicit ChildLine(Owner owner) noexcept : owner_(owner) {}
    Owner owner_;
};

/// Before the first child of this process is started: makes the arena, so that parent and child have the same.
void prepare_tree();

/// In a new child, before it uses an object: its line. Nobody: it takes one when it needs it.
void become(Owner line) noexcept;

/// The arena's descriptor, for fresh images; -1 if the program has closed it.
int tree_descriptor();
/// In a fresh image: the arena behind this descriptor, which crossed under its number, is the tree's. -1: there is
/// none.
void adopt_tree(int descriptor) noexcept;

/// Begins without an arena again, unless objects are left. For tests, which leave nothing behind, in the thread that
/// used objects first.
/// @returns what is left, in words; empty: nothing
std::string forget_tree();

/// Looks for the dead that nobody has reported, if there is an arena.
void reap_tree() noexcept;

}  // namespace cohort::shm
