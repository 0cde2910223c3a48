// SPDX-License-Identifier: MIT
#include "manager/types/array.hpp"

#include <cohort/serial/object_instance.hpp>

#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;

Object bytes_array(const char* typecode, std::string_view bytes) {
    ObjectInstance parts;
    parts.callable = Object::global("array", "array");
    parts.args = Object::tuple({typecode, Object::bytes(bytes)});
    return Object::instance(std::move(parts));
}

TEST(ArrayReferent, takes_what_pythons_managers_send) {
    ArrayReferent array("i", bytes_array("i", std::string_view("\1\0\0\0\xfe\xff\xff\xff", 8)));
    EXPECT_EQ(array.repr(), "array('i', [1, -2])");
    call(array, "__setitem__", {Object::slice(1, 2), bytes_array("h", std::string_view("\5\0\6\0", 4))});
    EXPECT_EQ(array.repr(), "array('i', [1, 5, 6])");
}

TEST(ArrayReferent, a_wrong_place_is_told_before_a_wrong_value) {
    ArrayReferent array("i", Object::list({1, 2}));
    EXPECT_EQ(call(array, "__setitem__", {5, "text"}), "IndexError: array assignment index out of range");
    EXPECT_EQ(call(array, "__setitem__", {Object::slice({}, {}, 0), 5}), "ValueError: slice step cannot be zero");
    EXPECT_EQ(call(array, "__setitem__", {0, "text"}), "TypeError: 'str' object cannot be interpreted as an integer");
    EXPECT_EQ(array.repr(), "array('i', [1, 2])");
}

TEST(ArrayElements, of_every_form) {
    const auto elements = [](const Object& array) { return array.to<std::vector<double>>(); };
    EXPECT_EQ(elements(bytes_array("d", std::string_view("\0\0\0\0\0\0\xf8\x3f", 8))), std::vector<double>{1.5});
    EXPECT_EQ(elements(bytes_array("B", "\xff\1")), (std::vector<double>{255, 1}));
    ObjectInstance parts;
    parts.callable = Object::global("array", "_array_reconstructor");
    parts.args = Object::tuple({Object::global("array", "array"), "H", 3, Object::bytes(std::string_view("\1\2", 2))});
    const Object big_endian = Object::instance(parts);
    EXPECT_EQ(big_endian.to<std::vector<int>>(), std::vector<int>{258});
    EXPECT_EQ(big_endian.repr(), "array('H', [258])");
    EXPECT_FALSE(array_elements(bytes_array("i", "abc")));
    EXPECT_FALSE(array_elements(bytes_array("u", "abcd")));
    EXPECT_FALSE(array_elements(Object(1)));
    EXPECT_THROW(bytes_array("i", "abc").to<std::vector<int>>(), SerializationError);
}

}  // namespace
