// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>

#include <gtest/gtest.h>

#include <malloc.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "serial/pickle/reader.hpp"
#include "unit/serial/pickle_messages.hpp"

namespace {

using cohort::Object;
using cohort::SerializationError;
using cohort_test::loads_text;
using namespace std::string_literals;

// Why a message is refused.
std::string refusal(std::string_view bytes, const cohort::pickle::Limits& limits = {}) {
    try {
        return "read as " + loads_text(bytes, limits).repr();
    } catch (const SerializationError& error) {
        return error.what();
    }
}

std::string repr_of(std::string_view bytes) {
    return loads_text(bytes).repr();
}

TEST(PickleReader, GoldenMessages) {
    for (const auto& [bytes, value] : cohort_test::golden_messages())
        EXPECT_EQ(cohort::pickle::loads(cohort_test::from_hex(bytes)), value) << value;
}

TEST(PickleReader, EveryPrefixIsAnError) {
    for (const auto& [text, value] : cohort_test::golden_messages()) {
        const std::vector<std::byte> bytes = cohort_test::from_hex(text);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            EXPECT_THROW(cohort::pickle::loads(std::span(bytes).first(size)), SerializationError) << size;
    }
}

TEST(PickleReader, EveryChangedByteIsReadOrRefused) {
    for (const auto& [text, value] : cohort_test::golden_messages()) {
        std::vector<std::byte> bytes = cohort_test::from_hex(text);
        for (std::byte& each : bytes) {
            const std::byte kept = each;
            for (int other = 0; other < 256; ++other) {
                each = static_cast<std::byte>(other);
                try {
                    Object read = cohort::pickle::loads(bytes);
                    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(read)).repr(), read.repr());
                } catch (const SerializationError&) {
                }
            }
            each = kept;
        }
    }
}

TEST(PickleReader, Numbers) {
    EXPECT_EQ(repr_of("N."), "None");
    EXPECT_EQ(repr_of("(\x88\x89t."), "(True, False)");
    EXPECT_EQ(repr_of("(I00\nI01\nI-7\nL12L\nL12\nt."), "(False, True, -7, 12, 12)");
    EXPECT_EQ(repr_of("(K\xffM\xff\xffJ\xff\xff\xff\xfft."), "(255, 65535, -1)");
    EXPECT_EQ(repr_of("(\x8a\x00\x8a\x01\xff\x8b\x01\x00\x00\x00\x07t."s), "(0, -1, 7)");
    EXPECT_EQ(repr_of("(F1.5\nF1e16\nF-inf\nFnan\nF1e999\nt."), "(1.5, 1e+16, -inf, nan, inf)");
    EXPECT_EQ(repr_of("G\x3f\xf8\x00\x00\x00\x00\x00\x00."s), "1.5");
    EXPECT_EQ(repr_of("L123456789012345678901234567890L\n."), "123456789012345678901234567890");
}

TEST(PickleReader, Texts) {
    EXPECT_EQ(repr_of("(S'a\\n\\x41'\nU\x01"
                      "bT\x01\x00\x00\x00"
                      "ct."s),
              "('a\\nA', 'b', 'c')");
    EXPECT_EQ(repr_of("(V\\u20ac\\U0001f600\xe9\nX\x01\x00\x00\x00"
                      "bt."s),
              "('\u20ac\U0001f600\u00e9', 'b')");
    EXPECT_EQ(repr_of("(\x8c\x01"
                      "a\x8d\x01\x00\x00\x00\x00\x00\x00\x00"
                      "bt."s),
              "('a', 'b')");
    EXPECT_EQ(repr_of("(C\x01"
                      "aB\x01\x00\x00\x00"
                      "b\x8e\x01\x00\x00\x00\x00\x00\x00\x00"
                      "ct."s),
              "(b'a', b'b', b'c')");
    EXPECT_EQ(repr_of("\x96\x01\x00\x00\x00\x00\x00\x00\x00"
                      "a."s),
              "bytearray(b'a')");
    EXPECT_EQ(repr_of("\x8c\x03\xed\xa0\x80."), "'\\ud800'");
}

