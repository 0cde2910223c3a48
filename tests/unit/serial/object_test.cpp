// SPDX-License-Identifier: MIT
#include <cohort/serial/object.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace {

using cohort::none;
using cohort::Object;
using cohort::ObjectDict;
using cohort::TypeError;
using cohort::ValueError;
using Kind = Object::Kind;

// What would be a number or a bool by accident.
static_assert(!std::is_constructible_v<Object, char> && !std::is_constructible_v<Object, char32_t>);
static_assert(!std::is_constructible_v<Object, int*> && !std::is_constructible_v<Object, std::nullptr_t>);
static_assert(!std::is_convertible_v<Object, bool> && sizeof(Object) == 16);

TEST(Object, IsMadeOfValuesOfCpp) {
    EXPECT_EQ(Object().kind(), Kind::nothing);
    EXPECT_EQ(Object(none).kind(), Kind::nothing);
    EXPECT_EQ(Object(true).kind(), Kind::boolean);
    EXPECT_EQ(Object(42).as_int(), 42);
    EXPECT_EQ(Object(std::uint8_t{200}).as_int(), 200);
    EXPECT_EQ(Object(3.5F).as_float(), 3.5);
    EXPECT_EQ(Object("text").as_str(), "text");
    EXPECT_EQ(Object(std::string(100, 'x')).as_str(), std::string(100, 'x'));
    EXPECT_EQ(Object(std::numeric_limits<std::uint64_t>::max()).repr(), "18446744073709551615");
    EXPECT_EQ(Object(std::complex<double>(1, 2)).as_complex(), std::complex<double>(1, 2));
    EXPECT_EQ(Object::list({1, "a", none, Object::list({2.5})}).repr(), "[1, 'a', None, [2.5]]");
    EXPECT_EQ(Object::dict({{"k", 1}, {"l", Object::dict()}}).repr(), "{'k': 1, 'l': {}}");
    EXPECT_EQ(Object::dict({{"a", "b"}, {"c", "d"}}).size(), 2U);
    EXPECT_THROW(Object("\xff"), ValueError);
    EXPECT_THROW(Object("\xe0\x80\x80"), ValueError);
    EXPECT_THROW(Object("\xf4\x90\x80\x80"), ValueError);
}

TEST(Object, IsAValue) {
    Object one = Object::list({1, 2});
    Object other = one;
    other.append(3);
    EXPECT_EQ(one.size(), 2U);
    EXPECT_EQ(other.size(), 3U);
    Object dict = Object::dict({{"l", one}}), copy = dict;
    copy.assign("l", 5);
    EXPECT_EQ(dict["l"], one);
    Object moved = std::move(copy);
    EXPECT_TRUE(copy.is_none());  // NOLINT(bugprone-use-after-move): it is None then
    EXPECT_EQ(moved["l"], 5);
}

TEST(Object, CopiesAreUsedInSeveralThreads) {
    const Object shared = Object::list({Object::dict({{"key with a node of its own", 1}}), "a text that is a node"});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([shared] {
            for (int round = 0; round < 1000; ++round) {
                Object mine = shared;
                mine.append(round);
                ASSERT_EQ(mine.size(), shared.size() + 1);
            }
        });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(shared.size(), 2U);
}

TEST(Object, WrongTypesAreNamed) {
    auto text_of = [](auto call) {
        try {
            call();
            return std::string("nothing");
        } catch (const std::exception& error) {
            return std::string(error.what());
        }
    };
    EXPECT_EQ(text_of([] { Object("a").as_int(); }), "str is no int");
    EXPECT_EQ(text_of([] { Object(1).as_str(); }), "int is no str");
    EXPECT_EQ(text_of([] { Object::integer("99999999999999999999").as_int(); }),
              "an int of this size does not fit in std::int64_t");
    EXPECT_EQ(text_of([] { Object(1).append(1); }), "'int' object has no 'append'");
    EXPECT_EQ(text_of([] { Object::list({1})["a"]; }), "list indices must be integers, not str");
    EXPECT_EQ(text_of([] { Object::list({1})[1]; }), "list index out of range");
    EXPECT_EQ(text_of([] { Object::dict()["a"]; }), "'a'");
    EXPECT_EQ(text_of([] { Object(1).size(); }), "object of type 'int' has no len()");
    EXPECT_EQ(text_of([] { Object::set({Object::list()}); }), "unhashable type: 'list'");
}

