// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/type_name.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <optional>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cohort::manager::detail {

template <class T>
inline constexpr bool is_number_v = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;

/// @param lacks  what a server of Python does not do: `changes nothing atomically`
/// @throws Error  the server is not one of cohort's
COHORT_API void require_cohort(const ObjectProxy& proxy, const char* lacks);
/// @returns the value before, if it was another than the expected one
/// @throws Error  the server is not one of cohort's
COHORT_API std::optional<Object> compare_exchange(const ObjectProxy& proxy, const Object* key, const Object& expected,
                                                  const Object& desired);
/// @param least, most  what the sum may be; None: anything
/// @returns the sum
/// @throws Error  the server is not one of cohort's   @throws std::overflow_error  the limits do not hold the sum
COHORT_API Object add_number(const ObjectProxy& proxy, const Object* key, const Object& number,
                             const Object& least = {}, const Object& most = {});

/// What C++ makes of a number before it is added to one of the other type, without a compiler's warning; any else as it
/// is.
template <class V, class T, class X>
constexpr decltype(auto) as_operand(X&& x) {
    if constexpr (std::is_arithmetic_v<V> && std::is_arithmetic_v<T>)
        return static_cast<std::common_type_t<V, T>>(x);
    else
        return std::forward<X>(x);
}

/// @throws std::overflow_error  with the type's name
[[noreturn]] COHORT_API void fail_overflow(std::string_view raw_type_name);
/// @throws std::domain_error  as Python's ZeroDivisionError
[[noreturn]] COHORT_API void fail_division();

template <class V, class T>
inline constexpr bool are_integers_v = is_number_v<V>&& is_number_v<T>&& std::is_integral_v<V>&& std::is_integral_v<T>;

/// The arithmetic of C++ whose result is a V; of integers where V holds it, otherwise std::overflow_error.
template <class V, class T>
V sum_of(V value, const T& operand) {
    if constexpr (are_integers_v<V, T>) {
        if (__builtin_add_overflow(value, operand, &value)) fail_overflow(::cohort::detail::raw_type_name<V>());
        return value;
    } else {
        return static_cast<V>(as_operand<V, T>(std::move(value)) + as_operand<V, T>(operand));
    }
}
template <class V, class T>
V difference_of(V value, const T& operand) {
    if constexpr (are_integers_v<V, T>) {
        if (__builtin_sub_overflow(value, operand, &value)) fail_overflow(::cohort::detail::raw_type_name<V>());
        return value;
    } else {
        return static_cast<V>(as_operand<V, T>(std::move(value)) - as_operand<V, T>(operand));
    }
}
template <class V, class T>
V product_of(V value, const T& operand) {
    if constexpr (are_integers_v<V, T>) {
        if (__builtin_mul_overflow(value, operand, &value)) fail_overflow(::cohort::detail::raw_type_name<V>());
        return value;
    } else {
        return static_cast<V>(as_operand<V, T>(std::move(value)) * as_operand<V, T>(operand));
    }
}
/// @throws std::domain_error  of integers, by zero
template <class V, class T>
V quotient_of(V value, const T& operand) {
    if constexpr (are_integers_v<V, T>) {
        if (operand == 0) fail_division();
        if constexpr (std::is_signed_v<V> && std::is_signed_v<T>)
            if (operand == -1) return product_of(value, operand);  // the one that may not fit
    }
    return static_cast<V>(as_operand<V, T>(std::move(value)) / as_operand<V, T>(operand));
}

/// Whether the sum with an operand is as C++ has it if the server adds.
template <class V, class T>
inline constexpr bool is_added_there_v = is_number_v<V>&& is_number_v<T> &&
                                         (std::is_floating_point_v<V> || std::is_integral_v<T>);

/// Adds to a V; a sum that V does not hold changes nothing.
template <class V>
Object add_to(const ObjectProxy& proxy, const Object* key, const Object& number) {
    if constexpr (std::is_integral_v<V> && !std::is_same_v<V, std::int64_t>)
        return add_number(proxy, key, number, Object(std::numeric_limits<V>::min()),
                          Object(std::numeric_limits<V>::max()));
    else
        return add_number(proxy, key, number);
}

/// The element of a container in a server: reads as a V, and is assigned to. Compound assignments are atomic on a
/// server of cohort; on Python's they are a call that reads and one that writes. One of integers whose result V does
/// not hold throws std::overflow_error, a division by zero std::domain_error, and changes nothing.
template <class V>
class ElementReference {
public:
    ElementReference(ObjectProxy proxy, Object key) : proxy_(std::move(proxy)), key_(std::move(key)) {}

    V get() const { return proxy_.call<V>("__getitem__", key_); }
    operator V() const { return get(); }
    const ElementReference& operator=(const V& value) const {
        proxy_.call<void>("__setitem__", key_, value);
        return *this;
    }
    const ElementReference& operator=(const ElementReference& other) const { return *this = other.get(); }
    ElementReference(const ElementReference&) = default;

    /// Replaces the value by what `change` makes of it, and tries again while others change it meanwhile.
    /// @returns the new value
    template <class F>
    V update(F&& change) const {
        if (!proxy_.is_atomic()) {
            V value = change(get());
            *this = value;
            return value;
        }
        for (Object seen = proxy_.call("__getitem__", key_);;) {
            V desired = change(seen.to<V>());
            auto other = compare_exchange(proxy_, &key_, seen, Object::from(desired));
            if (!other) return desired;
            seen = std::move(*other);
        }
    }

    template <class T>
    const ElementReference& operator+=(const T& operand) const {
        if constexpr (is_added_there_v<V, T>) {
            if (proxy_.is_atomic()) {
                add_to<V>(proxy_, &key_, Object::from(operand));
                return *this;
            }
        }
        update([&](V value) { return sum_of(std::move(value), operand); });
        return *this;
    }
    template <class T>
    const ElementReference& operator-=(const T& operand) const {
        if constexpr (is_added_there_v<V, T> && (std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t))) {
            using Wide = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
            if (Wide wide = operand; proxy_.is_atomic() && wide != std::numeric_limits<Wide>::lowest()) {
                add_to<V>(proxy_, &key_, Object::from(-wide));
                return *this;
            }
        }
        update([&](V value) { return difference_of(std::move(value), operand); });
        return *this;
    }
    template <class T>
    const ElementReference& operator*=(const T& operand) const {
        update([&](V value) { return product_of(std::move(value), operand); });
        return *this;
    }
    template <class T>
    const ElementReference& operator/=(const T& operand) const {
        update([&](V value) { return quotient_of(std::move(value), operand); });
        return *this;
    }
    const ElementReference& operator++() const { return *this += 1; }
    const ElementReference& operator--() const { return *this -= 1; }

    friend std::ostream& operator<<(std::ostream& out, const ElementReference& element) { return out << element.get(); }
    friend bool operator==(const ElementReference& element, const V& value) { return element.get() == value; }
    friend bool operator==(const ElementReference& one, const ElementReference& other) {
        return one.get() == other.get();
    }

private:
    ObjectProxy proxy_;
    Object key_;
};

}  // namespace cohort::manager::detail