TEST(PickleReader, Containers) {
    EXPECT_EQ(repr_of("(]K\x01"
                      "a](K\x02"
                      "e(lt."),
              "([1], [2], [])");
    EXPECT_EQ(repr_of("()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87t."), "((), (1,), (1, 2), (1, 2, 3))");
    EXPECT_EQ(repr_of("(}K\x01K\x02s}(K\x03K\x04u(K\x05K\x06"
                      "dt."),
              "({1: 2}, {3: 4}, {5: 6})");
    EXPECT_EQ(repr_of("(\x8f(K\x01K\x01\x90(K\x02\x91t."), "({1}, frozenset({2}))");
}

TEST(PickleReader, Memo) {
    EXPECT_EQ(repr_of("(\x8c\x01"
                      "a\x94h\x00t."s),
              "('a', 'a')");
    EXPECT_EQ(repr_of("(\x8c\x01"
                      "aq\x07h\x07r\x09\x00\x00\x00j\x09\x00\x00\x00p3\ng3\nt."s),
              "('a', 'a', 'a', 'a')");
    EXPECT_EQ(repr_of("K\x01"
                      "20."),
              "1");
    EXPECT_EQ(repr_of("(K\x01"
                      "1N."),
              "None");
    EXPECT_EQ(repr_of("K\x01"
                      "(0."),
              "1");
    EXPECT_EQ(repr_of("K\x01"
                      "2\x86."),
              "(1, 1)");
}

TEST(PickleReader, ClassesAndInstances) {
    EXPECT_EQ(loads_text("cm\nC\n.").as_global(), (cohort::GlobalName{"m", "C"}));
    EXPECT_EQ(repr_of("cm\nC\n(K\x01tR."), "C(1)");
    EXPECT_EQ(repr_of("(im\nC\n."), "C()");
    EXPECT_EQ(repr_of("(cm\nC\nK\x01o."), "C(1)");
    EXPECT_EQ(repr_of("cm\nC\n)\x81}\x8c\x01xK\x01sb."), "C(x=1)");
    EXPECT_EQ(repr_of("cm\nC\n)}\x8c\x01xK\x01s\x92."), "C(x=1)");
    EXPECT_EQ(repr_of("cm\nC\n)RK\x01"
                      "a(K\x02K\x03"
                      "eK\x04K\x05s."),
              "C([1, 2, 3], {4: 5})");
    EXPECT_EQ(loads_text("c__builtin__\nxrange\n(K\x00K\x02K\x01tR."s).kind(), Object::Kind::range);
    EXPECT_EQ(loads_text("\x80\x03"
                         "cQueue\nEmpty\n)R.")
                  .class_name()
                  .module,
              "Queue");
    EXPECT_EQ(loads_text("cQueue\nEmpty\n)R.").class_name().module, "queue");
}

TEST(PickleReader, FramesAreSkipped) {
    EXPECT_EQ(repr_of("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00K\x05."s), "5");
}

