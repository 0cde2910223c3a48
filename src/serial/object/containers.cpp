// SPDX-License-Identifier: MIT
#include "serial/object/node.hpp"
#include "serial/object/python_exception.hpp"

#include <algorithm>
#include <stdexcept>

namespace cohort {

using serial::detail::BytesNode;
using serial::detail::DictNode;
using serial::detail::ObjectAccess;
using serial::detail::SequenceNode;

namespace {

using Type = Object::Kind;

bool is_sequence(const Object& object) {
    return object.is(Type::list) || object.is(Type::tuple);
}
bool is_keyed(const Object& object) {
    return object.is(Type::dict) || object.is(Type::set) || object.is(Type::frozenset);
}

[[noreturn]] void fail(const Object& object, const std::string& what) {
    throw TypeError("'" + object.type_name() + "' object " + what);
}

void require(const Object& object, Type kind, const char* method) {
    if (object.kind() == kind) return;
    throw TypeError("'" + object.type_name() + "' object has no '" + method + "'");
}

// Characters: bytes that do not go on with one.
std::size_t count_characters(std::string_view text) noexcept {
    auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::size_t length_of_range(const Object& range) {
    std::span<const Object> args = range.args().as_sequence();
    const std::int64_t start = args[0].as_int(), stop = args[1].as_int(), step = args[2].as_int();
    if (step > 0 ? start >= stop : start <= stop) return 0;
    const auto from = static_cast<std::uint64_t>(start), to = static_cast<std::uint64_t>(stop);
    const std::uint64_t distance = step > 0 ? to - from : from - to;
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
    return (distance - 1) / stride + 1;
}

std::size_t place_in(const Object& sequence, const Object& index) {
    if (!index.is(Type::integer) && !index.is(Type::boolean))
        throw TypeError(sequence.type_name() + " indices must be integers, not " + index.type_name());
    const auto size = static_cast<std::int64_t>(sequence.size());
    std::int64_t at = index.fits_int64() ? index.as_int() : size;
    if (at < 0) at += size;
    if (at < 0 || at >= size) throw std::out_of_range(sequence.type_name() + " index out of range");
    return static_cast<std::size_t>(at);
}

}  // namespace

std::size_t Object::size() const {
    if (is_sequence(*this)) return as_sequence().size();
    if (is_keyed(*this)) return ObjectAccess::items(*this).size();
    if (is(Type::str)) return count_characters(as_str());
    if (is(Type::bytes) || is(Type::bytearray)) return as_bytes().size();
    if (is(Type::range)) return length_of_range(*this);
    throw TypeError("object of type '" + type_name() + "' has no len()");
}

const Object& Object::operator[](const Object& key) const {
    if (is(Type::dict)) return as_dict().at(key);
    if (is_sequence(*this)) return as_sequence()[place_in(*this, key)];
    fail(*this, "is not subscriptable");
}

const Object* Object::find(const Object& key) const {
    return as_dict().find(key);
}

bool Object::contains(const Object& what) const {
    if (is_keyed(*this)) return ObjectAccess::items(*this).contains(what);
    if (is(Type::str) && what.is(Type::str)) return as_str().find(what.as_str()) != std::string_view::npos;
    if ((is(Type::bytes) || is(Type::bytearray)) && (what.is(Type::bytes) || what.is(Type::bytearray)))
        return ObjectAccess::text(*this).find(ObjectAccess::text(what)) != std::string_view::npos;
    if (!is_sequence(*this)) throw TypeError("argument of type '" + type_name() + "' is not iterable");
    std::span<const Object> elements = as_sequence();
    return std::find(elements.begin(), elements.end(), what) != elements.end();
}

Object::const_iterator Object::begin() const {
    if (is_keyed(*this)) return ObjectAccess::keys(ObjectAccess::items(*this).begin());
    if (!is_sequence(*this)) fail(*this, "is not iterable");
    std::span<const Object> elements = as_sequence();
    return ObjectAccess::walk(elements.data(), elements.data() + elements.size(), sizeof(Object));
}

Object::const_iterator Object::end() const {
    if (is_keyed(*this)) return ObjectAccess::keys(ObjectAccess::items(*this).end());
    if (!is_sequence(*this)) fail(*this, "is not iterable");
    std::span<const Object> elements = as_sequence();
    const Object* end = elements.data() + elements.size();
    return ObjectAccess::walk(end, end, sizeof(Object));
}

void Object::assign(const Object& key, Object value) {
    if (!is(Type::list) && !is(Type::dict)) fail(*this, "does not support item assignment");
    if (is(Type::list)) {
        const std::size_t place = place_in(*this, key);
        auto& list = ObjectAccess::own<SequenceNode>(*this);
        ObjectAccess::raise_depth(list, ObjectAccess::depth(value));
        list.elements[place] = std::move(value);
    } else {
        auto& dict = ObjectAccess::own<DictNode>(*this);
        ObjectAccess::raise_depth(dict, std::max(ObjectAccess::depth(key), ObjectAccess::depth(value)));
        dict.items.assign(key, std::move(value));
    }
}

void Object::append(Object element) {
    require(*this, Type::list, "append");
    auto& list = ObjectAccess::own<SequenceNode>(*this);
    ObjectAccess::raise_depth(list, ObjectAccess::depth(element));
    list.elements.push_back(std::move(element));
}

void Object::insert(std::int64_t index, Object element) {
    require(*this, Type::list, "insert");
    auto& list = ObjectAccess::own<SequenceNode>(*this);
    ObjectAccess::raise_depth(list, ObjectAccess::depth(element));
    const auto size = static_cast<std::int64_t>(list.elements.size());
    if (index < 0) index = std::max<std::int64_t>(index + size, 0);
    list.elements.insert(list.elements.begin() + std::min(index, size), std::move(element));
}

Object Object::pop(const Object& key) {
    if (is(Type::dict)) {
        auto value = ObjectAccess::own<DictNode>(*this).items.take(key);
        if (!value) serial::throw_key_error(key);
        return std::move(*value);
    }
    require(*this, Type::list, "pop");
    if (size() == 0) throw std::out_of_range("pop from empty list");
    const std::size_t place = place_in(*this, key);
    auto& elements = ObjectAccess::own<SequenceNode>(*this).elements;
    Object taken = std::move(elements[place]);
    elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(place));
    return taken;
}

bool Object::add(Object element) {
    require(*this, Type::set, "add");
    auto& set = ObjectAccess::own<DictNode>(*this);
    ObjectAccess::raise_depth(set, ObjectAccess::depth(element));
    return set.items.insert(std::move(element), Object()).second;
}

bool Object::discard(const Object& element) {
    if (!is(Type::set) && !is(Type::dict)) fail(*this, "has no 'discard'");
    return ObjectAccess::own<DictNode>(*this).items.erase(element);
}

void Object::clear() {
    if (is(Type::list))
        *this = list();
    else if (is(Type::dict))
        *this = dict();
    else if (is(Type::set))
        *this = set();
    else
        fail(*this, "has no 'clear'");
}

}  // namespace cohort
