// SPDX-License-Identifier: MIT
#include "manager/types/array.hpp"

#include <cohort/serial/object_instance.hpp>

#include "manager/types/atomically.hpp"
#include "manager/types/slices.hpp"

#include <array>
#include <limits>
#include <utility>

namespace cohort::manager {

namespace {

struct NumberType {
    char code;
    const char* name;  // in errors
    Object least;
    Object most;
};

template <class T>
NumberType number_type(char code, const char* name) {
    return {code, name, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

const NumberType* find_number_type(char code) {
    static const std::array all{
        number_type<signed char>('b', "signed char"),
        number_type<unsigned char>('B', "unsigned byte integer"),
        number_type<short>('h', "signed short integer"),
        number_type<unsigned short>('H', "unsigned short"),
        number_type<int>('i', "signed integer"),
        number_type<unsigned int>('I', "unsigned int"),
        number_type<long>('l', "int"),
        number_type<unsigned long>('L', "unsigned long"),
        number_type<long long>('q', "int"),
        number_type<unsigned long long>('Q', "unsigned long long"),
    };
    for (const NumberType& each : all)
        if (each.code == code) return &each;
    return nullptr;
}

bool is_float_code(char code) {
    return code == 'f' || code == 'd';
}

char checked_typecode(const Object& typecode) {
    if (!typecode.is(Object::Kind::str) || typecode.as_str().size() != 1)
        raise_type_error("array() argument 1 must be a unicode character, not " + typecode.type_name());
    const char code = typecode.as_str()[0];
    if (!find_number_type(code) && !is_float_code(code))
        raise_value_error("bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
    return code;
}

bool is_array(const Object& value) {
    return value.is_instance() && value.is(Object::Kind::instance) && value.class_name().module == "array";
}

std::vector<Object> numbers_of(const Object& sequence) {
    if (auto numbers = array_elements(sequence)) return std::move(*numbers);
    return iterate(sequence);
}

}  // namespace

ArrayReferent::ArrayReferent(const Object& typecode, const Object& sequence)
    : typecode_(checked_typecode(typecode)), numbers_(checked(numbers_of(sequence))) {}

const Methods<ArrayReferent>& ArrayReferent::methods() {
    using Self = ArrayReferent;
    static const Methods<Self> all{
        {"__len__", &Self::length, slot(0)},
        {"__getitem__", &Self::get_item, slot(1)},
        {"__setitem__", &Self::set_item, slot(2)},
        {"#cohort.compare_exchange", &Self::compare_exchange, takes(3), false},
        {"#cohort.add", &Self::add_number, takes(2, 4), false},
    };
    return all;
}

const std::vector<std::string_view>& ArrayReferent::exposed() const {
    return methods().exposed();
}

void ArrayReferent::call(Call& call) {
    call.reply(methods().run(*this, call, "array"));
}

Object ArrayReferent::array_of(std::vector<Object> numbers) const {
    ObjectInstance parts;
    parts.callable = Object::global("array", "array");
    parts.args = Object::tuple({Object(std::string_view(&typecode_, 1)), Object::list(std::move(numbers))});
    return Object::instance(std::move(parts));
}

Object ArrayReferent::value() const {
    return array_of(numbers_);
}

std::string ArrayReferent::repr() const {
    const std::string code = std::string("array('") + typecode_ + "'";
    return numbers_.empty() ? code + ")" : code + ", " + Object::list(numbers_).repr() + ")";
}

Object ArrayReferent::checked(const Object& number) const {
    if (is_float_code(typecode_)) {
        if (!is_int(number) && !number.is(Object::Kind::floating))
            raise_type_error("must be real number, not " + number.type_name());
        const double value = number.as_float();
        return typecode_ == 'd' ? value : static_cast<double>(static_cast<float>(value));
    }
    if (!is_int(number)) raise_type_error("'" + number.type_name() + "' object cannot be interpreted as an integer");
    const NumberType& type = *find_number_type(typecode_);
    if (number < type.least) raise("OverflowError", std::string(type.name) + " is less than minimum");
    if (type.most < number) raise("OverflowError", std::string(type.name) + " is greater than maximum");
    return number.fits_int64() ? Object(number.as_int()) : number;  // no bool
}

std::vector<Object> ArrayReferent::checked(std::vector<Object> numbers) const {
    for (Object& each : numbers) each = checked(each);
    return numbers;
}

std::size_t ArrayReferent::place(const Object& index, const char* beyond) const {
    if (!is_int(index)) raise_type_error("array indices must be integers");
    const auto found = place_of(clamped_int(index), numbers_.size());
    if (!found) raise_index_error(beyond);
    return *found;
}

Object ArrayReferent::get_item(const Parameters& given) {
    if (given[0].is(Object::Kind::slice)) return array_of(take_slice(numbers_, given[0]));
    return numbers_[place(given[0], "array index out of range")];
}

Object ArrayReferent::set_item(const Parameters& given) {
    if (!given[0].is(Object::Kind::slice)) {
        Object& number = numbers_[place(given[0], "array assignment index out of range")];
        number = checked(given[1]);
        return {};
    }
    static_cast<void>(slice_range(given[0], numbers_.size()));  // a wrong slice is told first
    if (!is_array(given[1]))
        raise_type_error("can only assign array (not \"" + given[1].type_name() + "\") to array slice");
    assign_slice(numbers_, given[0], checked(numbers_of(given[1])));
    return {};
}

Object ArrayReferent::compare_exchange(const Parameters& given) {
    Object& number = numbers_[place(given[0], "array index out of range")];
    return atomically::compare_exchange(number, given[1], checked(given[2]));
}

Object ArrayReferent::add_number(const Parameters& given) {
    Object& number = numbers_[place(given[0], "array index out of range")];
    return number = checked(atomically::sum(number, given[1], given.get(2), given.get(3)));
}

Object ArrayReferent::length(const Parameters&) {
    return numbers_.size();
}

}  // namespace cohort::manager
