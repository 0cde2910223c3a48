// SPDX-License-Identifier: MIT
#include <cohort/base/bytes.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>

#include <gtest/gtest.h>

#include <limits>

#include "unit/serial/pickle_messages.hpp"

namespace {

using cohort::Object;
using cohort::detail::hex;
using cohort_test::loads_text;

std::string written(const Object& object) {
    return hex(cohort::pickle::dumps(object));
}

// What stands between the protocol and the end.
std::string body(const Object& object) {
    std::string all = written(object);
    return all.substr(4, all.size() - 6);
}

TEST(PickleWriter, GoldenMessagesByteForByte) {
    for (const auto& [bytes, value] : cohort_test::golden_messages()) EXPECT_EQ(written(value), bytes);
}

TEST(PickleWriter, Numbers) {
    EXPECT_EQ(body(Object::none()), "4e");
    EXPECT_EQ(body(true), "88");
    EXPECT_EQ(body(false), "89");
    EXPECT_EQ(body(0), "4b00");
    EXPECT_EQ(body(255), "4bff");
    EXPECT_EQ(body(256), "4d0001");
    EXPECT_EQ(body(65535), "4dffff");
    EXPECT_EQ(body(65536), "4a00000100");
    EXPECT_EQ(body(-1), "4affffffff");
    EXPECT_EQ(body(std::numeric_limits<std::int32_t>::max()), "4affffff7f");
    EXPECT_EQ(body(std::int64_t{1} << 31), "8a050000008000");
    EXPECT_EQ(body(std::numeric_limits<std::int64_t>::min()), "8a080000000000000080");
    EXPECT_EQ(body(std::numeric_limits<std::uint64_t>::max()), "8a09ffffffffffffffff00");
    EXPECT_EQ(body(1.5), "473ff8000000000000");
    Object large = Object::integer("1" + std::string(700, '0'));
    EXPECT_EQ(body(large).substr(0, 10), "8b23010000");
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(large)), large);
}

TEST(PickleWriter, LengthsTakeTheShortestOperation) {
    EXPECT_EQ(body("a"), "8c0161");
    EXPECT_EQ(body(std::string(255, 'a')).substr(0, 4), "8cff");
    EXPECT_EQ(body(std::string(256, 'a')).substr(0, 10), "5800010000");
    EXPECT_EQ(body(Object::bytes("a")), "430161");
    EXPECT_EQ(body(Object::bytes(std::string(256, 'a'))).substr(0, 10), "4200010000");
}

TEST(PickleWriter, Containers) {
    EXPECT_EQ(body(Object::list()), "5d");
    EXPECT_EQ(body(Object::list({1})), "5d284b0165");
    EXPECT_EQ(body(Object::tuple({1})), "4b0185");
    EXPECT_EQ(body(Object::tuple({1, 2, 3, 4})), "284b014b024b034b0474");
    EXPECT_EQ(body(Object::set({1})), "8f284b0190");
    EXPECT_EQ(body(Object::frozenset()), "2891");
    EXPECT_EQ(body(Object::dict({{1, 2}})), "7d284b014b0275");
}

TEST(PickleWriter, AQueueIsEmptyUnderItsPublicName) {
    EXPECT_EQ(written(Object::exception("_queue", "Empty", {})), written(Object::exception("queue", "Empty", {})));
}

TEST(PickleWriter, WhatWasOneObjectStaysOne) {
    Object value = loads_text(std::string("\x80\x04(]\x94(K\x01\x65h\x00h\x00t.", 15));
    EXPECT_EQ(body(value),
              "5d94284b016568006800"
              "87");
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(value)), value);
}

TEST(PickleWriter, CopiesOfCppAreObjectsOfTheirOwn) {
    Object list = Object::list({1});
    EXPECT_EQ(body(Object::tuple({list, list})), "5d284b01655d284b016586");
}

TEST(PickleWriter, WritesWhatItReads) {
    cohort::ObjectInstance parts;
    parts.callable = Object::global("m", "C");
    parts.form = cohort::ObjectInstance::Form::new_kwds;
    parts.args = Object::tuple({1});
    parts.kwds = Object::dict({{"a", 2}});
    parts.list_items = {1, "x"};
    parts.dict_items = {{"k", Object::list()}};
    parts.state = Object::dict({{"b", Object::list({cohort::none})}});
    Object object = Object::instance(parts);
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(object)), object);
}

}  // namespace
