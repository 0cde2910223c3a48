// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/object.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace cohort {

/// A dict as Python's: its items stay in the order of insertion, keys of different types may be equal (`1`, `1.0` and
/// `True` are one key). Looking up, inserting and erasing take constant time; the hash is another in each process, so
/// that nobody can choose keys that collide.
///
/// Thread safety: as the standard containers'. References and iterators are valid until the next change.
class COHORT_API ObjectDict {
public:
    /// A key and its value.
    class Item {
    public:
        /// Of the item.
        const Object& key() const noexcept { return key_; }
        /// Of the item.
        const Object& value() const noexcept { return value_; }
        /// For structured bindings: 0 is the key, 1 the value.
        template <std::size_t I>
        const Object& get() const noexcept {
            if constexpr (I == 0)
                return key_;
            else
                return value_;
        }

    private:
        friend class ObjectDict;
        friend serial::detail::ObjectAccess;
        Object key_{};  // first: iterators over keys walk here
        Object value_{};
        std::size_t hash_ = 0;
    };
    class const_iterator;

    ObjectDict() noexcept = default;
    /// With these items; the last one of equal keys counts.
    ObjectDict(std::initializer_list<std::pair<Object, Object>> items);
    ObjectDict(const ObjectDict&);
    ObjectDict(ObjectDict&& other) noexcept;
    ObjectDict& operator=(const ObjectDict& other);
    ObjectDict& operator=(ObjectDict&& other) noexcept;
    ~ObjectDict();

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// Makes room for so many items.
    void reserve(std::size_t items);

    /// The value of a key, or null. @throws TypeError  the key is not hashable
    const Object* find(const Object& key) const;
    /// The key as it is in the dict, or null.
    const Object* find_key(const Object& key) const;
    /// Whether there is an equal key.
    bool contains(const Object& key) const { return find(key) != nullptr; }
    /// @throws KeyError  there is no such key
    const Object& at(const Object& key) const;

    /// Sets the value of a key. A key that is equal to one there already changes that one's value and keeps its place.
    /// True if the key is new.
    bool assign(Object key, Object value);
    /// Inserts a value if there is no such key. Gives the value that is there then, and whether it is new.
    std::pair<const Object*, bool> insert(Object key, Object value);
    /// Removes a key; gives its value, or nothing if there is no such key.
    std::optional<Object> take(const Object& key);
    /// Removes the item that was inserted last. REQUIRES: not empty.
    std::pair<Object, Object> take_last();
    /// Whether the key was there.
    bool erase(const Object& key) { return take(key).has_value(); }
    /// Removes all items.
    void clear() noexcept;

    const_iterator begin() const noexcept;
    const_iterator end() const noexcept;

    /// Python's `==`: the same keys with equal values, in any order.
    friend COHORT_API bool operator==(const ObjectDict& left, const ObjectDict& right);

private:
    friend class Object;
    friend serial::detail::ObjectAccess;

    std::size_t slot_of(const Object& key, std::size_t hash) const;
    std::size_t place_of(const Object& key, std::size_t hash) const;
    void add(Object key, Object value, std::size_t hash);
    void remove(std::size_t place);
    void note_depth(const Object& part);
    void rebuild(std::size_t slots);

    std::vector<Item> items_{};           // in the order of insertion; removed ones are marked until the next rebuild
    std::vector<std::uint32_t> slots_{};  // open addressing: 1 + the place in items_; none while there are few items
    std::size_t used_slots_ = 0;          // that are not free
    std::size_t size_ = 0;
    int depth_ = 0;  // of the deepest key or value that was ever inserted
};

/// Walks over the items in the order of insertion.
class ObjectDict::const_iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = const Item*;
    using reference = const Item&;

    const_iterator() noexcept = default;
    const Item& operator*() const noexcept { return *current(); }
    const Item* operator->() const noexcept { return current(); }
    const_iterator& operator++() noexcept {
        ++keys_;
        return *this;
    }
    const_iterator operator++(int) noexcept {
        const_iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const const_iterator&, const const_iterator&) noexcept = default;

private:
    friend class ObjectDict;
    friend serial::detail::ObjectAccess;
    explicit const_iterator(Object::const_iterator keys) noexcept : keys_(keys) {}
    const Item* current() const noexcept { return reinterpret_cast<const Item*>(&*keys_); }

    Object::const_iterator keys_{};
};

}  // namespace cohort

template <>
struct std::tuple_size<cohort::ObjectDict::Item> : std::integral_constant<std::size_t, 2> {};
/// What structured bindings ask for.
template <std::size_t I>
struct std::tuple_element<I, cohort::ObjectDict::Item> {
    /// Of the key, and of the value.
    using type = const cohort::Object;
};