TEST(PickleReader, WhatIsRefused) {
    EXPECT_EQ(refusal("P1\n."), "pickle: at byte 0, PERSID: persistent ids are not supported");
    EXPECT_EQ(refusal("NQ."), "pickle: at byte 1, BINPERSID: persistent ids are not supported");
    for (const char* extension : {"\x82\x01.", "\x83\x01\x01.", "\x84\x01\x01\x01\x01."})
        EXPECT_NE(refusal(extension).find("the extension registry is not supported"), std::string::npos);
    for (const char* buffer : {"\x97.", "N\x98."})
        EXPECT_NE(refusal(buffer).find("buffers outside of the message"), std::string::npos);
    EXPECT_EQ(refusal("\x80\x06N."), "pickle: at byte 0, PROTO: protocol 6 is not supported");
    EXPECT_EQ(refusal("\xff"), "pickle: at byte 0, unknown opcode: there is no such opcode");
    EXPECT_EQ(refusal("N.x"), "pickle: at byte 1, STOP: 1 bytes follow");
    EXPECT_EQ(refusal("NN."), "pickle: at byte 2, STOP: values are left over");
    EXPECT_EQ(refusal("}]Ns."), "pickle: at byte 3, SETITEM: unhashable type: 'list'");
    EXPECT_EQ(refusal("\x8c\x01\xff."), "pickle: at byte 0, SHORT_BINUNICODE: the text is not UTF-8 at its byte 0");
    EXPECT_EQ(refusal("h\x00."s), "pickle: at byte 0, BINGET: nothing has the number 0");
    EXPECT_EQ(refusal("N)R."), "pickle: at byte 2, REDUCE: the callable of an instance is no class or function");
    EXPECT_EQ(refusal("cm\nf\n)R0N."), "pickle: at byte 7, POP: the result of a call is thrown away");
    EXPECT_EQ(refusal(""), "pickle: at byte 0: the message ends");
    for (const char* bytes : {".",
                              "e.",
                              "t.",
                              "0.",
                              "a.",
                              "s.",
                              "R.",
                              "b.",
                              "(.",
                              "Na.",
                              "NNa.",
                              "]e.",
                              "(NuN.",
                              "Ia\n.",
                              "Fx\n.",
                              "S'a\n.",
                              "S'\\q'\n.",
                              "V\\u12\n.",
                              "\x8b\xff\xff\xff\xff.",
                              "NNNs."})
        EXPECT_THROW(loads_text(bytes), SerializationError) << bytes;
}

TEST(PickleReader, AValueThatHoldsItselfIsRefused) {
    EXPECT_NE(refusal("]\x94h\x00"
                      "a."s)
                  .find("holds itself"),
              std::string::npos);
    EXPECT_NE(refusal("]2a.").find("holds itself"), std::string::npos);
    EXPECT_NE(refusal("}\x94(K\x01h\x00u."s).find("holds itself"), std::string::npos);
    EXPECT_NE(refusal("cm\nC\n)\x81\x94}(K\x01h\x00ub."s).find("holds itself"), std::string::npos);
}

TEST(PickleReader, DepthIsBounded) {
    const std::string deep = std::string(1000, ']') + std::string(999, 'a') + ".";
    Object value = loads_text(deep);
    EXPECT_EQ(value.repr(), std::string(1000, '[') + std::string(1000, ']'));
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(value)), value);
    EXPECT_NE(refusal(std::string(100000, ']') + std::string(99999, 'a') + ".").find("1000 levels"), std::string::npos);
    EXPECT_NE(refusal(")" + std::string(100000, '\x85') + ".").find("1000 levels"), std::string::npos);
    EXPECT_NE(refusal(std::string(100000, ']')).find("the message ends"), std::string::npos);
}

TEST(PickleReader, LengthsAreCheckedBeforeMemoryIsTaken) {
    for (const std::string& bytes :
         {"X\xff\xff\xff\x7f"s, "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"s, "\x8e\xff\xff\xff\xff\xff\xff\xff\xff"s,
          "B\xff\xff\xff\xff"s, "\x96\xff\xff\xff\xff\xff\xff\xff\xff"s, "\x95\xff\xff\xff\xff\xff\xff\xff\x7f"s})
        EXPECT_NE(refusal(bytes).find("the message ends"), std::string::npos);
    EXPECT_NE(refusal("\x8b\x00\x00\x00\x7f"s).find("beyond the limit"), std::string::npos);
    EXPECT_NE(refusal("\x8a\x03\x01\x01\x01."s, {.integer_bytes = 2}).find("beyond the limit"), std::string::npos);
    EXPECT_NE(refusal("I1" + std::string(5000, '0') + "\n.").find("4300 digits"), std::string::npos);
}

// Each list holds the one before it ten times.
std::string laughs(int levels) {
    std::string bytes = "(\x8c\x03lol\x94";
    for (int level = 0; level < levels; ++level) {
        bytes += '(';
        for (int i = 0; i < 10; ++i) bytes += {'h', static_cast<char>(level)};
        bytes += "l\x94";
    }
    return bytes + "t.";
}

