// SPDX-License-Identifier: MIT
#include <cohort/serial/object_dict.hpp>

#include "serial/object/node.hpp"
#include "serial/object/python_exception.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace cohort {

using serial::detail::ObjectAccess;

namespace {

// Up to so many items are looked through one after the other.
constexpr std::size_t kFew = 8;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
constexpr std::uint32_t kFree = 0;
constexpr std::uint32_t kRemoved = std::numeric_limits<std::uint32_t>::max();

}  // namespace

ObjectDict::ObjectDict(std::initializer_list<std::pair<Object, Object>> items) {
    reserve(items.size());
    for (const auto& [key, value] : items) assign(key, value);
}

ObjectDict::ObjectDict(const ObjectDict&) = default;
ObjectDict& ObjectDict::operator=(const ObjectDict& other) = default;
ObjectDict::~ObjectDict() = default;

ObjectDict::ObjectDict(ObjectDict&& other) noexcept
    : items_(std::move(other.items_)),
      slots_(std::move(other.slots_)),
      used_slots_(std::exchange(other.used_slots_, 0)),
      size_(std::exchange(other.size_, 0)),
      depth_(std::exchange(other.depth_, 0)) {
    other.clear();
}

ObjectDict& ObjectDict::operator=(ObjectDict&& other) noexcept {
    ObjectDict taken(std::move(other));
    items_.swap(taken.items_);
    slots_.swap(taken.slots_);
    used_slots_ = taken.used_slots_;
    size_ = taken.size_;
    depth_ = taken.depth_;
    return *this;
}

void ObjectDict::reserve(std::size_t items) {
    if (items > items_.capacity()) items_.reserve(std::max(items, 2 * items_.capacity()));
    if (items > kFew && items > slots_.size() / 2) rebuild(std::bit_ceil(2 * items));
}

const Object* ObjectDict::find(const Object& key) const {
    const std::size_t place = place_of(key, key.hash());
    return place == kNowhere ? nullptr : &items_[place].value_;
}

const Object* ObjectDict::find_key(const Object& key) const {
    const std::size_t place = place_of(key, key.hash());
    return place == kNowhere ? nullptr : &items_[place].key_;
}

const Object& ObjectDict::at(const Object& key) const {
    if (const Object* value = find(key)) return *value;
    serial::throw_key_error(key);
}

bool ObjectDict::assign(Object key, Object value) {
    const std::size_t hash = key.hash();
    const std::size_t place = place_of(key, hash);
    if (place == kNowhere) {
        add(std::move(key), std::move(value), hash);
        return true;
    }
    note_depth(value);
    items_[place].value_ = std::move(value);
    return false;
}

std::pair<const Object*, bool> ObjectDict::insert(Object key, Object value) {
    const std::size_t hash = key.hash();
    if (const std::size_t place = place_of(key, hash); place != kNowhere) return {&items_[place].value_, false};
    add(std::move(key), std::move(value), hash);
    return {&items_.back().value_, true};
}

std::optional<Object> ObjectDict::take(const Object& key) {
    const std::size_t place = place_of(key, key.hash());
    if (place == kNowhere) return std::nullopt;
    std::optional<Object> value(std::move(items_[place].value_));
    remove(place);
    return value;
}

std::pair<Object, Object> ObjectDict::take_last() {
    std::pair<Object, Object> item(std::move(items_.back().key_), std::move(items_.back().value_));
    remove(items_.size() - 1);
    return item;
}

void ObjectDict::clear() noexcept {
    items_.clear();
    slots_.clear();
    used_slots_ = 0;
    size_ = 0;
    depth_ = 0;
}

ObjectDict::const_iterator ObjectDict::begin() const noexcept {
    return const_iterator(ObjectAccess::walk(items_.data(), items_.data() + items_.size(), sizeof(Item)));
}

ObjectDict::const_iterator ObjectDict::end() const noexcept {
    const Item* end = items_.data() + items_.size();
    return const_iterator(ObjectAccess::walk(end, end, sizeof(Item)));
}

bool operator==(const ObjectDict& left, const ObjectDict& right) {
    if (left.size() != right.size()) return false;
    for (const auto& item : left) {
        const Object* other = right.find(item.key());
        if (!other || !(*other == item.value())) return false;
    }
    return true;
}

// The slot of a key, or the free one where the search ends. REQUIRES: there are slots.
std::size_t ObjectDict::slot_of(const Object& key, std::size_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
        const std::uint32_t found = slots_[slot];
        if (found == kFree) return slot;
        if (found == kRemoved) continue;
        const Item& item = items_[found - 1];
        if (item.hash_ == hash && item.key_ == key) return slot;
    }
}

std::size_t ObjectDict::place_of(const Object& key, std::size_t hash) const {
    if (!slots_.empty()) {
        const std::uint32_t found = slots_[slot_of(key, hash)];
        return found == kFree ? kNowhere : found - 1;
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (items_[i].hash_ == hash && !ObjectAccess::is_gone(items_[i].key_) && items_[i].key_ == key) return i;
    return kNowhere;
}

void ObjectDict::add(Object key, Object value, std::size_t hash) {
    note_depth(key);
    note_depth(value);
    // Marks of removed items count too: a search ends at a free slot, so there must always be some.
    if (slots_.empty() ? items_.size() >= kFew : 2 * (used_slots_ + 1) > slots_.size())
        rebuild(std::bit_ceil(std::max(4 * (size_ + 1), 4 * kFew)));
    Item item;
    item.key_ = std::move(key);
    item.value_ = std::move(value);
    item.hash_ = hash;
    items_.push_back(std::move(item));
    if (!slots_.empty()) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t slot = hash & mask;
        while (slots_[slot] != kFree && slots_[slot] != kRemoved) slot = (slot + 1) & mask;
        if (slots_[slot] == kFree) ++used_slots_;
        slots_[slot] = static_cast<std::uint32_t>(items_.size());
    }
    ++size_;
}

void ObjectDict::remove(std::size_t place) {
    Item& item = items_[place];
    if (!slots_.empty()) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t slot = item.hash_ & mask;
        while (slots_[slot] != place + 1) slot = (slot + 1) & mask;
        slots_[slot] = kRemoved;
    }
    item.key_ = ObjectAccess::gone();
    item.value_ = Object();
    --size_;
    // What is taken out at the end leaves no mark behind, so that a stack of items stays small.
    while (!items_.empty() && ObjectAccess::is_gone(items_.back().key_)) items_.pop_back();
    if (items_.empty()) clear();
}

void ObjectDict::note_depth(const Object& part) {
    const int depth = ObjectAccess::depth(part);
    if (depth >= Object::kMaxDepth) serial::detail::fail_object_depth();
    depth_ = std::max(depth_, depth);
}

void ObjectDict::rebuild(std::size_t slots) {
    if (items_.size() >= kRemoved - 1) throw ValueError("a dict holds fewer than 4294967294 items");
    std::erase_if(items_, [](const Item& item) { return ObjectAccess::is_gone(item.key_); });
    slots_.assign(slots, kFree);
    const std::size_t mask = slots - 1;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        std::size_t slot = items_[i].hash_ & mask;
        while (slots_[slot] != kFree) slot = (slot + 1) & mask;
        slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
    used_slots_ = items_.size();
}

}  // namespace cohort
