// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/object.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <variant>

namespace {

using cohort::none;
using cohort::Object;
using cohort::SerializationError;
using cohort::ValueError;
using namespace std::chrono_literals;

enum class Colour : std::uint8_t { red = 1 };

struct Point {
    int x = 0;
    std::string name{};
    double weights[2] = {};
    bool operator==(const Point& other) const {
        return x == other.x && name == other.name && weights[0] == other.weights[0] && weights[1] == other.weights[1];
    }
};

template <class T>
void expect_way_back(const T& value, const char* repr) {
    const Object object = Object::from(value);
    EXPECT_EQ(object.repr(), repr);
    EXPECT_EQ(object.to<T>(), value) << repr;
}

template <class T>
std::string refusal(const Object& object) {
    try {
        static_cast<void>(object.to<T>());
        return "converted";
    } catch (const cohort::Error& error) {
        return error.what();
    }
}

TEST(ObjectConvert, TextByPointer) {
    const char* text = "text";
    EXPECT_EQ(Object::from(text), Object("text"));
    EXPECT_EQ(Object::from(std::tuple(1, text)).repr(), "(1, 'text')");
    EXPECT_TRUE(Object::from(static_cast<const char*>(nullptr)).is_none());
}

TEST(ObjectConvert, ThereAndBack) {
    expect_way_back(true, "True");
    expect_way_back(-5, "-5");
    expect_way_back(std::uint64_t{1} << 63, "9223372036854775808");
    expect_way_back(1.5, "1.5");
    expect_way_back('c', "'c'");
    expect_way_back(Colour::red, "1");
    expect_way_back(std::string("text"), "'text'");
    expect_way_back(std::complex<double>(1, 2), "(1+2j)");
    expect_way_back(std::vector<int>{1, 2}, "[1, 2]");
    expect_way_back(std::vector<bool>{true, false}, "[True, False]");
    expect_way_back(std::vector<std::byte>{std::byte{'a'}}, "b'a'");
    expect_way_back(std::list<std::string>{"a"}, "['a']");
    expect_way_back(std::array<int, 2>{1, 2}, "[1, 2]");
    expect_way_back(std::pair(1, std::string("a")), "(1, 'a')");
    expect_way_back(std::tuple(1, 2.5, true), "(1, 2.5, True)");
    expect_way_back(std::map<std::string, std::vector<int>>{{"a", {1}}}, "{'a': [1]}");
    expect_way_back(std::unordered_map<int, int>{{1, 2}}, "{1: 2}");
    expect_way_back(std::multimap<int, int>{{1, 2}, {1, 3}}, "[(1, 2), (1, 3)]");
    expect_way_back(std::set<int>{2, 1}, "{1, 2}");
    expect_way_back(std::optional<int>(3), "3");
    expect_way_back(std::optional<int>(), "None");
    expect_way_back(std::variant<int, std::string>("a"), "'a'");
    expect_way_back(std::monostate(), "None");
    expect_way_back(none, "None");
    expect_way_back(std::filesystem::path("/a"), "'/a'");
    expect_way_back(Point{1, "a", {2, 3}}, "(1, 'a', [2.0, 3.0])");
    expect_way_back(Object::list({1}), "[1]");
    EXPECT_EQ(*Object(5).to<std::unique_ptr<int>>(), 5);
    EXPECT_EQ(Object::from("literal"), "literal");
}

TEST(ObjectConvert, Times) {
    expect_way_back(std::chrono::milliseconds(-1500),
                    "datetime.timedelta(days=-1, seconds=86398, microseconds=500000)");
    expect_way_back(std::chrono::duration<double>(1.5), "datetime.timedelta(seconds=1, microseconds=500000)");
    expect_way_back(std::chrono::sys_time<std::chrono::microseconds>(1us),
                    "datetime.datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=datetime.timezone.utc)");
    expect_way_back(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29),
                    "datetime.datetime(2024, 2, 29, 0, 0, tzinfo=datetime.timezone.utc)");
    EXPECT_EQ(Object::from(-1ns).to<std::chrono::microseconds>(), -1us);  // rounded down
    EXPECT_EQ(refusal<std::chrono::seconds>(Object::from(1ms)),
              "datetime.timedelta(microseconds=1000) does not fit in std::chrono::duration<long>");
    EXPECT_NE(refusal<std::chrono::system_clock::time_point>(Object::datetime(2024, 1, 1)).find("with a timezone"),
              std::string::npos);
    EXPECT_THROW(Object::from(std::chrono::hours::max()), ValueError);
    EXPECT_THROW(Object::from(std::chrono::duration<double>(1e300)), ValueError);
}

TEST(ObjectConvert, ErrorsNameTypesAndPlace) {
    EXPECT_EQ(refusal<std::vector<int>>(Object::list({1, 2, 3, "a"})), "element 3: str is no int");
    EXPECT_EQ((refusal<std::map<std::string, std::vector<int>>>(Object::dict({{"a", Object::list({none})}}))),
              "value of key 'a', element 0: NoneType is no int");
    EXPECT_EQ((refusal<std::map<int, int>>(Object::dict({{"a", 1}}))), "key 'a': str is no int");
    EXPECT_EQ(refusal<unsigned char>(300), "300 does not fit in unsigned char");
    EXPECT_EQ(refusal<unsigned>(-1), "-1 does not fit in unsigned int");
    EXPECT_EQ(refusal<float>(1e300), "1e+300 does not fit in float");
    EXPECT_EQ(refusal<bool>(1), "int is no bool");
    EXPECT_EQ(refusal<std::string>(Object::bytes("a")), "bytes is no std::string");
    EXPECT_EQ((refusal<std::pair<int, int>>(Object::tuple({1}))), "tuple of 1 elements, not 2");
    EXPECT_EQ((refusal<std::tuple<int, std::tuple<int>>>(Object::tuple({1, Object::tuple({"x"})}))),
              "element 1, element 0: str is no int");
    EXPECT_EQ(refusal<Point>(Object::tuple({1, 2, 3})), "element 1: int is no std::string");
    EXPECT_EQ((refusal<std::variant<int, bool>>("x")), "str is no std::variant<int, bool>");
    EXPECT_THROW(static_cast<void>(Object(300).to<std::uint8_t>()), ValueError);
    EXPECT_THROW(static_cast<void>(Object("a").to<int>()), SerializationError);
}

TEST(ObjectConvert, WhatFitsOtherwise) {
    EXPECT_EQ(Object(true).to<int>(), 1);
    EXPECT_EQ(Object(3).to<double>(), 3.0);
    EXPECT_EQ(Object::tuple({1, 2}).to<std::vector<int>>(), (std::vector{1, 2}));
    EXPECT_EQ(Object::set({1}).to<std::vector<int>>(), std::vector{1});
    EXPECT_EQ((Object(3).to<std::variant<double, int>>().index()), 0U);
    EXPECT_EQ((Object(2.5).to<std::variant<int, double>>().index()), 1U);
}

TEST(ObjectConvert, TravelsInTheCodec) {
    const Object value = Object::dict({{"a", Object::list({1, none})}});
    cohort::serial::BufferSink sink;
    cohort::serial::write(sink, std::vector{value, Object(5)});
    cohort::serial::Source source(sink.bytes());
    EXPECT_EQ(cohort::serial::read<std::vector<Object>>(source), (std::vector{value, Object(5)}));
    source.expect_end();
}

}  // namespace