TEST(PickleReader, AShortMessageDoesNotMakeALargeValue) {
    EXPECT_EQ(loads_text(laughs(4)).size(), 5U);
    EXPECT_NE(refusal(laughs(30)).find("the same parts too often"), std::string::npos);
    std::string doubled = "K\x01";
    for (int i = 0; i < 100; ++i) doubled += "2\x86";
    EXPECT_NE(refusal(doubled + ".").find("the same parts too often"), std::string::npos);
    EXPECT_NE(refusal("((" + std::string(1000, 'N') + "t\x94h\x00t."s, {.parts = 900, .growth = 0})
                  .find("the same parts too often"),
              std::string::npos);
}

// A list of so many numbers, then calls of a type with it: each makes a copy.
std::string copies(const std::string& type, int elements, int calls) {
    std::string bytes = "(cbuiltins\n" + type + "\n\x94](";
    for (int i = 0; i < elements; ++i) bytes += {'M', static_cast<char>(i), static_cast<char>(i >> 8)};
    bytes += "e\x85\x94";
    for (int i = 0; i < calls; ++i) bytes += "h\0h\1R"s;
    return bytes + "t.";
}

TEST(PickleReader, CallsCopyNoMoreThanWasRead) {
    for (const char* type : {"list", "set", "frozenset"}) {
        EXPECT_EQ(loads_text(copies(type, 1000, 2)).size(), 4U) << type;
        EXPECT_NE(refusal(copies(type, 1000, 100)).find("copies the same parts too often"), std::string::npos) << type;
    }
}

std::string repeated(const std::string& part, int count) {
    std::string bytes = "(";
    for (int i = 0; i < count; ++i) bytes += part;
    return bytes + "t.";
}

std::size_t memory_in_use() {
    const struct mallinfo2 memory = ::mallinfo2();
    return memory.uordblks + memory.hblkhd;
}

