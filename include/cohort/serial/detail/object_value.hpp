// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/export.hpp>
#include <cohort/base/none.hpp>

#include <compare>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

class ObjectDict;
struct ObjectInstance;
namespace serial::detail {
struct ObjectNode;
struct ObjectAccess;
}  // namespace serial::detail

/// The name of something global in a Python program: a class or a function. It is a name only; nothing looks it up.
struct GlobalName {
    std::string module{};    ///< as `collections`
    std::string qualname{};  ///< as `OrderedDict`, `Outer.Inner`
    friend bool operator==(const GlobalName&, const GlobalName&) = default;
};

/// A value as Python has it: what C++ and Python programs send each other. Python's types of data are known; an object
/// of any other class is kept as the parts that Python made of it, so that it goes back as what it was.
///
/// An Object is a value: a copy is cheap, and changing it changes no other. Values do not contain themselves. They nest
/// kMaxDepth levels deep at most: SerializationError beyond.
///
/// Thread safety: as the standard containers'; copies of one value may be used in different threads.
class COHORT_API Object {
public:
    /// The type of a value, as Python has it.
    enum class Kind : std::uint8_t {
        nothing,  ///< None
        boolean,
        integer,   ///< of any size
        floating,  ///< Python's float
        complex,
        str,
        bytes,
        bytearray,
        list,
        tuple,
        dict,
        set,
        frozenset,
        global,  ///< a class or a function, by its name
        // All that follow are instances: as_instance() gives their parts.
        date,
        time,
        datetime,
        timedelta,
        timezone,
        decimal,
        range,
        slice,
        exception,
        token,     ///< of a manager: refers to an object in its server
        proxy,     ///< of a manager
        instance,  ///< of any other class
    };

    /// The deepest nesting of containers and instances.
    static constexpr int kMaxDepth = 1000;

    class const_iterator;

    // --- Made from values of C++. ---

