// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/shm/shareable_item.hpp>
#include <cohort/shm/shared_memory.hpp>

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cohort {

/// How to make or find a ShareableList. The order of the members is API.
struct ShareableListOptions {
    std::string name{};  ///< of its segment, see SharedMemoryOptions
    bool track = true;   ///< see SharedMemoryOptions
};

/// A list in a named segment: its length is fixed, its items are numbers, bools, texts, bytes and `none`. Laid out as
/// Python's `multiprocessing.shared_memory.ShareableList`: either side makes it, both read and write it.
///
/// A handle, as SharedMemory: copies are the same list; sent to another process it is opened there by its name.
/// An item may be replaced by one of any type; a text or bytes must fit into the slot, which is as long as the
/// first item made it (its length in bytes, rounded up to the next multiple of 8; numbers 8). Zero bytes at the end of
/// a text or of bytes are lost, as in Python.
///
/// Thread safety: the handle is safe. The items are memory without a lock: who writes while others read or write the
/// same item needs one. FORK: as SharedMemory.
/// DEATH: an item that a killed process was writing may be neither the old nor the new one.
class COHORT_API ShareableList {
public:
    class Reference;
    class Iterator;
    using value_type = ShareableItem;
    using iterator = Iterator;
    using const_iterator = Iterator;

    /// Makes a list of these items, in a new segment.
    /// @throws ValueError         a text or bytes of 10,000,000 bytes or more
    /// @throws std::system_error  as SharedMemory
    ShareableList(std::initializer_list<ShareableItem> items, const ShareableListOptions& options = {});
    /// The same.
    explicit ShareableList(const std::vector<ShareableItem>& items, const ShareableListOptions& options = {});

    /// Opens the list of this name.
    /// @throws SerializationError  the segment holds no list
    /// @throws ValueError, std::system_error  as SharedMemory
    explicit ShareableList(const ShareableListOptions& options);

    ShareableList(const ShareableList&) = default;  // and no move: there is no empty handle
    ShareableList& operator=(const ShareableList&) = default;
    ~ShareableList() = default;

    /// How many items it has.
    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }

    /// The item at an index; a negative one counts from the end. The reference reads and writes the segment.
    /// @throws std::out_of_range  there is no such item
    Reference operator[](std::ptrdiff_t index) const;

    /// A copy of the item.
    /// @throws std::out_of_range, ValueError if the segment is closed, SerializationError if the memory is damaged
    ShareableItem get(std::ptrdiff_t index) const;

    /// Replaces the item.
    /// @throws std::out_of_range
    /// @throws ValueError  a text or bytes that is longer than the slot; the segment is closed. Nothing has changed
    /// then
    void set(std::ptrdiff_t index, const ShareableItem& item) const;

    /// Copies of all items.
    std::vector<ShareableItem> items() const;

    /// How many items are equal to this one.
    std::size_t count(const ShareableItem& item) const;
    /// The index of the first item that is equal to this one.
    /// @throws ValueError  there is none
    std::size_t index(const ShareableItem& item) const;

    /// How the items are kept, as Python's `struct` has it: `qd8sxxxxxxx?xxxxxx?x`.
    std::string format() const;

    /// The segment: for its name, close() and unlink().
    SharedMemory& shm() noexcept { return memory_; }
    /// The segment that it lies in.
    const SharedMemory& shm() const noexcept { return memory_; }
    /// Its name.
    const std::string& name() const noexcept { return memory_.name(); }

    Iterator begin() const noexcept;
    Iterator end() const noexcept;

    /// `ShareableList([1, 2.5, 'text', True, None], name='cohort_0123abcd')`, as Python's repr.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const ShareableList& list);

private:
    struct Layout;

    std::size_t position(std::ptrdiff_t index, const char* error) const;

    std::shared_ptr<const Layout> layout_;
    SharedMemory memory_;
};

/// An item in its list.
class ShareableList::Reference {
public:
    Reference(const Reference&) = default;
    ~Reference() = default;
    /// Replaces the item, see ShareableList::set().
    const Reference& operator=(const ShareableItem& item) const {
        list_.set(index_, item);
        return *this;
    }
    // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): as a reference, it assigns the item
    Reference& operator=(const Reference& other) {
        list_.set(index_, other);
        return *this;
    }
    /// A copy of the item.
    operator ShareableItem() const { return list_.get(index_); }
    /// A copy of the item's value, see ShareableItem::as().
    template <class T>
    T as() const {
        return list_.get(index_).template as<T>();
    }
    /// Whether the item is Python's None.
    bool is_none() const { return list_.get(index_).is_none(); }

    friend bool operator==(const Reference& left, const Reference& right) {
        return ShareableItem(left) == ShareableItem(right);
    }
    friend bool operator==(const Reference& left, const ShareableItem& right) { return ShareableItem(left) == right; }
    friend std::ostream& operator<<(std::ostream& out, const Reference& reference) {
        return out << ShareableItem(reference);
    }

private:
    friend class ShareableList;
    Reference(const ShareableList& list, std::ptrdiff_t index) : list_(list), index_(index) {}

    ShareableList list_;
    std::ptrdiff_t index_;
};

/// Gives copies of the items. Valid as long as its list.
class ShareableList::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = ShareableItem;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = ShareableItem;

    Iterator() = default;
    ShareableItem operator*() const { return list_->get(index_); }
    Iterator& operator++() {
        ++index_;
        return *this;
    }
    Iterator operator++(int) { return {list_, index_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    friend class ShareableList;
    Iterator(const ShareableList* list, std::ptrdiff_t index) noexcept : list_(list), index_(index) {}

    const ShareableList* list_ = nullptr;
    std::ptrdiff_t index_ = 0;
};

inline ShareableList::Reference ShareableList::operator[](std::ptrdiff_t index) const {
    return {*this, static_cast<std::ptrdiff_t>(position(index, "index out of range"))};
}
inline ShareableList::Iterator ShareableList::begin() const noexcept {
    return {this, 0};
}
inline ShareableList::Iterator ShareableList::end() const noexcept {
    return {this, static_cast<std::ptrdiff_t>(size())};
}

}  // namespace cohort