TEST(PickleReader, MemoryIsBoundedByTheLengthOfTheMessage) {
    const std::vector<std::string> parts{"]",
                                         ")",
                                         "}",
                                         "\x8f",
                                         "}NNs",
                                         "](Ne",
                                         "(\x91",
                                         "N\x85",
                                         "}NNsNNs",
                                         "c\n\n",
                                         "c\n\n)\x81",
                                         "(i\n\n",
                                         "c\n\n)\x81Nb",
                                         "c\n\n)R(NNu",
                                         "2",
                                         "\x94",
                                         "p99999\n",
                                         "\x8c\x00"s,
                                         "C\x01x",
                                         "]\x94",
                                         "}\x94",
                                         "I1\n",
                                         "L1L\n",
                                         "F1\n",
                                         "r\xff\xff\xff\x30"};
    for (const std::string& part : parts) {
        std::string bytes = repeated(part, 20'000);
        if (part == "2" || part[0] == 'r' || part[0] == 'p' || part == "\x94") bytes.insert(1, "}");
        const std::size_t before = memory_in_use();
        const Object value = loads_text(bytes);
        const std::size_t after = memory_in_use();
        EXPECT_LT((after > before ? after - before : 0) / bytes.size(), 250U) << part;
    }
}

TEST(PickleReader, FrozensetsWithinFrozensetsAreHashedOnce) {
    std::string bytes = "(";
    for (int i = 0; i < 200'000; ++i) bytes += "J"s + std::string(reinterpret_cast<const char*>(&i), 4);
    bytes += '\x91';
    const int levels = Object::kMaxDepth - 2;
    bytes = std::string(static_cast<std::size_t>(levels), '(') + bytes +
            std::string(static_cast<std::size_t>(levels), '\x91');
    Object value = loads_text(bytes + '.');
    EXPECT_EQ(value.hash(), loads_text(bytes + '.').hash());
    EXPECT_EQ(value, loads_text(bytes + '.'));
    for (int i = 0; i < levels; ++i) value = Object(*value.begin());
    EXPECT_EQ(value.size(), 200'000U);
}

TEST(PickleReader, KeysThatLookTheSameStayApart) {
    const std::string object = "cm\nC\n)\x81";
    Object set = loads_text("\x8f(" + object + object + "\x90.");
    EXPECT_EQ(set.size(), 2U);
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(set)).size(), 2U);
    std::string many = "\x8f(";
    for (int i = 0; i < 1000; ++i) many += object;
    EXPECT_NE(refusal(many + "\x90.").find("look the same"), std::string::npos);
    EXPECT_EQ(loads_text("\x8f(K\x01\x85K\x01\x85\x90.").size(), 1U);
}

TEST(PickleReader, DecimalsHaveExponentsAsPythonHasThem) {
    const auto decimal_of = [](const std::string& text) {
        return "cdecimal\nDecimal\nX" + std::string(1, static_cast<char>(text.size())) + "\0\0\0"s + text + "\x85R.";
    };
    EXPECT_EQ(loads_text(decimal_of("1E999999999999999999")).kind(), Object::Kind::decimal);
    EXPECT_EQ(loads_text(decimal_of("1E9223372036854775807")).kind(), Object::Kind::instance);
}

TEST(PickleReader, DepthIsLimited) {
    EXPECT_EQ(cohort::pickle::loads(cohort::pickle::dumps(Object::list({Object::list()})), {.depth = 2}).size(), 1U);
    EXPECT_NE(refusal("]]a]a.", {.depth = 0}).find("deeper"), std::string::npos);
}

TEST(PickleReader, StatesAreGivenOnce) {
    EXPECT_NE(refusal("cm\nC\n)\x81NbNb.").find("finished"), std::string::npos);
    EXPECT_NE(refusal("cm\nC\n)\x81NbNa.").find("finished"), std::string::npos);
}

/// What a reader makes of the pickle of a value, whose memory it may share; and where that stands.
struct Loaded {
    explicit Loaded(const Object& of)
        : memory(std::make_shared<const std::vector<std::byte>>(cohort::pickle::dumps(of))),
          value(cohort::pickle::Reader(*memory, {}, memory).run()) {}
    bool shares(const Object& part) const {
        const auto* const at = part.is(Object::Kind::str) ? static_cast<const void*>(part.as_str().data())
                                                          : static_cast<const void*>(part.as_bytes().data());
        return at >= memory->data() && at < memory->data() + memory->size();
    }

    std::shared_ptr<const std::vector<std::byte>> memory;
    Object value;
};

TEST(PickleReader, LongBytesShareTheMemoryOfTheirMessage) {
    for (const Object& part : {Object(std::string(100'000, 'x')), Object::bytes(std::string(100'000, 'y'))}) {
        const Object whole = Object::list({1, part});
        Loaded loaded(whole);
        EXPECT_TRUE(loaded.shares(loaded.value[1]));
        EXPECT_EQ(loaded.value, whole);
        EXPECT_EQ(cohort::pickle::dumps(loaded.value), cohort::pickle::dumps(whole));
        const std::weak_ptr<const void> memory = loaded.memory;
        const Object kept = loaded.value[1];
        loaded.value = {};
        loaded.memory = {};
        EXPECT_FALSE(memory.expired());
        EXPECT_EQ(kept, part);
    }
}

TEST(PickleReader, ShortBytesAndSmallPartsKeepNoMessage) {
    const Loaded short_text(Object(std::string(1000, 'x')));
    EXPECT_FALSE(short_text.shares(short_text.value));
    const Object part(std::string(100'000, 'x'));
    const Loaded parts(Object::list({part, 1, part, part}));
    EXPECT_FALSE(parts.shares(parts.value[0]));
}

TEST(PickleReader, TellsProxies) {
    const auto names = [](const Object& value) {
        const auto bytes = cohort::pickle::dumps(value);
        cohort::pickle::Reader reader(bytes, {});
        static_cast<void>(reader.run());
        return reader.names_proxies();
    };
    EXPECT_FALSE(names(Object::list({"RebuildProxy"})));
    EXPECT_TRUE(names(Object::list({Object::proxy(Object::global("multiprocessing.managers", "ListProxy"),
                                                  Object::token("list", "/address", "id"), Object::dict())})));
}

}  // namespace