TEST(Object, Sequences) {
    Object list = Object::list({1, 2, 3});
    EXPECT_EQ(list[0], 1);
    EXPECT_EQ(list[-1], 3);
    EXPECT_THROW(list[-4], std::out_of_range);
    list.insert(-1, "x");
    list.insert(100, "end");
    list.insert(-100, "begin");
    EXPECT_EQ(list.repr(), "['begin', 1, 2, 'x', 3, 'end']");
    EXPECT_EQ(list.pop(-1), "end");
    EXPECT_EQ(list.pop(0), "begin");
    list.assign(-1, 9);
    EXPECT_EQ(list.repr(), "[1, 2, 'x', 9]");
    EXPECT_TRUE(list.contains("x"));
    std::size_t count = 0;
    for (const Object& each : list) count += each.is_none() ? 0 : 1;
    EXPECT_EQ(count, 4U);
    list.clear();
    EXPECT_TRUE(list.empty());
    EXPECT_THROW(list.pop(0), std::out_of_range);
    EXPECT_THROW(Object::tuple({1}).append(1), TypeError);
}

TEST(Object, NumbersOfAllTypesAreOneKey) {
    Object dict = Object::dict({{1, "int"}});
    dict.assign(1.0, "float");
    dict.assign(true, "bool");
    dict.assign(Object::decimal("1.00"), "decimal");
    dict.assign(std::complex<double>(1, 0), "complex");
    EXPECT_EQ(dict.repr(), "{1: 'complex'}");
    Object large = Object::integer("100000000000000000000");
    EXPECT_EQ(large.hash(), Object(1e20).hash());
    EXPECT_EQ(large.hash(), Object::decimal("1E+20").hash());
    EXPECT_EQ(Object(0.5).hash(), Object::decimal("0.50").hash());
    EXPECT_EQ(Object(0.0).hash(), Object(-0.0).hash());
}

TEST(Object, SetsKeepTheirOrder) {
    Object set = Object::set({3, 1, 2, 1.0});
    EXPECT_EQ(set.repr(), "{3, 1, 2}");
    EXPECT_TRUE(set.add(7));
    EXPECT_FALSE(set.add(7.0));
    EXPECT_TRUE(set.discard(1));
    EXPECT_FALSE(set.discard(1));
    EXPECT_EQ(set, Object::frozenset({7, 2, 3}));
    EXPECT_EQ(Object::frozenset({1, 2}).hash(), Object::frozenset({2, 1}).hash());
    EXPECT_THROW(set.hash(), TypeError);
}

TEST(Object, EqualAsInPython) {
    EXPECT_EQ(Object(1), 1.0);
    EXPECT_EQ(Object(true), 1);
    EXPECT_NE(Object(1), "1");
    EXPECT_NE(Object(std::int64_t{9007199254740993}), 9007199254740992.0);
    EXPECT_EQ(Object::decimal("0.5"), 0.5);
    EXPECT_NE(Object::decimal("0.1"), 0.1);
    EXPECT_NE(Object::decimal("NaN"), Object::decimal("NaN"));
    Object nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_NE(nan, nan);
    EXPECT_EQ(Object::bytes("a"), Object::bytearray(std::as_bytes(std::span("a", 1))));
    EXPECT_NE(Object::bytes("a"), "a");
    EXPECT_NE(Object::list({1}), Object::tuple({1}));
    EXPECT_EQ(Object::dict({{1, 2}, {3, 4}}), Object::dict({{3, 4}, {1, 2}}));
    EXPECT_EQ(Object::range(0, 0), Object::range(5, 1));
    EXPECT_EQ(Object::range(0, 3, 2), Object::range(0, 4, 2));
    Object hour = Object::timedelta(0, 3600);
    EXPECT_EQ(Object::datetime(2024, 1, 1, 1, 0, 0, 0, Object::timezone(hour)),
              Object::datetime(2024, 1, 1, 0, 0, 0, 0, Object::timezone(Object::timedelta(0))));
    EXPECT_NE(Object::datetime(2024, 1, 1), Object::datetime(2024, 1, 1, 0, 0, 0, 0, Object::timezone(hour)));
    EXPECT_EQ(Object::exception("KeyError", {1}), Object::exception("KeyError", {1.0}));
}

