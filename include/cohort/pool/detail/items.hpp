// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/callable.hpp>
#include <cohort/serial/sink.hpp>

#include <cstddef>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort::detail {

/// Writes a value as a T: in place where it is one, else converted.
template <class T, class Value>
void write_as(serial::Sink& out, Value&& value, serial::Target target) {
    if constexpr (std::is_same_v<std::remove_cvref_t<Value>, T>)
        serial::write_argument<T>(out, value, target);
    else
        serial::write_argument<T>(out, T(std::forward<Value>(value)), target);
}

/// The items of a range by index. Items of a random-access range stay where they are; of others, what leads to them is
/// kept: iterators, or for ranges that can be read only once the values.
template <class Range>
class Items {
    static constexpr bool kDirect = std::ranges::random_access_range<Range> && std::ranges::sized_range<Range>;
    static constexpr bool kRepeatable = std::ranges::forward_range<Range>;
    using Iterator = std::ranges::iterator_t<Range>;

public:
    using Value = std::ranges::range_value_t<Range>;

    explicit Items(Range& range) {
        if constexpr (kDirect) {
            size_ = static_cast<std::size_t>(std::ranges::size(range));
            kept_ = std::ranges::begin(range);
        } else {
            auto end = std::ranges::end(range);
            for (auto it = std::ranges::begin(range); it != end; ++it) {
                if constexpr (kRepeatable)
                    kept_.push_back(it);
                else
                    kept_.push_back(*it);
            }
            size_ = kept_.size();
        }
    }

    std::size_t size() const noexcept { return size_; }

    decltype(auto) operator[](std::size_t index) {
        if constexpr (kDirect)
            return kept_[static_cast<std::iter_difference_t<Iterator>>(index)];
        else if constexpr (kRepeatable)
            return *kept_[index];
        else
            return std::as_const(kept_[index]);
    }

private:
    using Kept = std::conditional_t<kDirect, Iterator, std::vector<std::conditional_t<kRepeatable, Iterator, Value>>>;

    Kept kept_{};
    std::size_t size_ = 0;
};

}  // namespace cohort::detail
