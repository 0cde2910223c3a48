// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace cohort::detail {

/// The input iterator of a range whose items come one after the other and are not kept: each step takes the next one
/// out of the range. The default one is the end.
/// @tparam Source  `source.pull()` returns the next item in a `std::optional<T>`; nothing at the end
template <class T, class Source>
class PullIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    PullIterator() = default;
    explicit PullIterator(Source& source) : source_(&source) { ++*this; }
    T& operator*() const { return *item_; }
    T* operator->() const { return std::addressof(*item_); }
    PullIterator& operator++() {
        item_.reset();
        if (auto next = source_->pull()) item_.emplace(std::move(*next));
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const PullIterator& a, const PullIterator& b) noexcept {
        return a.item_.has_value() == b.item_.has_value();
    }

private:
    Source* source_ = nullptr;
    mutable std::optional<T> item_;
};

}  // namespace cohort::detail