    /// None.
    Object() noexcept : inside_{}, form_(0), kind_(Kind::nothing) {}
    Object(None) noexcept : Object() {}
    /// A bool.
    template <std::same_as<bool> Bool>
    Object(Bool value) noexcept : Object(static_cast<std::int64_t>(value), Kind::boolean) {}
    /// An int.
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char> && !std::same_as<Integer, wchar_t> &&
             !std::same_as<Integer, char8_t> && !std::same_as<Integer, char16_t> && !std::same_as<Integer, char32_t>)
        Object(Integer value)
        : Object(from_integer(value)) {}
    /// A float.
    template <std::floating_point Number>
    Object(Number value) noexcept : Object(static_cast<double>(value), Kind::floating) {}
    /// A complex; of no type that only converts to it.
    template <std::same_as<std::complex<double>> Complex>
    Object(Complex value) : Object(from_complex(value)) {}
    /// A str.
    /// @param text  UTF-8; surrogates, which Python's str may have, count as characters of three bytes
    /// @throws ValueError  it is not UTF-8
    Object(std::string_view text);
    Object(const std::string& text) : Object(std::string_view(text)) {}
    Object(const char* text) : Object(std::string_view(text)) {}
    template <class T>
    requires(!std::same_as<std::remove_cv_t<T>, char>) Object(T*)
    = delete;
    Object(std::nullptr_t) = delete;

    Object(const Object& other) noexcept : Object(other, Raw()) {
        if (is_shared_node()) add_owner();
    }
    Object(Object&& other) noexcept : Object(other, Raw()) { other.forget(); }
    Object& operator=(const Object& other) noexcept {
        Object copy(other);
        swap(copy);
        return *this;
    }
    Object& operator=(Object&& other) noexcept {
        Object taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Object() {
        if (is_shared_node()) release();
    }
    void swap(Object& other) noexcept {
        Object kept(*this, Raw());
        std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Object));
        std::memcpy(static_cast<void*>(&other), static_cast<const void*>(&kept), sizeof(Object));
        kept.forget();
    }

    static Object none() noexcept { return {}; }
    /// An int of any size, from its decimal text: an optional sign and digits.
    /// @throws ValueError  it is no such text, or longer than 4300 digits
    static Object integer(std::string_view decimal);
    static Object bytes(std::span<const std::byte> content);
    static Object bytes(std::string_view content);
    static Object bytearray(std::span<const std::byte> content);
    static Object list(std::initializer_list<Object> elements = {});
    static Object list(std::vector<Object> elements);
    static Object tuple(std::initializer_list<Object> elements = {});
    static Object tuple(std::vector<Object> elements);
    /// A dict; of equal keys the first stays, with the last value.
    /// @throws TypeError  a key is not hashable
    static Object dict(std::initializer_list<std::pair<Object, Object>> items = {});
    static Object dict(ObjectDict items);
    /// A set; of equal elements the first stays.
    /// @throws TypeError  an element is not hashable
    static Object set(std::initializer_list<Object> elements = {});
    static Object set(std::vector<Object> elements);
    static Object frozenset(std::initializer_list<Object> elements = {});
    static Object frozenset(std::vector<Object> elements);
    /// A class or a function, by its name.
    static Object global(std::string module, std::string qualname);
    /// @throws ValueError  there is no such day
    static Object date(int year, int month, int day);
    /// @param timezone  a timezone or None
    /// @throws ValueError  there is no such time
    static Object time(int hour, int minute, int second = 0, int microsecond = 0, Object timezone = {}, int fold = 0);
    /// @param timezone  a timezone or None
    /// @throws ValueError  there is no such time
    static Object datetime(int year, int month, int day, int hour = 0, int minute = 0, int second = 0,
                           int microsecond = 0, Object timezone = {}, int fold = 0);
    /// @throws ValueError  it is longer than 999999999 days
    static Object timedelta(std::int64_t days, std::int64_t seconds = 0, std::int64_t microseconds = 0);
    /// @param offset  a timedelta of less than a day: the local time less UTC
    /// @param name  empty: after the offset, as `UTC+02:00`
    static Object timezone(const Object& offset, std::string_view name = {});
    /// A decimal.Decimal.
    /// @param text  as `1.50`, `-1E+10`, `NaN`
    /// @throws ValueError  it is no such text
    static Object decimal(std::string_view text);
    static Object range(Object start, Object stop, Object step = 1);
    static Object slice(Object start, Object stop, Object step = {});
    /// An exception of Python's own.
    /// @param name  as `KeyError`
    static Object exception(std::string_view name, std::vector<Object> args);
    /// An exception of any module.
    static Object exception(std::string_view module, std::string_view name, std::vector<Object> args);
    /// What refers to an object in a manager's server.
    static Object token(std::string_view type_id, Object address, std::string_view id);
    /// A manager's proxy.
    /// @param function  the global that makes it: a class of proxies, as multiprocessing.managers.ListProxy, or
    /// AutoProxy
    /// @param kwds  a dict
    static Object proxy(Object function, Object token, Object kwds, Object serializer = "pickle");
    /// An object of any class.
    static Object instance(ObjectInstance parts);

    // --- What it is. ---

    Kind kind() const noexcept { return kind_; }
    bool is_none() const noexcept { return kind_ == Kind::nothing; }
    bool is_instance() const noexcept { return kind_ >= Kind::date; }
    bool is(Kind kind) const noexcept { return kind_ == kind; }
    /// The name of its class as Python shows it: `int`, `NoneType`, `datetime.date`.
    std::string type_name() const;

    /// These give the value of that type. An int counts as a float, and a bool as an int, as in Python.
    /// @throws SerializationError  it is of another type
    bool as_bool() const;
    /// @throws ValueError  64 bits with a sign do not hold it
    std::int64_t as_int() const;
    /// @throws ValueError  a double does not hold the int
    double as_float() const;
    std::complex<double> as_complex() const;
    /// UTF-8; valid until this object changes.
    std::string_view as_str() const;
    /// Of bytes or a bytearray; valid until this object changes.
    std::span<const std::byte> as_bytes() const;
    /// Of a list or a tuple; valid until this object changes.
    std::span<const Object> as_sequence() const;
    const ObjectDict& as_dict() const;
    const GlobalName& as_global() const;
    const ObjectInstance& as_instance() const;
    /// The name of an instance's class, or of the function that makes it.
    const GlobalName& class_name() const;
    /// What an exception was made with, a tuple.
    const Object& args() const;
    /// Whether an int fits in 64 bits with a sign.
    bool fits_int64() const noexcept { return kind_ <= Kind::integer && kind_ >= Kind::boolean && form_ != kNode; }

    // --- Conversions. ---

    /// The value of C++ as an Object: numbers, text (UTF-8), chrono's durations (timedelta) and points of the system
    /// clock (datetime in UTC), vectors of bytes (bytes), sequences (list), pairs and tuples (tuple), maps (dict),
    /// sets, optionals and smart pointers (None or the value), variants, plain aggregates (a tuple of their fields);
    /// and these within each other.
    /// @throws ValueError  text is not UTF-8, time is out of Python's range
    template <class T>
    static Object from(const T& value);

    /// This as a value of C++, the way back from from(). A variant becomes its first alternative that fits. A sequence
    /// may be a list, a tuple, a set, a frozenset or an array of Python's; what has a fixed number of parts, a list or
    /// a tuple of so many.
    /// @throws SerializationError  it is of another type; the text names both and the place: `element 3: str is no int`
    /// @throws ValueError  a number that T does not hold
    template <class T>
    T to() const;

    // --- Containers. ---

    /// Bytes of bytes, characters of a str, elements or items of a container, numbers of a range.
    /// @throws TypeError  it has no length
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    /// The element of a list or tuple at an index, which counts from the end if it is negative; or the value of a key.
    /// @throws std::out_of_range  there is no such element   @throws KeyError  there is no such key
    /// @throws TypeError  it is no container, or that is no index of it
    const Object& operator[](const Object& key) const;
    /// The value of a key of a dict, or null.
    const Object* find(const Object& key) const;
    /// As Python's `in`: an element, a key, a part of a str or of bytes.
    bool contains(const Object& what) const;
    /// The elements of a list, tuple, set or frozenset, the keys of a dict; in the order of insertion.
    /// @throws TypeError  it is none of these
    const_iterator begin() const;
    const_iterator end() const;

    /// These change a list, a dict or a set, in place if no copy shares it.
    /// @throws TypeError  it is of another type
    void assign(const Object& key, Object value);
    void append(Object element);
    /// @param index  as Python's: counts from the end if negative, and stops at the ends
    void insert(std::int64_t index, Object element);
    /// Takes out the element of a list at an index, or the value of a key of a dict.
    /// @throws std::out_of_range  there is no such element   @throws KeyError  there is no such key
    Object pop(const Object& key);
    /// Adds an element to a set; false if it was there.
    bool add(Object element);
    /// Removes an element of a set or a key of a dict; false if it was not there.
    bool discard(const Object& element);
    void clear();

    // --- As Python does it. ---

    /// Python's `==`: numbers of different types are equal if their values are; a NaN equals nothing.
    friend COHORT_API bool operator==(const Object& left, const Object& right);
    /// Python's `<`. @throws TypeError  Python does not order the two types
    friend COHORT_API bool operator<(const Object& left, const Object& right);
    friend bool operator>(const Object& left, const Object& right) { return right < left; }
    /// Python's bool(): false for None, False, zero and what is empty.
    bool truth() const;
    /// Equal values have the same hash. Another one in each process.
    /// @throws TypeError  Python does not hash the type
    std::size_t hash() const;
    /// Python's repr(): `'text'`, `[1, 2.5]`. What is an instance of a class that is not known here is shown as a call:
    /// `Point(1, 2)`.
    std::string repr() const;
    /// Python's str().
    std::string str() const;
    /// Prints as Python's print().
    friend COHORT_API std::ostream& operator<<(std::ostream& stream, const Object& object);