TEST(Object, OrderedAsInPython) {
    EXPECT_LT(Object(1), 1.5);
    EXPECT_LT(Object(-1), Object::integer("99999999999999999999"));
    EXPECT_LT(Object::integer("-99999999999999999999"), -1e10);
    EXPECT_LT(Object(1e300), std::numeric_limits<double>::infinity());
    EXPECT_LT(Object("a"), "b");
    EXPECT_LT(Object("\u00e9"), "\U0001f600");
    EXPECT_LT(Object::list({1, 2}), Object::list({1, 3}));
    EXPECT_LT(Object::list({1}), Object::list({1, 0}));
    EXPECT_LT(Object::list({1, 1, "x"}), Object::list({1, 2, 3}));
    EXPECT_LT(Object::set({1}), Object::set({2, 1}));
    EXPECT_FALSE(Object::set({1}) < Object::set({2, 3}));
    EXPECT_LT(Object::decimal("1.5"), 2);
    EXPECT_LT(Object::date(2024, 1, 1), Object::date(2024, 1, 2));
    EXPECT_LT(Object::timedelta(-1), Object::timedelta(0));
    try {
        static_cast<void>(Object("a") < Object(1));
        FAIL();
    } catch (const TypeError& error) {
        EXPECT_STREQ(error.what(), "'<' not supported between instances of 'str' and 'int'");
    }
    EXPECT_THROW(static_cast<void>(Object(none) < Object(none)), TypeError);
    EXPECT_THROW(static_cast<void>(Object::dict() < Object::dict()), TypeError);
    std::vector<Object> values{3, 1.5, Object::decimal("2"), true};
    std::sort(values.begin(), values.end());
    EXPECT_EQ(Object::list(values).repr(), "[True, 1.5, Decimal('2'), 3]");
}

TEST(Object, TruthAsInPython) {
    for (const Object& empty :
         {Object(), Object(false), Object(0), Object(0.0), Object(""), Object::list(), Object::dict(),
          Object::bytes(""), Object::range(0, 0), Object::timedelta(0), Object::decimal("0.0")})
        EXPECT_FALSE(empty.truth()) << empty.repr();
    for (const Object& full : {Object(true), Object(-1), Object("a"), Object::list({none}), Object::range(0, 1),
                               Object::date(1, 1, 1), Object::global("builtins", "int")})
        EXPECT_TRUE(full.truth()) << full.repr();
}

