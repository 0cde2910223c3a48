// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <type_traits>

namespace cohort {

/// The integers from a start to before a stop, at equal steps: what range() returns. Nothing is stored but the ends.
///
/// Thread safety: a value.
template <std::integral T>
class IntegerRange {
public:
    /// Random access to the integers; its references are values.
    class iterator {
    public:
        using iterator_concept = std::random_access_iterator_tag;
        using iterator_category = std::input_iterator_tag;  // of C++17, whose stronger ones return references
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = T;

        constexpr iterator() noexcept = default;
        /// The integer at `index`, which may be the end.
        constexpr iterator(T start, T step, difference_type index) noexcept
            : start_(start), step_(step), index_(index) {}

        constexpr T operator*() const noexcept { return value_at(index_); }
        constexpr T operator[](difference_type n) const noexcept { return value_at(index_ + n); }

        constexpr iterator& operator+=(difference_type n) noexcept {
            index_ += n;
            return *this;
        }
        constexpr iterator& operator-=(difference_type n) noexcept { return *this += -n; }
        constexpr iterator& operator++() noexcept { return *this += 1; }
        constexpr iterator& operator--() noexcept { return *this -= 1; }
        constexpr iterator operator++(int) noexcept {
            iterator before = *this;
            ++*this;
            return before;
        }
        constexpr iterator operator--(int) noexcept {
            iterator before = *this;
            --*this;
            return before;
        }
        friend constexpr iterator operator+(iterator it, difference_type n) noexcept { return it += n; }
        friend constexpr iterator operator+(difference_type n, iterator it) noexcept { return it += n; }
        friend constexpr iterator operator-(iterator it, difference_type n) noexcept { return it -= n; }
        friend constexpr difference_type operator-(const iterator& a, const iterator& b) noexcept {
            return a.index_ - b.index_;
        }
        friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept { return a.index_ == b.index_; }
        friend constexpr auto operator<=>(const iterator& a, const iterator& b) noexcept {
            return a.index_ <=> b.index_;
        }

    private:
        // In unsigned arithmetic, which may wrap: the value itself is in the range.
        constexpr T value_at(difference_type index) const noexcept {
            using Wrapping = std::make_unsigned_t<T>;
            using Wide = std::common_type_t<Wrapping, unsigned>;  // small types would be promoted to int
            return static_cast<T>(static_cast<Wide>(start_) + static_cast<Wide>(step_) * static_cast<Wide>(index));
        }

        T start_{};
        T step_{};
        difference_type index_ = 0;
    };
    using const_iterator = iterator;
    using value_type = T;

    constexpr IntegerRange() noexcept = default;
    /// For range(), which has computed the size.
    constexpr IntegerRange(T start, T step, std::size_t size) noexcept : start_(start), step_(step), size_(size) {}

    constexpr iterator begin() const noexcept { return {start_, step_, 0}; }
    constexpr iterator end() const noexcept { return {start_, step_, static_cast<std::ptrdiff_t>(size_)}; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T operator[](std::size_t index) const noexcept { return begin()[static_cast<std::ptrdiff_t>(index)]; }

    friend constexpr bool operator==(const IntegerRange&, const IntegerRange&) = default;

private:
    T start_{};
    T step_{};
    std::size_t size_ = 0;
};

namespace detail {

[[noreturn]] COHORT_API void throw_zero_step();

/// How many steps fit between two integers; the distance is taken in unsigned arithmetic, where it cannot overflow.
template <std::integral T>
constexpr std::size_t count_steps(T low, T high, unsigned long long step) noexcept {
    if (low >= high) return 0;
    using Unsigned = std::make_unsigned_t<T>;
    auto distance = static_cast<Unsigned>(static_cast<Unsigned>(high) - static_cast<Unsigned>(low));
    return static_cast<std::size_t>((distance - 1U) / step) + 1;
}

}  // namespace detail

/// The integers start, start + step, … before stop, as Python's `range`; empty if stop is not reached in that
/// direction. A range holds at most 2^63 - 1 integers.
/// @throws ValueError if the step is 0
template <std::integral Start, std::integral Stop, std::integral Step = int>
constexpr auto range(Start start, Stop stop, Step step = 1) {
    using T = std::common_type_t<Start, Stop>;
    if (step == 0) detail::throw_zero_step();
    const auto first = static_cast<T>(start);
    const auto last = static_cast<T>(stop);
    const bool down = std::is_signed_v<Step> && step < Step{};
    const auto bits = static_cast<unsigned long long>(step);
    const std::size_t size =
        down ? detail::count_steps<T>(last, first, -bits) : detail::count_steps<T>(first, last, bits);
    return IntegerRange<T>(first, static_cast<T>(step), size);
}

/// The integers 0, 1, … before stop.
template <std::integral T>
constexpr auto range(T stop) {
    return range(T{}, stop);
}

}  // namespace cohort