private:
    friend serial::detail::ObjectAccess;
    struct Raw {};

    // Of a str, up to kSmall bytes are kept inside; all else is a number inside, or a node.
    static constexpr std::size_t kSmall = 14;
    static constexpr std::uint8_t kNode = 0xff;

    // GCC 12 takes the room of a vector that grows for none.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
    Object(const Object& other, Raw) noexcept {
        std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Object));
    }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
    Object(std::int64_t value, Kind kind) noexcept : inside_{}, form_(0), kind_(kind) {
        std::memcpy(inside_, &value, sizeof value);
    }
    Object(double value, Kind kind) noexcept : inside_{}, form_(0), kind_(kind) {
        std::memcpy(inside_, &value, sizeof value);
    }

    template <class Integer>
    static Object from_integer(Integer value) {
        if constexpr (std::is_signed_v<Integer> || sizeof(Integer) < sizeof(std::int64_t))
            return Object(static_cast<std::int64_t>(value), Kind::integer);
        else
            return from_unsigned(value);
    }
    static Object from_unsigned(std::uint64_t value);
    static Object from_complex(std::complex<double> value);

    bool is_shared_node() const noexcept {
        return form_ == kNode;
    }
    void forget() noexcept {
        kind_ = Kind::nothing;
        form_ = 0;
    }
    void add_owner() const noexcept;
    void release() noexcept;

    alignas(8) char inside_[kSmall];
    std::uint8_t form_;  // kNode, or the length of a str inside
    Kind kind_;
};

/// The numbers of an array of Python's (array.array), which is an instance otherwise.
/// @returns nothing if the object is none
COHORT_API std::optional<std::vector<Object>> array_elements(const Object& object);

/// Walks over the elements of a container or the keys of a dict.
class Object::const_iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Object;
    using difference_type = std::ptrdiff_t;
    using pointer = const Object*;
    using reference = const Object&;

    const_iterator() noexcept = default;
    const Object& operator*() const noexcept { return *current(); }
    const Object* operator->() const noexcept { return current(); }
    const_iterator& operator++() noexcept {
        at_ += stride_;
        skip();
        return *this;
    }
    const_iterator operator++(int) noexcept {
        const_iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const const_iterator& left, const const_iterator& right) noexcept {
        return left.at_ == right.at_;
    }

private:
    friend class Object;
    friend class ObjectDict;
    friend serial::detail::ObjectAccess;
    const_iterator(const void* at, const void* end, std::size_t stride) noexcept
        : at_(static_cast<const std::byte*>(at)), end_(static_cast<const std::byte*>(end)), stride_(stride) {
        skip();
    }
    const Object* current() const noexcept { return reinterpret_cast<const Object*>(at_); }
    // Over the places of removed items of a dict.
    void skip() noexcept {
        while (at_ != end_ && current()->form_ == kGone) at_ += stride_;
    }
    static constexpr std::uint8_t kGone = 0xfe;

    const std::byte* at_ = nullptr;
    const std::byte* end_ = nullptr;
    std::size_t stride_ = sizeof(Object);
};

}  // namespace cohort

template <>
struct std::hash<cohort::Object> {
    std::size_t operator()(const cohort::Object& object) const { return object.hash(); }
};