TEST(Object, ReprAsInPython) {
    EXPECT_EQ(Object(1e16).repr(), "1e+16");
    EXPECT_EQ(Object(1e15).repr(), "1000000000000000.0");
    EXPECT_EQ(Object(0.0001).repr(), "0.0001");
    EXPECT_EQ(Object(0.00001).repr(), "1e-05");
    EXPECT_EQ(Object("it's").repr(), "\"it's\"");
    EXPECT_EQ(Object("\t\x01\u00a0\u20ac").repr(), "'\\t\\x01\\xa0\u20ac'");
    EXPECT_EQ(Object::bytes("a'\xff").repr(), "b\"a'\\xff\"");
    EXPECT_EQ(Object::tuple({1}).repr(), "(1,)");
    EXPECT_EQ(Object::set().repr(), "set()");
    EXPECT_EQ(Object::frozenset({1}).repr(), "frozenset({1})");
    EXPECT_EQ(Object(std::complex<double>(0, -1)).repr(), "-1j");
    EXPECT_EQ(Object::range(1, 5).repr(), "range(1, 5)");
    EXPECT_EQ(Object::slice(none, 2).repr(), "slice(None, 2, None)");
    EXPECT_EQ(Object::exception("KeyError", {"k"}).repr(), "KeyError('k')");
    EXPECT_EQ(Object::exception("OSError", {2, "No such file", "f"}).str(), "[Errno 2] No such file: 'f'");
    EXPECT_EQ(Object::datetime(2024, 2, 29, 1, 2).repr(), "datetime.datetime(2024, 2, 29, 1, 2)");
    EXPECT_EQ(Object::datetime(2024, 2, 29, 1, 2).str(), "2024-02-29 01:02:00");
    EXPECT_EQ(Object::timedelta(0, 0, -1).repr(), "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)");
    EXPECT_EQ(Object::timedelta(-1, 5).str(), "-1 day, 0:00:05");
    EXPECT_EQ(Object::decimal("+01.50").repr(), "Decimal('1.50')");
    EXPECT_EQ(Object::decimal("1e5").str(), "1E+5");
    EXPECT_EQ(Object::global("builtins", "int").repr(), "<class 'int'>");
    EXPECT_EQ(Object::token("dict", "/tmp/a", "7f").repr(), "Token(typeid='dict', address='/tmp/a', id='7f')");
    std::ostringstream stream;
    stream << Object("text") << Object::list({"text"});
    EXPECT_EQ(stream.str(), "text['text']");
}

TEST(Object, TypeNames) {
    EXPECT_EQ(Object().type_name(), "NoneType");
    EXPECT_EQ(Object(1).type_name(), "int");
    EXPECT_EQ(Object::date(1, 1, 1).type_name(), "datetime.date");
    EXPECT_EQ(Object::exception("KeyError", {}).type_name(), "KeyError");
}

TEST(Object, BadPartsAreRefused) {
    EXPECT_THROW(Object::date(2023, 2, 29), ValueError);
    EXPECT_THROW(Object::time(24, 0), ValueError);
    EXPECT_THROW(Object::timedelta(1000000000), ValueError);
    EXPECT_THROW(Object::timedelta(std::numeric_limits<std::int64_t>::max()), ValueError);
    EXPECT_THROW(Object::timezone(Object::timedelta(1)), ValueError);
    EXPECT_THROW(Object::decimal("1.2.3"), ValueError);
    EXPECT_THROW(Object::integer("1x"), ValueError);
    EXPECT_THROW(Object::range(0, 1, 0), ValueError);
    EXPECT_THROW(Object::instance({}), ValueError);
}

TEST(Object, DepthIsBounded) {
    Object deep;
    for (int i = 0; i < Object::kMaxDepth; ++i) deep = Object::list({deep});
    EXPECT_THROW(Object::list({deep}), cohort::SerializationError);
    EXPECT_THROW(Object::dict({{1, deep}}), cohort::SerializationError);
    Object list = Object::list({1});
    EXPECT_THROW(list.append(deep), cohort::SerializationError);
    EXPECT_THROW(list.assign(0, deep), cohort::SerializationError);
    EXPECT_EQ(list.repr(), "[1]");
    EXPECT_EQ(Object(deep), deep);
    EXPECT_EQ(deep.repr().size(), 2U * Object::kMaxDepth + 4 - 2 + 2);
}

TEST(Object, TokensAndProxies) {
    Object token = Object::token("dict", Object::tuple({"127.0.0.1", 5000}), "7f");
    EXPECT_EQ(token.kind(), Kind::token);
    EXPECT_EQ(cohort::ObjectToken::from(token).to_object(), token);
    Object proxy = Object::proxy(Object::global("multiprocessing.managers", "DictProxy"), token, Object::dict());
    ASSERT_EQ(proxy.kind(), Kind::proxy);
    auto parts = cohort::ObjectProxyParts::from(proxy);
    EXPECT_EQ(parts.function.qualname, "DictProxy");
    EXPECT_EQ(parts.token.id, "7f");
    EXPECT_EQ(parts.serializer, "pickle");
    EXPECT_EQ(proxy.repr(), "<DictProxy object, typeid 'dict' at 0x7f>");
}

