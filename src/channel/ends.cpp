// SPDX-License-Identifier: MIT
#include "channel/ends.hpp"

#include "channel/network/stream.hpp"
#include "os/random.hpp"
#include "os/unix_socket.hpp"
#include "os/word_lock.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cohort::channel {

namespace {

/// A handle in memory: a Connection is nothing but a pointer to its End and one to what counts the copies.
using Place = const void*;
using Handles = std::unordered_map<Place, const End*>;

// How many ends there are. Apart from the lists, which a program without pipes never makes.
constinit std::atomic<std::size_t> count{0};

struct Lists {
    Lists();

    os::WordLock lock;
    std::unordered_set<End*> ends;
    std::vector<const HandleHolder*> holders;
};

// Never destroyed: static objects of the program may hold connections.
Lists& lists() {
    static Lists& all = *new Lists;
    return all;
}

void lock_all() {
    lists().lock.lock();
}
void unlock_all() {
    lists().lock.unlock();
}

Lists::Lists() {
    ::pthread_atfork(lock_all, unlock_all, unlock_all);
}

/// @param into  declared before the lock was taken: an end that is destroyed takes it
void enter(Lists& all, std::shared_ptr<End>& into, Descriptor descriptor, EndIdentity identity, EndRights rights,
           std::unique_ptr<const Stream> stream = {}) {
    into = std::make_shared<End>(std::move(descriptor), identity, rights, std::move(stream));
    all.ends.insert(into.get());
    count.store(all.ends.size(), std::memory_order_relaxed);
}

std::uint64_t new_pipe_number() {
    std::uint64_t number = 0;
    const std::string bytes = os::random_bytes(sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

/// Finds the handles in what a holder holds. A word that is the address of an End is a handle: nobody else has one.
void find_handles(const Lists& all, const HandleHolder& holder, Handles& found) {
    holder.visit_handle_memory([&](const void* begin, std::size_t bytes) {
        constexpr std::size_t kPointer = sizeof(void*);
        const auto* bytes_there = static_cast<const std::byte*>(begin);
        for (std::size_t at = 0; at + kPointer <= bytes; at += kPointer) {
            End* candidate = nullptr;
            std::memcpy(&candidate, bytes_there + at, kPointer);
            if (all.ends.contains(candidate)) found.emplace(bytes_there + at, candidate);
        }
    });
}

std::unordered_map<const End*, long> count_by_end(const Handles& handles) {
    std::unordered_map<const End*, long> counts;
    for (const auto& [place, end] : handles) ++counts[end];
    return counts;
}

}  // namespace

std::pair<std::shared_ptr<End>, std::shared_ptr<End>> Ends::make_pipe(EndRights first, EndRights second) {
    const std::uint64_t number = new_pipe_number();
    Lists& all = lists();
    std::pair<std::shared_ptr<End>, std::shared_ptr<End>> made;
    std::lock_guard guard(all.lock);  // no fork falls between the sockets and the list
    auto [one, other] = os::socket_pair(os::SocketKind::seqpacket);
    enter(all, made.first, std::move(one), {number, 0}, first);
    enter(all, made.second, std::move(other), {number, 1}, second);
    return made;
}

std::shared_ptr<End> Ends::make_stream(Descriptor descriptor, std::unique_ptr<const Stream> stream) {
    return adopt(std::move(descriptor), {new_pipe_number(), 0}, {}, std::move(stream));
}

std::shared_ptr<End> Ends::adopt(Descriptor descriptor, EndIdentity identity, EndRights rights,
                                 std::unique_ptr<const Stream> stream) {
    Lists& all = lists();
    std::shared_ptr<End> end;
    std::lock_guard guard(all.lock);
    for (End* known : all.ends) {
        if (known->identity() != identity || known->closed()) continue;
        if ((end = known->weak_from_this().lock())) return end;
    }
    enter(all, end, std::move(descriptor), identity, rights, std::move(stream));
    return end;
}

[[gnu::hot]] bool Ends::any() noexcept {
    return count.load(std::memory_order_relaxed) != 0;
}

void Ends::add_holder(const HandleHolder& holder) {
    Lists& all = lists();
    std::lock_guard guard(all.lock);
    Handles found;
    find_handles(all, holder, found);
    if (!found.empty()) all.holders.push_back(&holder);
}

void Ends::remove_holder(const HandleHolder& holder) noexcept {
    Lists& all = lists();
    std::lock_guard guard(all.lock);
    std::erase(all.holders, &holder);
}

void Ends::settle_after_fork(const HandleHolder* given) {
    Lists& all = lists();
    std::lock_guard guard(all.lock);
    std::erase(all.holders, given);
    Handles own, of_others;
    if (given) find_handles(all, *given, own);
    for (const HandleHolder* other : all.holders) find_handles(all, *other, of_others);
    const auto kept = count_by_end(own), moved = count_by_end(of_others);
    const auto is_given = [&](const EndIdentity& identity) {
        return std::any_of(kept.begin(), kept.end(),
                           [&](const auto& each) { return each.first->identity() == identity; });
    };
    for (End* end : all.ends) {
        if (kept.contains(end)) continue;
        // Of those that other calls hold, the ones that nobody else holds: they were moved there.
        const auto held = moved.find(end);
        const bool was_moved = held != moved.end() && held->second == end->handles();
        const bool dying = end->handles() == 0;  // its thread does not exist here
        if (was_moved || dying || is_given(end->identity().peer())) end->close_listed();
    }
}

void Ends::close(End& end) noexcept {
    std::lock_guard guard(lists().lock);
    end.close_listed();
}

void Ends::remove(End& end) noexcept {
    Lists& all = lists();
    std::lock_guard guard(all.lock);
    all.ends.erase(&end);
    count.store(all.ends.size(), std::memory_order_relaxed);
    end.close_descriptor();
}

}  // namespace cohort::channel
