// SPDX-License-Identifier: MIT
#include "manager/object_table.hpp"

#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/python_error.hpp"
#include "os/random.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cohort::manager {

namespace {

std::string hexadecimal(std::uint64_t number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    do text.insert(text.begin(), kDigits[number & 15]);
    while (number >>= 4);
    return text;
}

std::string random_prefix() {
    std::string text;
    for (const char byte : os::random_bytes(6)) {
        const std::string digits = hexadecimal(static_cast<unsigned char>(byte));
        text += digits.size() == 1 ? "0" + digits : digits;
    }
    return text;
}

// Replaces what `change` gives another value for, in a value's parts; nothing if there is none.
template <class Change>
std::optional<Object> replaced(const Object& value, const Change& change);

template <class Change>
bool replace_each(std::vector<Object>& parts, const Change& change) {
    bool any = false;
    for (Object& part : parts)
        if (auto other = replaced(part, change)) {
            part = std::move(*other);
            any = true;
        }
    return any;
}

template <class Change>
std::optional<Object> replaced_in_dict(const Object& dict, const Change& change) {
    std::optional<ObjectDict> copy;
    for (const auto& [key, element] : dict.as_dict())
        if (auto other = replaced(element, change)) {
            if (!copy) copy = dict.as_dict();
            copy->assign(key, std::move(*other));
        }
    if (!copy) return {};
    return Object::dict(std::move(*copy));
}

template <class Change>
std::optional<Object> replaced_in_instance(const Object& instance, const Change& change) {
    ObjectInstance parts = instance.as_instance();
    bool any = replace_each(parts.list_items, change);
    for (auto& [key, element] : parts.dict_items)
        if (auto other = replaced(element, change)) {
            element = std::move(*other);
            any = true;
        }
    for (Object* part : {&parts.args, parts.state ? &*parts.state : nullptr})
        if (auto other = part ? replaced(*part, change) : std::nullopt) {
            *part = std::move(*other);
            any = true;
        }
    if (!any) return {};
    return Object::instance(std::move(parts));
}

template <class Change>
std::optional<Object> replaced(const Object& value, const Change& change) {
    using Kind = Object::Kind;
    if (value.is(Kind::proxy)) return change(value);
    if (value.is(Kind::dict)) return replaced_in_dict(value, change);
    if (value.is(Kind::instance)) return replaced_in_instance(value, change);
    if (!value.is(Kind::list) && !value.is(Kind::tuple)) return {};
    const auto elements = value.as_sequence();
    std::vector<Object> copy(elements.begin(), elements.end());
    if (!replace_each(copy, change)) return {};
    return value.is(Kind::list) ? Object::list(std::move(copy)) : Object::tuple(std::move(copy));
}

std::shared_ptr<const Reference> reference_of(const Object& proxy) {
    return std::dynamic_pointer_cast<const Reference>(proxy.as_instance().keeps);
}

}  // namespace

Reference::~Reference() {
    const auto table = table_.lock();
    if (!table) return;
    try {
        table->decref(ident_, 0);
    } catch (...) {
        // A client has dropped references that were not its own.
    }
}

std::shared_ptr<Referent> referent_of(const Object& value) {
    const auto reference = value.is(Object::Kind::proxy) ? reference_of(value) : nullptr;
    return reference ? reference->referent() : nullptr;
}

std::vector<std::shared_ptr<const Reference>> references_in(const Object& value) {
    std::vector<std::shared_ptr<const Reference>> all;
    replaced(value, [&](const Object& proxy) -> std::optional<Object> {
        if (auto reference = reference_of(proxy)) all.push_back(std::move(reference));
        return {};
    });
    return all;
}

ObjectTable::ObjectTable() : prefix_(random_prefix()) {}

std::string ObjectTable::add(const std::string& type_id, std::shared_ptr<Referent> referent, HolderId holder) {
    auto [known, is_new] = idents_.try_emplace(referent->identity());
    if (is_new) {
        known->second = prefix_ + hexadecimal(++last_number_);
        if (referent->watches_clients()) watch_clients_.insert(referent.get());
        entries_.emplace(known->second, Entry{std::move(referent), type_id, 0, {}});
    }
    std::string ident = known->second;
    incref(ident, holder);
    return ident;
}

ObjectTable::Entry& ObjectTable::at(std::string_view ident) {
    const auto found = entries_.find(ident);
    if (found == entries_.end()) raise_key_error(Object(ident));
    return found->second;
}

