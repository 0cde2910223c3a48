// SPDX-License-Identifier: MIT
#include "process/runtime.hpp"

#include <cohort/base/errors.hpp>

#include "os/process_identity.hpp"
#include "os/random.hpp"
#include "os/threads.hpp"
#include "process/copies.hpp"
#include "process/forkserver.hpp"
#include "process/keeper.hpp"
#include "process/state.hpp"
#include "process/tree_pipe.hpp"
#include "shm/tree.hpp"

#include <atomic>
#include <new>

namespace cohort::process {

namespace {

constexpr std::size_t kAuthkeyBytes = 32;

void refuse_second_copy() {
    if (rule_program()) return;
    throw Error(
        "this program holds two copies of cohort: two of its libraries were linked with the static library; link them "
        "with the shared one");
}

ChildIdentity main_identity() {
    ChildIdentity identity;
    identity.name = "MainProcess";
    identity.authkey = os::random_bytes(kAuthkeyBytes);
    return identity;
}

std::string name_of_this_process() {
    return runtime().identity.name;
}

// Never destroyed: the exit hook and late destructors of the program use it. Replaced only in a new child, which has
// one thread, so that nobody can hold a reference to the old record.
std::atomic<Runtime*> record{nullptr};
std::mutex making;

Runtime& make_record() {
    std::lock_guard guard(making);
    Runtime* current = record.load(std::memory_order_acquire);
    if (!current) {
        refuse_second_copy();
        current = new Runtime(main_identity());
        current->pid = os::current_pid();
        current->is_main = true;
        record.store(current, std::memory_order_release);
        detail::set_process_name_source(name_of_this_process);
    }
    return *current;
}

[[gnu::hot]] void abandon_children(Runtime& inherited) {
    for (const auto& sibling : inherited.children) sibling->child->abandon();
    if (inherited.forkserver) inherited.forkserver->abandon();
    if (const auto keeper = inherited.keeper.lock()) keeper->abandon();
}

/// A child that the program's own fork made: it has its parent's name, but none of its children.
Runtime& adopt_record(const Runtime& inherited) {
    auto* own = new Runtime(inherited.identity);
    own->pid = os::current_pid();
    own->is_main = inherited.is_main;
    own->start_method = inherited.start_method;
    own->inherited = &inherited;  // never destroyed: its mutex may be locked
    record.store(own, std::memory_order_release);
    return *own;
}

}  // namespace

Runtime::Runtime(ChildIdentity the_identity)
    : identity(std::move(the_identity)), is_main(false), start_method(identity.start_method) {}

[[gnu::hot]] Runtime& runtime() {
    Runtime* current = record.load(std::memory_order_acquire);
    if (!current) return make_record();
    if (current->pid != os::current_pid()) return adopt_record(*current);
    return *current;
}

ChildIdentity heritage(StartMethod method) {
    Runtime& own = runtime();
    // Made before the first child, so that all have the same.
    tree_pipe();
    shm::prepare_tree();
    ChildIdentity identity;
    identity.parent_pid = own.pid;
    identity.creator_pid = own.pid;
    identity.created_by_main_thread = os::is_main_thread();
    identity.start_method = method;
    identity.log_level = get_logger().level();
    identity.log_handler = get_logger().handler();
    std::lock_guard guard(own.mutex);
    identity.pool_depth = own.identity.pool_depth;
    identity.parent_name = own.identity.name;
    identity.authkey = own.identity.authkey;
    return identity;
}

[[gnu::hot]] void renew_runtime(std::unique_ptr<Runtime> fresh) {
    // The inherited record stays as it is, for its mutex may be locked; but the descriptors of siblings are closed, or
    // each child would hold those of all that were started before it.
    if (Runtime* inherited = record.load(std::memory_order_acquire))
        abandon_children(*inherited);
    else
        refuse_second_copy();
    fresh->pid = os::read_pid();
    record.store(fresh.release(), std::memory_order_release);
}

[[gnu::hot]] void renew_log(const ChildIdentity& identity) {
    Logger& logger = get_logger();
    logger.set_level(identity.log_level);
    logger.set_handler(identity.log_handler);
    detail::set_process_name_source(name_of_this_process);
}

}  // namespace cohort::process
