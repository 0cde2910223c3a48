// SPDX-License-Identifier: MIT
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/pickle.hpp>
#include <cohort/serial/source.hpp>

#include "serial/object/node.hpp"

namespace cohort::serial {

namespace {

// The pickle takes the place of a value of the codec: its length, then its bytes.
std::uint64_t read_length(Source& source) {
    std::uint64_t length = 0;
    source.read(&length, sizeof length);
    return length;
}

}  // namespace

void Codec<Object>::write(Sink& sink, const Object& object) {
    const std::vector<std::byte> bytes = pickle::dumps(object);
    const std::uint64_t length = bytes.size();
    sink.write(&length, sizeof length);
    sink.write(bytes.data(), bytes.size());
}

Object Codec<Object>::read(Source& source) {
    return pickle::loads(source.take(read_length(source)));
}

namespace detail {

namespace {

// `key 'a', element 3: `
std::string place_text(const ObjectPlace* place) {
    if (!place) return "";
    std::string text;
    switch (place->part) {
        case ObjectPlace::Part::element:
            text = "element " + std::to_string(place->index);
            break;
        case ObjectPlace::Part::key:
            text = "key " + place->key->repr();
            break;
        case ObjectPlace::Part::value:
            text = "value of key " + place->key->repr();
            break;
    }
    for (const ObjectPlace* outer = place->outer; outer; outer = outer->outer) {
        ObjectPlace alone = *outer;
        alone.outer = nullptr;
        std::string before = place_text(&alone);
        text.insert(0, before.substr(0, before.size() - 2) + ", ");
    }
    return text + ": ";
}

}  // namespace

void fail_object_type(const ObjectPlace* place, const Object& found, const std::string& wanted) {
    throw SerializationError(wanted, place_text(place) + found.type_name() + " is no " + wanted);
}

void fail_object_range(const ObjectPlace* place, const Object& found, const std::string& wanted) {
    std::string number = found.fits_int64() || !found.is(Object::Kind::integer) ? found.repr() : "an int of this size";
    throw ValueError(place_text(place) + number + " does not fit in " + wanted);
}

void fail_object_count(const ObjectPlace* place, const Object& found, std::size_t wanted) {
    throw SerializationError("", place_text(place) + found.type_name() + " of " + std::to_string(found.size()) +
                                     " elements, not " + std::to_string(wanted));
}

bool object_to_int64(const Object& object, std::int64_t& value) noexcept {
    if (!object.fits_int64()) return false;
    value = ObjectAccess::inside_int(object);
    return true;
}

bool object_to_uint64(const Object& object, std::uint64_t& value) noexcept {
    if (object.fits_int64()) {
        value = static_cast<std::uint64_t>(ObjectAccess::inside_int(object));
        return ObjectAccess::inside_int(object) >= 0;
    }
    auto number = ObjectAccess::node<IntegerNode>(object).value.to_uint64();
    if (number) value = *number;
    return number.has_value();
}

Object make_object_dict(std::vector<std::pair<Object, Object>> items) {
    ObjectDict dict;
    dict.reserve(items.size());
    for (auto& item : items) dict.assign(std::move(item.first), std::move(item.second));
    return Object::dict(std::move(dict));
}

void for_each_object_item(const Object& dict, ::cohort::detail::FunctionRef<void(const Object&, const Object&)> visit) {
    for (const auto& item : dict.as_dict()) visit(item.key(), item.value());
}

}  // namespace detail

}  // namespace cohort::serial
