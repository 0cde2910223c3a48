// SPDX-License-Identifier: MIT
#include "serial/entry_registry.hpp"

#include <pthread.h>

#include <cstddef>
#include <new>

namespace cohort::serial {

using detail::Entry;
using detail::ModuleEntries;
using std::string_view_literals::operator""sv;

namespace {

// What a copy of cohort offers to the others: a note in each module that has one leads to it. The note's number is that
// of this interface; copies with another one are left alone.
struct Copy {
    const Entry* (*find)(Token token, std::string_view role);
};

constexpr auto kNoteOwner = "cohort\0"sv;
constexpr std::uint32_t kNoteNumber = 1;

std::uintptr_t address_of(const Entry& entry) noexcept {
    return reinterpret_cast<std::uintptr_t>(entry.function);
}

}  // namespace

extern "C" {
[[gnu::visibility("hidden")]] extern const Copy cohort_serial_copy;
[[gnu::used]] const Copy cohort_serial_copy{
    [](Token token, std::string_view role) { return EntryRegistry::instance().find(token, role); }};
}

asm(R"(
    .pushsection .note.cohort, "a", %note
    .balign 4
    .long 7, 4, 1
    .asciz "cohort"
    .balign 4
    .long cohort_serial_copy - .
    .popsection
)");

// Around each fork of the program.
[[gnu::hot]] void EntryRegistry::lock_all() {
    instance().mutex_.lock();
}

[[gnu::hot]] void EntryRegistry::unlock_all() {
    instance().mutex_.unlock();
}

EntryRegistry& EntryRegistry::instance() {
    // Never destroyed; not on the heap, where its lock would cost each forked child a page.
    alignas(EntryRegistry) static std::byte place[sizeof(EntryRegistry)];
    static EntryRegistry& registry = *new (place) EntryRegistry;
    return registry;
}

EntryRegistry::EntryRegistry() {
    ::pthread_atfork(lock_all, unlock_all, unlock_all);
}

void EntryRegistry::add(ModuleEntries& module, Entry& entry) {
    std::scoped_lock lock(mutex_);
    if (!module.first) {
        module.next = first_;
        first_ = &module;
        ++epoch_;
    }
    entry.next = module.first;
    module.first = &entry;
}

void EntryRegistry::remove(ModuleEntries& module) {
    std::scoped_lock lock(mutex_);
    for (ModuleEntries** link = &first_; *link; link = &(*link)->next) {
        if (*link != &module) continue;
        *link = module.next;
        ++epoch_;
        return;
    }
}

Token EntryRegistry::known_token_of(const Entry& entry) noexcept {
    return {entry.module.id.load(std::memory_order_relaxed), address_of(entry) - entry.module.begin};
}

Token EntryRegistry::token_of(const Entry& entry) {
    std::scoped_lock lock(mutex_);
    return identify(entry.module) ? known_token_of(entry) : Token{};
}

const Entry* EntryRegistry::find(Token token, std::string_view role) {
    std::scoped_lock lock(mutex_);
    for (ModuleEntries* module = first_; module; module = module->next) {
        if (!identify(*module) || module->id.load(std::memory_order_relaxed) != token.module) continue;
        for (const Entry* entry = module->first; entry; entry = entry->next)
            if (known_token_of(*entry) == token && entry->role == role) return entry;
    }
    return nullptr;
}

const Entry* EntryRegistry::find_in_other_copies(Token token, std::string_view role) {
    for (const void* target : note_targets(kNoteOwner, kNoteNumber)) {
        const auto* copy = static_cast<const Copy*>(target);
        if (copy == &cohort_serial_copy) continue;
        if (const Entry* entry = copy->find(token, role)) return entry;
    }
    return nullptr;
}

std::vector<Module> EntryRegistry::modules_with_entries() {
    std::scoped_lock lock(mutex_);
    std::vector<Module> modules;
    for (ModuleEntries* each = first_; each; each = each->next)
        if (const Module* module = table_.at(address_of(*each->first))) modules.push_back(*module);
    return modules;
}

bool EntryRegistry::identify(ModuleEntries& entries) {
    if (entries.id.load(std::memory_order_relaxed) != 0) return true;
    const Module* module = table_.at(address_of(*entries.first));
    if (!module) return false;
    entries.begin = module->memory.begin;
    entries.id.store(module->id, std::memory_order_release);
    return true;
}

namespace detail {

Entry::Entry(ModuleEntries& of, Trampoline runs, std::string_view what_for) noexcept
    : module(of), function(runs), role(what_for) {
    EntryRegistry::instance().add(of, *this);
}

void ModuleEntries::withdraw() noexcept {
    EntryRegistry::instance().remove(*this);
}

Token token_of(const Entry& entry) {
    bool known = entry.module.id.load(std::memory_order_acquire) != 0;
    return known ? EntryRegistry::known_token_of(entry) : EntryRegistry::instance().token_of(entry);
}

}  // namespace detail

}  // namespace cohort::serial