TEST(ObjectDict, ManyItemsComeAndGo) {
    ObjectDict dict;
    for (int i = 0; i < 20000; ++i) EXPECT_TRUE(dict.assign(i, i * 2));
    for (int i = 0; i < 20000; i += 2) EXPECT_TRUE(dict.erase(i));
    EXPECT_EQ(dict.size(), 10000U);
    for (int i = 0; i < 20000; ++i) ASSERT_EQ(dict.contains(i), i % 2 == 1);
    int expected = 1;
    for (const auto& [key, value] : dict) {
        ASSERT_EQ(key, expected);
        ASSERT_EQ(value, expected * 2);
        expected += 2;
    }
    EXPECT_EQ(dict.take_last().first, 19999);
    ObjectDict copy = dict;
    EXPECT_EQ(copy, dict);
    copy.assign(1, "other");
    EXPECT_FALSE(copy == dict);
}

TEST(ObjectDict, AStackOfItemsDoesNotFillIt) {
    ObjectDict dict;
    for (int i = 0; i < 20; ++i) dict.assign(i, i);
    for (int i = 0; i < 10000; ++i) {
        dict.assign("x" + std::to_string(i), i);
        ASSERT_EQ(dict.take_last().second, i);
    }
    EXPECT_EQ(dict.size(), 20U);
    EXPECT_EQ(dict.find("absent"), nullptr);
}

TEST(ObjectDict, AQueueOfItemsKeepsItsOrder) {
    ObjectDict dict;
    for (int i = 0; i < 5; ++i) dict.assign(i, i);
    for (int i = 5; i < 5000; ++i) {
        dict.assign(i, i);
        ASSERT_EQ(dict.begin()->key(), i - 5);
        ASSERT_TRUE(dict.erase(i - 5));
    }
    EXPECT_EQ(dict.size(), 5U);
    dict.clear();
    EXPECT_EQ(dict.begin(), dict.end());
}

TEST(ObjectDict, AKeyKeepsItsPlaceAndItsType) {
    ObjectDict dict{{1, "a"}, {2, "b"}};
    EXPECT_FALSE(dict.assign(1.0, "c"));
    EXPECT_EQ(dict.begin()->key().kind(), Kind::integer);
    EXPECT_EQ(dict.find_key(2.0)->kind(), Kind::integer);
    auto [value, fresh] = dict.insert(2, "d");
    EXPECT_FALSE(fresh);
    EXPECT_EQ(*value, "b");
    EXPECT_THROW(dict.at("k"), cohort::KeyError);
    EXPECT_THROW(dict.assign(Object::list(), 1), TypeError);
}

TEST(Object, TheTextOfAUnicodeErrorTakesAnyPosition) {
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max(), kFirst = -kLast - 1;
    auto text = [](std::int64_t start, std::int64_t end) {
        return Object::exception("UnicodeDecodeError", {"utf-8", Object::bytes("ab"), start, end, "bad"}).str();
    };
    EXPECT_EQ(text(1, 2), "'utf-8' codec can't decode byte 0x62 in position 1: bad");
    EXPECT_EQ(text(0, 2), "'utf-8' codec can't decode bytes in position 0-1: bad");
    for (const std::int64_t start : {kFirst, std::int64_t{-1}, kLast})
        for (const std::int64_t end : {kFirst, kFirst + 1, std::int64_t{0}, kLast})
            EXPECT_NE(text(start, end).find("in position " + std::to_string(start)), std::string::npos);
    EXPECT_NE(Object::exception("UnicodeEncodeError", {"ascii", "\u00e9", kLast, kFirst, "bad"}).str().find("position"),
              std::string::npos);
}

}  // namespace
