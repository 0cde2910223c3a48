// SPDX-License-Identifier: MIT
#include "shm/tree.hpp"

#include <cohort/base/errors.hpp>

#include "os/fork.hpp"
#include "os/mapping.hpp"
#include "os/process_identity.hpp"
#include "os/shared_name.hpp"
#include "os/word_lock.hpp"
#include "shm/life_lock.hpp"

#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace cohort::shm {

/// The objects that this process holds, by their place in the arena.
class Objects {
public:
    std::shared_ptr<Object> add(BlockName name, std::byte* data) {
        if (slots_.size() <= name.place) slots_.resize(name.place + std::size_t{1});
        auto object = std::make_shared<Object>(name, data);
        slots_[name.place] = {object.get(), object};
        return object;
    }

    std::shared_ptr<Object> find(BlockName name) const {
        if (slots_.size() <= name.place) return nullptr;
        auto object = slots_[name.place].handles.lock();
        return object && object->name() == name ? object : nullptr;
    }

    // False if another object has taken over its place, or the hold on it.
    bool remove(const Object& object) noexcept {
        Slot& slot = slots_[object.name().place];
        if (slot.object != &object) return false;
        slot = {};
        return true;
    }

    // For a copy of a process: what was freed before it could hold it is lost.
    void hold_all(Arena& arena, Owner me) noexcept {
        for (Slot& slot : slots_) {
            const auto object = slot.handles.lock();
            if (!object || arena.hold(me, object->name())) continue;
            object->data_.store(nullptr, std::memory_order_relaxed);
            slot = {};
        }
    }

private:
    struct Slot {
        const Object* object = nullptr;
        std::weak_ptr<Object> handles{};
    };
    std::vector<Slot> slots_;
};

namespace {

std::atomic<std::uint32_t> fallback{0};

/// What this process has of its tree. Never destroyed: late destructors of the program use it.
///
/// Thread safety: `lock`, but for `arena`. FORK: the lock is held over every fork of the program.
struct TreeState {
    os::WordLock lock;
    std::atomic<Arena*> arena{nullptr};
    int adopted = -1;  ///< the descriptor of an arena that this fresh image has not mapped yet
    Owner assigned;    ///< the line that the parent has reserved
    pid_t assigned_to = 0;
    os::FileIdentity file;
    os::Mapping page;  ///< of TreePlace::number
    Objects objects;
};

TreeState& tree() {
    static auto* state = new TreeState;
    return *state;
}

void before_fork() {
    tree().lock.lock();
}
void after_fork() {
    tree().lock.unlock();
}

// REQUIRES: the lock.
Arena& arena_of(TreeState& own) {
    if (Arena* known = own.arena.load(std::memory_order_acquire)) return *known;
    auto page = os::Mapping::map_anonymous_private(os::page_size());
    page.wipe_on_fork();
    Arena arena = own.adopted >= 0 ? Arena::attach(Descriptor(std::exchange(own.adopted, -1))) : Arena::create();
    static const bool registered = (os::call_around_forks(before_fork, after_fork), true);
    static_cast<void>(registered);
    own.file = os::identity_of(arena.segment().descriptor().get());
    own.page = std::move(page);
    TreePlace::number = new (own.page.data()) std::atomic<std::uint32_t>(0);
    own.arena.store(new Arena(std::move(arena)), std::memory_order_release);
    return *own.arena.load(std::memory_order_relaxed);
}

// The number under which this process holds objects already; nobody if it is a copy that has not entered.
Owner current_holder(const TreeState& own) noexcept {
    const std::uint32_t raw = TreePlace::number->load(std::memory_order_relaxed);
    if (raw != 0) return Owner::from_raw(raw);
    return own.assigned_to == os::current_pid() ? own.assigned : Owner();
}

}  // namespace

std::atomic<std::uint32_t>* TreePlace::number = &fallback;

