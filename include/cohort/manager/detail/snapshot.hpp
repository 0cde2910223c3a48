// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace cohort::manager::detail {

/// Walks over elements that were got in one call, and keeps them. The end is any that has nothing left.
template <class T>
class Snapshot {
public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const T*;
    using reference = const T&;

    Snapshot() noexcept = default;
    explicit Snapshot(std::vector<T> elements)
        : elements_(std::make_shared<const std::vector<T>>(std::move(elements))) {}

    reference operator*() const { return (*elements_)[at_]; }
    pointer operator->() const { return &(*elements_)[at_]; }
    Snapshot& operator++() {
        ++at_;
        return *this;
    }
    Snapshot operator++(int) {
        Snapshot before = *this;
        ++at_;
        return before;
    }
    friend bool operator==(const Snapshot& one, const Snapshot& other) { return one.left() == other.left(); }

private:
    std::size_t left() const { return elements_ ? elements_->size() - at_ : 0; }

    std::shared_ptr<const std::vector<T>> elements_;
    std::size_t at_ = 0;
};

}  // namespace cohort::manager::detail