void ObjectTable::incref(std::string_view ident, HolderId holder) {
    Entry& entry = at(ident);
    ++entry.references;
    if (holder) ++entry.holders[holder];
}

void ObjectTable::decref(std::string_view ident, HolderId holder) {
    const auto found = entries_.find(ident);
    if (found == entries_.end()) raise_key_error(Object(ident));
    auto& holders = found->second.holders;
    if (const auto held = holders.find(holder); held != holders.end() && --held->second == 0) holders.erase(held);
    drop(found, 1);
}

void ObjectTable::holder_gone(HolderId holder) {
    tell_watchers([holder](Referent& each) { each.holder_gone(holder); });
    std::vector<std::pair<std::string, std::int64_t>> lost;
    for (auto& [ident, entry] : entries_)
        if (const auto held = entry.holders.find(holder); held != entry.holders.end()) {
            lost.emplace_back(ident, held->second);
            entry.holders.erase(held);
        }
    for (const auto& [ident, references] : lost)
        if (const auto found = entries_.find(ident); found != entries_.end()) drop(found, references);
}

std::shared_ptr<Referent> ObjectTable::own_lock(std::string_view ident,
                                                const std::function<std::shared_ptr<Referent>()>& make) {
    if (const auto& known = at(ident).own_lock) return known->referent();
    auto lock = make();
    auto reference = std::make_shared<const Reference>(weak_from_this(), add(kOwnLockType, lock, 0), lock);
    at(ident).own_lock = std::move(reference);
    return lock;
}

// What ends may hold references to more that then ends: one after the other, however long the chain.
void ObjectTable::drop(Entries::iterator entry, std::int64_t references) {
    entry->second.references -= references;
    if (entry->second.references > 0) return;
    idents_.erase(entry->second.referent->identity());
    watch_clients_.erase(entry->second.referent.get());
    doomed_.push_back(std::move(entry->second.referent));
    const auto lock = std::move(entry->second.own_lock);
    entries_.erase(entry);
    if (!burying_) bury_doomed();
}

void ObjectTable::bury_doomed() {
    burying_ = true;
    while (!doomed_.empty()) {
        const auto next = std::move(doomed_.back());
        doomed_.pop_back();
    }
    burying_ = false;
}

// Calls that are dropped may hold the last references to objects, also to those that are told.
template <class Tell>
void ObjectTable::tell_watchers(const Tell& tell) {
    const std::vector<Referent*> watchers(watch_clients_.begin(), watch_clients_.end());
    burying_ = true;
    for (Referent* each : watchers) tell(*each);
    bury_doomed();
}

void ObjectTable::client_gone(ClientId client) {
    tell_watchers([client](Referent& each) { each.client_gone(client); });
}

std::string ObjectTable::describe() const {
    std::map<std::string_view, const Entry*> sorted;
    for (const auto& [ident, entry] : entries_) sorted.emplace(ident, &entry);
    std::string text;
    for (const auto& [ident, entry] : sorted) {
        if (!text.empty()) text += '\n';
        text.append("  ").append(ident).append(":       refcount=").append(std::to_string(entry->references));
        text.append("\n    ").append(entry->referent->str().substr(0, 75));
    }
    return text;
}

Object ObjectTable::adopt(const Object& value) {
    const auto change = [this](const Object& proxy) -> std::optional<Object> {
        if (!entries_.contains(ObjectProxyParts::from(proxy).token.id)) return {};
        return adopt_proxy(proxy);
    };
    return replaced(value, change).value_or(value);
}

std::shared_ptr<const Reference> ObjectTable::reference_to(const Referent& referent) {
    const auto known = idents_.find(referent.identity());
    if (known == idents_.end()) return nullptr;
    incref(known->second, 0);
    return std::make_shared<const Reference>(weak_from_this(), known->second, at(known->second).referent);
}

bool has_proxy(const Object& value) {
    bool found = false;
    replaced(value, [&](const Object&) -> std::optional<Object> {
        found = true;
        return {};
    });
    return found;
}

Object ObjectTable::adopt_proxy(const Object& proxy) {
    const std::string ident = ObjectProxyParts::from(proxy).token.id;
    Entry& entry = at(ident);
    incref(ident, 0);
    has_adopted_ = true;
    ObjectInstance parts = proxy.as_instance();
    parts.keeps = std::make_shared<const Reference>(weak_from_this(), ident, entry.referent);
    return Object::instance(std::move(parts));
}

}  // namespace cohort::manager