Owner TreePlace::enter() {
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    Arena& arena = arena_of(own);
    if (const std::uint32_t raw = number->load(std::memory_order_relaxed)) return Owner::from_raw(raw);
    const ProcessMark mark = current_process_mark();
    Owner me = own.assigned_to == mark.pid ? std::exchange(own.assigned, Owner()) : Owner();
    // Without a line, or with one that ended with the parent before this process came to it.
    if (me.is_nobody() || !arena.roster().enter(me, mark)) {
        me = arena.enter(mark);
        own.objects.hold_all(arena, me);
    }
    number->store(me.raw(), std::memory_order_relaxed);
    return me;
}

Object::~Object() {
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    if (!own.objects.remove(*this)) return;
    if (const Owner holder = current_holder(own); !holder.is_nobody()) arena_of(own).drop(holder, name_);
}

void Object::fail_lost() {
    throw Error(
        "this shared object was freed by the process that it was inherited from, before this one used it for the first "
        "time: keep a handle of it there until then, or start the process with cohort::Process");
}

Arena& tree_arena() {
    TreeState& own = tree();
    if (Arena* known = own.arena.load(std::memory_order_acquire)) return *known;
    std::lock_guard guard(own.lock);
    return arena_of(own);
}

std::shared_ptr<Object> create_object(std::size_t bytes, std::size_t needed) {
    const Owner me = this_process();
    Arena& arena = tree_arena();
    const BlockName name = arena.create_object(me, bytes, needed);
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    return own.objects.add(name, arena.data(name));
}

std::shared_ptr<Object> open_object(BlockName name) {
    const Owner me = this_process();
    Arena& arena = tree_arena();
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    if (auto known = own.objects.find(name)) return known;
    return arena.hold(me, name) ? own.objects.add(name, arena.data(name)) : nullptr;
}

ChildLine ChildLine::reserve(Start start) {
    TreeState& own = tree();
    Arena* arena = own.arena.load(std::memory_order_acquire);
    if (!arena || !arena->used()) return {};
    return ChildLine(arena->reserve(this_process(), start == Start::copy));
}

void ChildLine::hold(const Object& object) const noexcept {
    if (!owner_.is_nobody()) tree_arena().hold(owner_, object.name());
}

void ChildLine::bury(ExitStatus status) noexcept {
    const Owner dead = std::exchange(owner_, Owner());
    if (dead.is_nobody()) return;
    tree_arena().roster().bury(dead, status);
    tree_arena().sweep(dead);
}

void prepare_tree() {
    tree_arena();
}

void become(Owner line) noexcept {
    if (line.is_nobody()) return;
    TreeState& own = tree();
    own.assigned = line;
    own.assigned_to = os::current_pid();
}

int tree_descriptor() {
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    const int descriptor = arena_of(own).segment().descriptor().get();
    try {
        return os::identity_of(descriptor) == own.file ? descriptor : -1;
    } catch (const std::system_error&) {
        return -1;
    }
}

void adopt_tree(int descriptor) noexcept {
    TreeState& own = tree();
    if (own.arena.load(std::memory_order_acquire) == nullptr) own.adopted = descriptor;
}

std::string forget_tree() {
    TreeState& own = tree();
    std::lock_guard guard(own.lock);
    Arena* const arena = own.arena.load(std::memory_order_acquire);
    if (!arena) return {};
    arena->reap();
    const Arena::Usage usage = arena->usage();
    if (usage.objects != 0 || usage.blocks != 0)
        return std::to_string(usage.objects) + " shared objects and " + std::to_string(usage.blocks) + " blocks";
    if (const std::uint32_t raw = TreePlace::number->load(std::memory_order_relaxed))
        arena->roster().leave(Owner::from_raw(raw));
    TreePlace::number = &fallback;
    own.arena.store(nullptr, std::memory_order_release);
    own.assigned = {};
    delete arena;
    return {};
}

void reap_tree() noexcept {
    if (Arena* arena = tree().arena.load(std::memory_order_acquire)) arena->reap();
}

}  // namespace cohort::shm
