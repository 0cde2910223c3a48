// SPDX-License-Identifier: MIT
#include "serial/object/keyed_hash.hpp"
#include "serial/object/node.hpp"
#include "serial/object/numbers.hpp"
#include "serial/object/time_parts.hpp"

#include <algorithm>
#include <tuple>

namespace cohort {

using namespace serial::detail;

namespace {

using Type = Object::Kind;

bool is_bytes(const Object& object) {
    return object.is(Type::bytes) || object.is(Type::bytearray);
}
bool is_set(const Object& object) {
    return object.is(Type::set) || object.is(Type::frozenset);
}

// --- Equality. ---

bool equal_parts(const ObjectInstance& left, const ObjectInstance& right) {
    return left.form == right.form && left.callable == right.callable && left.args == right.args &&
           left.kwds == right.kwds && left.state == right.state && left.list_items == right.list_items &&
           left.dict_items == right.dict_items;
}

bool same_day(const CivilTime& left, const CivilTime& right) {
    return left.year == right.year && left.month == right.month && left.day == right.day;
}

bool same_clock(const CivilTime& left, const CivilTime& right) {
    return left.hour == right.hour && left.minute == right.minute && left.second == right.second &&
           left.microsecond == right.microsecond;
}

CivilTime civil_time(const Object& object) {
    const ObjectInstance& parts = object.as_instance();
    if (object.is(Type::date)) return *date_parts(parts);
    return object.is(Type::time) ? *time_parts(parts) : *datetime_parts(parts);
}

bool equal_times(const CivilTime& left, const CivilTime& right) {
    if (left.timezone.is_none() != right.timezone.is_none()) return false;
    if (left.timezone == right.timezone) return same_day(left, right) && same_clock(left, right);
    auto first = instant(left), second = instant(right);
    return first && second && *first == *second;
}

// The length of a range, its first number and its step, as far as they count.
Object shape_of(const Object& range) {
    std::span<const Object> args = range.args().as_sequence();
    for (const Object& each : args)
        if (!each.fits_int64()) return range.args();
    const std::size_t size = range.size();
    if (size == 0) return Object::tuple({0});
    if (size == 1) return Object::tuple({1, args[0]});
    return Object::tuple({size, args[0], args[2]});
}

bool equal_instances(const Object& left, const Object& right) {
    if (left.kind() == right.kind()) {
        switch (left.kind()) {
            case Type::time:
            case Type::datetime:
                return equal_times(civil_time(left), civil_time(right));
            case Type::timezone:
                return left.args()[0] == right.args()[0];
            case Type::range:
                return shape_of(left) == shape_of(right);
            default:
                break;
        }
    }
    return equal_parts(left.as_instance(), right.as_instance());
}

bool equal_sequences(std::span<const Object> left, std::span<const Object> right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

// As in Python, what is the same is equal, whatever it holds.
bool same_node(const Object& left, const Object& right) {
    return ObjectAccess::has_node(left) && ObjectAccess::has_node(right) &&
           ObjectAccess::node(left) == ObjectAccess::node(right);
}

// --- Order. ---

[[noreturn]] void fail_order(const Object& left, const Object& right) {
    throw TypeError("'<' not supported between instances of '" + left.type_name() + "' and '" + right.type_name() +
                    "'");
}

// The first elements that differ decide.
bool less_sequences(std::span<const Object> left, std::span<const Object> right) {
    auto [one, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (one == left.end() || other == right.end()) return one == left.end() && other != right.end();
    return *one < *other;
}

bool is_proper_subset(const ObjectDict& left, const ObjectDict& right) {
    return left.size() < right.size() &&
           std::all_of(left.begin(), left.end(), [&](const auto& item) { return right.contains(item.key()); });
}

bool less_times(const Object& left, const Object& right) {
    const CivilTime first = civil_time(left), second = civil_time(right);
    if (first.timezone.is_none() != second.timezone.is_none())
        throw TypeError("can't compare offset-naive and offset-aware " + std::string(left.class_name().qualname) + "s");
    auto fields = [](const CivilTime& of) {
        return std::tuple(of.year, of.month, of.day, of.hour, of.minute, of.second, of.microsecond);
    };
    if (first.timezone == second.timezone) return fields(first) < fields(second);
    auto one = instant(first), other = instant(second);
    if (!one || !other) throw TypeError("the offset of a timezone is known to Python only");
    return *one < *other;
}

bool less_instances(const Object& left, const Object& right) {
    if (left.kind() != right.kind()) fail_order(left, right);
    switch (left.kind()) {
        case Type::date:
        case Type::time:
        case Type::datetime:
            return less_times(left, right);
        case Type::timedelta:
            return left.args() < right.args();
        default:
            fail_order(left, right);
    }
}

// --- Hash. ---

std::size_t combine(std::size_t hash, std::size_t more) {
    return keyed_hash(static_cast<std::int64_t>(hash * 31 + more));
}

std::size_t hash_object(const Object& object, bool anything);

std::size_t hash_all(std::span<const Object> objects, bool anything) {
    std::size_t hash = objects.size();
    for (const Object& each : objects) hash = combine(hash, hash_object(each, anything));
    return hash;
}

// Whatever order they are in.
std::size_t hash_items(const Object& dict) {
    std::size_t hash = dict.size();
    for (const auto& item : dict.as_dict()) hash += combine(ObjectAccess::hash(item), hash_object(item.value(), true));
    return hash;
}

// By what is known of the keys: sets within sets, which are hashed at each level, cost no more than their elements.
std::size_t hash_keys(const Object& object) {
    std::size_t hash = object.size();
    for (const auto& item : ObjectAccess::items(object)) hash += combine(1, ObjectAccess::hash(item));
    return hash;
}

std::size_t hash_time(const Object& object) {
    const CivilTime time = civil_time(object);
    auto point = instant(time);
    if (!point)
        point = instant(
            {time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond, 0, Object()});
    return combine(combine(static_cast<std::size_t>(point->days), static_cast<std::size_t>(point->seconds)),
                   static_cast<std::size_t>(point->microseconds));
}

// What a class of Python's hashes is not known here: all that is not a container does.
std::size_t hash_instance(const Object& object) {
    switch (object.kind()) {
        case Type::time:
        case Type::datetime:
            return hash_time(object);
        case Type::timezone:
            return hash_object(object.args()[0], true);
        case Type::range:
            return hash_object(shape_of(object), true);
        default:
            break;
    }
    const ObjectInstance& parts = object.as_instance();
    std::size_t hash = combine(hash_object(parts.callable, true), hash_object(parts.args, true));
    if (parts.state) hash = combine(hash, hash_object(*parts.state, true));
    return combine(hash, hash_all(parts.list_items, true));
}

std::size_t hash_object(const Object& object, bool anything) {
    if (is_number(object)) return hash_number(object);
    switch (object.kind()) {
        case Type::nothing:
            return keyed_hash(std::int64_t{-1});
        case Type::str:
        case Type::bytes:
            return keyed_hash(ObjectAccess::text(object));
        case Type::tuple:
            return hash_all(object.as_sequence(), anything);
        case Type::frozenset:
            return hash_keys(object);
        case Type::global:
            return combine(keyed_hash(object.as_global().module), keyed_hash(object.as_global().qualname));
        case Type::bytearray:
        case Type::list:
        case Type::dict:
        case Type::set:
            if (!anything) throw TypeError("unhashable type: '" + object.type_name() + "'");
            if (object.is(Type::bytearray)) return keyed_hash(ObjectAccess::text(object));
            if (object.is(Type::dict)) return hash_items(object);
            return object.is(Type::list) ? hash_all(object.as_sequence(), true) : hash_keys(object);
        default:
            return hash_instance(object);
    }
}

}  // namespace

bool operator==(const Object& left, const Object& right) {
    if (is_number(left) && is_number(right)) return equal_numbers(left, right);
    if (same_node(left, right)) return true;
    if (is_bytes(left) && is_bytes(right)) return ObjectAccess::text(left) == ObjectAccess::text(right);
    if (is_set(left) && is_set(right)) return ObjectAccess::items(left) == ObjectAccess::items(right);
    if (left.is_instance() && right.is_instance()) return equal_instances(left, right);
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case Type::nothing:
            return true;
        case Type::str:
            return ObjectAccess::text(left) == ObjectAccess::text(right);
        case Type::list:
        case Type::tuple:
            return equal_sequences(left.as_sequence(), right.as_sequence());
        case Type::dict:
            return ObjectAccess::items(left) == ObjectAccess::items(right);
        default:
            return left.as_global() == right.as_global();
    }
}

bool operator<(const Object& left, const Object& right) {
    if (is_number(left) && is_number(right) && !left.is(Type::complex) && !right.is(Type::complex))
        return compare_numbers(left, right) < 0;
    if (is_bytes(left) && is_bytes(right)) return ObjectAccess::text(left) < ObjectAccess::text(right);
    if (is_set(left) && is_set(right)) return is_proper_subset(ObjectAccess::items(left), ObjectAccess::items(right));
    if (left.is_instance() && right.is_instance()) return less_instances(left, right);
    if (left.kind() != right.kind()) fail_order(left, right);
    switch (left.kind()) {
        case Type::str:
            return ObjectAccess::text(left) < ObjectAccess::text(right);
        case Type::list:
        case Type::tuple:
            return less_sequences(left.as_sequence(), right.as_sequence());
        default:
            fail_order(left, right);
    }
}

bool Object::truth() const {
    if (is_number(*this)) return !(*this == 0);
    if (is_none()) return false;
    if (is(Type::timedelta)) return *timedelta_parts(as_instance()) != TimeLength();
    const bool sized = (kind_ >= Type::str && kind_ <= Type::frozenset) || is(Type::range);
    return !sized || size() != 0;
}

std::size_t Object::hash() const {
    return hash_object(*this, false);
}

}  // namespace cohort
