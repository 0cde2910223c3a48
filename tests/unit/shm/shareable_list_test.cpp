// SPDX-License-Identifier: MIT
#include <cohort/shm/shareable_list.hpp>

#include <cohort/base/errors.hpp>

#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

using cohort::none;
using cohort::SerializationError;
using cohort::ShareableItem;
using cohort::ShareableList;
using cohort::SharedMemory;
using cohort::ValueError;
using Bytes = ShareableItem::Bytes;

Bytes bytes_of(const std::string& text) {
    const auto span = std::as_bytes(std::span(text));
    return {span.begin(), span.end()};
}

template <class T>
std::string shown(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

template <class Exception>
std::string what(const std::function<void()>& call) {
    try {
        call();
    } catch (const Exception& error) {
        return error.what();
    }
    return "no error";
}

/// Five items, one of each type but bytes; unlinked at the end.
class ShareableListTest : public testing::Test {
protected:
    ShareableList list{{1, 2.5, "text", true, none}};
    ~ShareableListTest() override { list.shm().unlink(); }
};

TEST_F(ShareableListTest, gives_the_items_back) {
    EXPECT_EQ(list.size(), 5U);
    EXPECT_EQ(list[0].as<std::int64_t>(), 1);
    EXPECT_EQ(list[1].as<double>(), 2.5);
    EXPECT_EQ(list[2].as<std::string>(), "text");
    EXPECT_EQ(list[3].as<bool>(), true);
    EXPECT_TRUE(list[4].is_none());
    EXPECT_TRUE(list[4] == none);
    EXPECT_TRUE(list[-5] == 1);
    EXPECT_EQ(list.format(), "qd8sxxxxxxx?xxxxxx?x");
    EXPECT_EQ(list.name(), list.shm().name());
}

TEST_F(ShareableListTest, is_found_by_its_name) {
    const ShareableList found({.name = list.name()});
    EXPECT_EQ(found.items(), list.items());
    found[2] = "other";
    EXPECT_TRUE(list[2] == "other");
    list[2] = bytes_of("x");
    EXPECT_TRUE(found[2] == bytes_of("x"));
}

TEST_F(ShareableListTest, items_change_their_types) {
    for (const ShareableItem& item :
         {ShareableItem(-1), ShareableItem(1e300), ShareableItem(false), ShareableItem(none), ShareableItem("12345678"),
          ShareableItem(bytes_of("87654321")), ShareableItem(std::numeric_limits<std::int64_t>::min())})
        for (std::ptrdiff_t index = 0; index < 5; ++index) {
            list[index] = item;
            EXPECT_TRUE(list[index] == item) << item;
            EXPECT_EQ(list[index].operator ShareableItem().value().index(), item.value().index());
        }
}

TEST_F(ShareableListTest, a_text_longer_than_its_slot_is_refused) {
    EXPECT_EQ(what<ValueError>([&] { list[2] = "123456789"; }), "bytes/str item exceeds available storage");
    EXPECT_EQ(what<ValueError>([&] { list[0] = bytes_of("123456789"); }), "bytes/str item exceeds available storage");
    EXPECT_TRUE(list[2] == "text");
    EXPECT_TRUE(list[0] == 1);
}

TEST_F(ShareableListTest, an_index_out_of_range) {
    EXPECT_EQ(what<std::out_of_range>([&] { list[5]; }), "index out of range");
    EXPECT_EQ(what<std::out_of_range>([&] { list[-6]; }), "index out of range");
    EXPECT_EQ(what<std::out_of_range>([&] { static_cast<void>(list.get(-6)); }), "index out of range");
    EXPECT_EQ(what<std::out_of_range>([&] { list.set(5, 1); }), "assignment index out of range");
}

TEST_F(ShareableListTest, zeros_at_the_end_are_lost) {
    list[2] = std::string("a\0b\0\0", 5);
    EXPECT_TRUE(list[2] == std::string("a\0b", 3));
}

TEST_F(ShareableListTest, count_and_index) {
    EXPECT_EQ(list.count(1), 2U);  // True is equal to 1
    EXPECT_EQ(list.count("text"), 1U);
    EXPECT_EQ(list.count("nothing"), 0U);
    EXPECT_EQ(list.index(2.5), 1U);
    EXPECT_EQ(list.index(true), 0U);
    EXPECT_EQ(list.index(none), 4U);
    EXPECT_EQ(what<ValueError>([&] { list.index("q"); }), "'q' not in this container");
    EXPECT_EQ(what<ValueError>([&] { list.index(99); }), "99 not in this container");
}

TEST_F(ShareableListTest, prints_as_python_does) {
    EXPECT_EQ(shown(list), "ShareableList([1, 2.5, 'text', True, None], name='" + list.name() + "')");
    EXPECT_EQ(shown(list[1]), "2.5");
}

TEST_F(ShareableListTest, is_a_range) {
    std::string all;
    for (const ShareableItem& item : list) all += shown(item) + " ";
    EXPECT_EQ(all, "1 2.5 'text' True None ");
    EXPECT_EQ(std::distance(list.begin(), list.end()), 5);
    ShareableList copy(list.items());
    EXPECT_EQ(copy.items(), list.items());
    EXPECT_NE(copy.name(), list.name());
    copy.shm().unlink();
}

TEST_F(ShareableListTest, a_closed_list_says_so) {
    const ShareableList other = list;
    list.shm().close();
    EXPECT_NE(what<ValueError>([&] { static_cast<void>(other.get(0)); }).find("is closed"), std::string::npos);
    EXPECT_EQ(other.size(), 5U);
}

TEST(ShareableList, has_the_layout_of_cpython) {
    ShareableList list({7, "ab", none});
    const cohort::SharedBuffer memory = list.shm().buf();
    std::array<std::int64_t, 8> numbers{};
    std::memcpy(numbers.data(), memory.data(), sizeof numbers);
    std::int64_t text = 0;
    std::memcpy(&text, "ab\0\0\0\0\0\0", 8);
    EXPECT_EQ(numbers, (std::array<std::int64_t, 8>{3, 0, 8, 16, 24, 7, text, 0}));
    const char rest[] =
        "q\0\0\0\0\0\0\0"
        "8s\0\0\0\0\0\0"
        "xxxxxx?x"
        "\0\1\3";
    ASSERT_EQ(memory.size(), sizeof numbers + sizeof rest - 1);
    EXPECT_EQ(std::memcmp(memory.data() + sizeof numbers, rest, sizeof rest - 1), 0);
    list.shm().unlink();
}

TEST(ShareableList, slots_are_rounded_up) {
    ShareableList list({"", "1234567", "12345678", bytes_of("1234567890123456"), "ééééé"});
    EXPECT_EQ(list.format(), "8s8s16s24s16s");
    EXPECT_TRUE(list[4] == "ééééé");
    list.shm().unlink();
}

TEST(ShareableList, may_be_empty) {
    ShareableList list(std::vector<ShareableItem>{});
    EXPECT_EQ(list.size(), 0U);
    EXPECT_EQ(list.shm().size(), 16U);
    EXPECT_TRUE(ShareableList({.name = list.name()}).empty());
    EXPECT_EQ(list.begin(), list.end());
    list.shm().unlink();
}

TEST(ShareableList, values_that_find_no_room) {
    EXPECT_THROW(ShareableList({~std::uint64_t{0}}), ValueError);
    EXPECT_THROW(ShareableList({std::string(10'000'000, 'x')}), ValueError);
    ShareableList list({std::string(9'999'990, 'x')});
    EXPECT_EQ(list[0].as<std::string>().size(), 9'999'990U);
    list.shm().unlink();
}

TEST(ShareableList, the_name_is_taken_or_missing) {
    ShareableList list({1});
    EXPECT_NE(cohort::test::error_text(EEXIST, [&] { ShareableList({2}, {.name = list.name()}); }), "");
    EXPECT_TRUE(list[0] == 1);
    list.shm().unlink();
    EXPECT_NE(cohort::test::error_text(ENOENT, [&] { ShareableList({.name = list.name()}); }), "");
}

// Whatever the bytes are, nothing is read past the end: each is changed in turn to values that reach far.
TEST(ShareableList, damaged_memory_is_an_error_at_worst) {
    ShareableList list({1, "text", true, none, 2.5});
    const cohort::SharedBuffer memory = list.shm().buf();
    for (std::size_t at = 0; at < memory.size(); ++at)
        for (const int value : {0, 1, 8, 0x39, 0x7f, 0x80, 0xff}) {
            const std::byte before = std::exchange(memory[at], static_cast<std::byte>(value));
            try {
                const ShareableList found({.name = list.name()});
                static_cast<void>(found.items());
                for (std::ptrdiff_t index = 0; index < static_cast<std::ptrdiff_t>(found.size()); ++index)
                    static_cast<void>(found.format());
            } catch (const SerializationError&) {
            }
            memory[at] = before;
        }
    EXPECT_TRUE(list[1] == "text");
    list.shm().unlink();
}

TEST(ShareableList, other_segments_are_refused) {
    SharedMemory small({.create = true, .size = 15});
    EXPECT_THROW(ShareableList({.name = small.name()}), SerializationError);
    small.unlink();
}

TEST(ShareableItem, is_equal_as_in_python) {
    EXPECT_EQ(ShareableItem(1), ShareableItem(1.0));
    EXPECT_EQ(ShareableItem(true), ShareableItem(1.0));
    EXPECT_EQ(ShareableItem(false), ShareableItem(0));
    EXPECT_FALSE(ShareableItem(1) == ShareableItem("1"));
    EXPECT_FALSE(ShareableItem("a") == ShareableItem(bytes_of("a")));
    EXPECT_FALSE(ShareableItem(none) == ShareableItem(0));
    EXPECT_FALSE(ShareableItem((std::int64_t{1} << 53) + 1) == ShareableItem(9007199254740992.0));
    EXPECT_FALSE(ShareableItem(std::numeric_limits<double>::quiet_NaN()) ==
                 ShareableItem(std::numeric_limits<double>::quiet_NaN()));
    EXPECT_FALSE(ShareableItem(std::numeric_limits<std::int64_t>::max()) == ShareableItem(1e300));
}

TEST(ShareableItem, prints_as_python_does) {
    EXPECT_EQ(shown(ShareableItem(1.0)), "1.0");
    EXPECT_EQ(shown(ShareableItem(-0.1)), "-0.1");
    EXPECT_EQ(shown(ShareableItem("it's")), "\"it's\"");
    EXPECT_EQ(shown(ShareableItem("a'\"\n\\")), "'a\\'\"\\n\\\\'");
    EXPECT_EQ(shown(ShareableItem(bytes_of(std::string("a\0\xff", 3)))), "b'a\\x00\\xff'");
    EXPECT_EQ(shown(ShareableItem("é")), "'é'");
}

TEST(ShareableItem, says_which_type_it_has) {
    EXPECT_EQ(what<ValueError>([] { static_cast<void>(ShareableItem("a").as<bool>()); }),
              "the item is of type str, not bool");
}

}  // namespace
