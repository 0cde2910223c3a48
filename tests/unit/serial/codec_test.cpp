// SPDX-License-Identifier: MIT
#include <cohort/serial/codec.hpp>

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <valarray>
#include <variant>
#include <vector>

#include "round_trip.hpp"

namespace cohort::serial {
namespace {

enum Plain { plain_one = 1, plain_two };
enum class Color : short { red = -1, green = 7 };
enum class Switch : bool { off, on };

template <class T>
void expect_limits() {
    expect_same(std::numeric_limits<T>::min());
    expect_same(std::numeric_limits<T>::max());
    expect_same(T(1));
}

TEST(Codec, KeepsNumbers) {
    expect_limits<char>();
    expect_limits<signed char>();
    expect_limits<unsigned char>();
    expect_limits<short>();
    expect_limits<unsigned short>();
    expect_limits<int>();
    expect_limits<unsigned>();
    expect_limits<long>();
    expect_limits<unsigned long>();
    expect_limits<long long>();
    expect_limits<unsigned long long>();
    expect_limits<float>();
    expect_limits<double>();
    expect_limits<long double>();
    expect_limits<wchar_t>();
    expect_limits<char8_t>();
    expect_limits<char16_t>();
    expect_limits<char32_t>();
    expect_same(true);
    expect_same(false);
    expect_same(std::byte{0xff});
    expect_same(std::complex<double>(1.5, -2));
    expect_same(std::numeric_limits<double>::infinity());
    EXPECT_NE(there_and_back(std::numeric_limits<double>::quiet_NaN()), 0.0);
}

TEST(Codec, KeepsEnumerations) {
    expect_same(plain_two);
    expect_same(Color::red);
    expect_same(Switch::on);
}

TEST(Codec, KeepsNothing) {
    expect_same(nullptr);
    expect_same(std::monostate());
    BufferSink sink;
    write(sink, std::nullopt);
    Source source(sink.bytes());
    EXPECT_EQ(std::optional<int>(read<std::nullopt_t>(source)), std::nullopt);
    expect_same(std::tuple<>());
    expect_same(std::vector<std::monostate>(1000));
    expect_same(std::array<int, 0>());
}

TEST(Codec, KeepsText) {
    using namespace std::string_literals;
    expect_same(""s);
    expect_same("text"s);
    expect_same("with a \0 inside"s);
    expect_same(std::string(100'000, 'x'));
    expect_same(L"wide"s);
    EXPECT_TRUE(there_and_back(u8"bytes"s) == u8"bytes"s);
    expect_same(u"sixteen"s);
    expect_same(U"thirty-two"s);
    expect_same(std::filesystem::path("/tmp/not \xff UTF-8"));
    expect_same(std::vector<std::string>{"", "a", std::string(300, 'b')});
}

TEST(Codec, KeepsSequences) {
    expect_same(std::vector<int>());
    expect_same(std::vector<int>{1, 2, 3});
    expect_same(std::vector<double>(100'000, 1.5));
    expect_same(std::vector<char>(7, 'x'));
    expect_same(std::vector<long double>{1.5L, -2.5L});
    expect_same(std::vector<std::vector<int>>{{1}, {}, {2, 3}});
    expect_same(std::vector<std::array<short, 3>>{{1, 2, 3}, {4, 5, 6}});
    expect_same(std::vector<Switch>{Switch::on, Switch::off});
    expect_same(std::array<std::string, 2>{"a", "b"});
    expect_same(std::array<std::array<int, 2>, 2>{{{1, 2}, {3, 4}}});
    expect_same(std::deque<int>{1, 2, 3});
    expect_same(std::deque<std::string>{"a", "b"});
    expect_same(std::list<std::string>{"a", "b"});
    expect_same(std::forward_list<int>{1, 2, 3});
    expect_same(std::forward_list<int>());
    std::valarray<double> numbers{1, 2.5, 3};
    EXPECT_TRUE((there_and_back(numbers) == numbers).min());
}

TEST(Codec, KeepsBits) {
    expect_same(std::vector<bool>());
    for (std::size_t size : {1u, 7u, 8u, 9u, 64u, 1000u}) {
        std::vector<bool> bits(size);
        for (std::size_t i = 0; i < size; i += 3) bits[i] = true;
        expect_same(bits);
    }
    expect_same(std::bitset<0>());
    expect_same(std::bitset<11>(0b101'0000'0001));
    expect_same(std::bitset<128>().set());
}

TEST(Codec, KeepsSetsAndMaps) {
    expect_same(std::set<int>{3, 1, 2});
    expect_same(std::set<int, std::greater<>>{3, 1, 2});
    expect_same(std::multiset<std::string>{"a", "a", "b"});
    expect_same(std::map<std::string, int>{{"one", 1}, {"two", 2}});
    expect_same(std::map<int, std::map<int, std::vector<std::string>>>{{1, {{2, {"x"}}}}, {2, {}}});
    expect_same(std::multimap<int, int>{{1, 1}, {1, 2}, {2, 3}});
    expect_same(std::unordered_set<std::string>{"a", "b", "c"});
    expect_same(std::unordered_multiset<int>{1, 1, 2});
    expect_same(std::unordered_map<std::string, double>{{"a", 1}, {"b", 2}});
    expect_same(std::unordered_multimap<int, int>{{1, 1}, {1, 2}});
    expect_same(std::map<std::monostate, int>{{{}, 1}});
}

TEST(Codec, KeepsAdaptors) {
    expect_same(std::queue<int>({1, 2, 3}));
    expect_same(std::stack<std::string>({"a", "b"}));
    std::priority_queue<int> largest_first({}, {3, 9, 1, 9});
    auto back = there_and_back(largest_first);
    ASSERT_EQ(back.size(), largest_first.size());
    for (; !back.empty(); back.pop(), largest_first.pop()) EXPECT_EQ(back.top(), largest_first.top());
}

TEST(Codec, KeepsChoices) {
    expect_same(std::optional<int>());
    expect_same(std::optional<int>(3));
    expect_same(std::optional<std::optional<std::string>>(std::optional<std::string>()));
    using Choice = std::variant<std::monostate, int, std::string, int>;
    expect_same(Choice());
    expect_same(Choice(std::in_place_index<1>, 5));
    expect_same(Choice("text"));
    expect_same(Choice(std::in_place_index<3>, 5));
    expect_same(std::vector<Choice>{"a", {}, "b"});
}

TEST(Codec, KeepsTuples) {
    expect_same(std::pair<int, std::string>(1, "a"));
    expect_same(std::tuple<int, std::string, double>(1, "a", 2.5));
    expect_same(std::tuple<char, int, bool>('x', 1, true));
    expect_same(std::vector<std::pair<char, int>>{{'a', 1}, {'b', 2}});
}

TEST(Codec, KeepsTime) {
    using namespace std::chrono_literals;
    expect_same(std::chrono::nanoseconds(5));
    expect_same(std::chrono::duration<double, std::ratio<1, 3>>(1.5));
    expect_same(std::chrono::system_clock::now());
    expect_same(std::chrono::steady_clock::now());
    expect_same(std::vector<std::chrono::milliseconds>{1ms, 2ms});
    expect_same(std::chrono::year_month_day(2024y, std::chrono::February, 29d));
}

TEST(Codec, KeepsUniquePointers) {
    EXPECT_EQ(*there_and_back(std::make_unique<int>(3)), 3);
    EXPECT_EQ(there_and_back(std::unique_ptr<int>()), nullptr);
    EXPECT_EQ(*there_and_back(std::make_unique<const std::string>("a")), "a");
    std::vector<std::unique_ptr<std::string>> several;
    several.push_back(std::make_unique<std::string>("a"));
    several.push_back(nullptr);
    auto back = there_and_back(several);
    ASSERT_EQ(back.size(), 2u);
    EXPECT_EQ(*back[0], "a");
    EXPECT_EQ(back[1], nullptr);
    std::map<int, std::unique_ptr<int>> by_number;
    by_number.emplace(1, std::make_unique<int>(2));
    EXPECT_EQ(*there_and_back(by_number).at(1), 2);
}

TEST(Codec, KeepsAtomics) {
    std::atomic<int> number(7);
    std::vector<std::byte> bytes = message_of(number);
    Source source(bytes);
    EXPECT_EQ(read_message<std::atomic<int>>(source).load(), 7);
}

TEST(Codec, SharedObjectsAreSharedAgain) {
    auto object = std::make_shared<std::string>("shared");
    std::vector<std::shared_ptr<std::string>> owners{object, nullptr, object, std::make_shared<std::string>("alone")};
    auto back = there_and_back(owners);
    ASSERT_EQ(back.size(), 4u);
    EXPECT_EQ(*back[0], "shared");
    EXPECT_EQ(back[0], back[2]);
    EXPECT_EQ(back[1], nullptr);
    EXPECT_EQ(*back[3], "alone");
    EXPECT_EQ(back[0].use_count(), 2);
}

TEST(Codec, SharedObjectsOfSeparateValuesAreSeparate) {
    auto object = std::make_shared<int>(1);
    BufferSink sink;
    write(sink, object);
    std::size_t size = sink.size();
    write(sink, object);
    EXPECT_EQ(sink.size(), 2 * size);
    Source source(sink.bytes());
    auto first = read<std::shared_ptr<int>>(source);
    auto second = read<std::shared_ptr<int>>(source);
    EXPECT_NE(first, second);
}

TEST(Codec, WeakPointersPointIntoTheSameValue) {
    auto object = std::make_shared<int>(3);
    auto back = there_and_back(std::pair(object, std::weak_ptr<int>(object)));
    EXPECT_EQ(back.second.lock(), back.first);
    EXPECT_TRUE(there_and_back(std::weak_ptr<int>(object)).expired());
}

struct Link {
    int number = 0;
    std::shared_ptr<Link> next{};
    std::weak_ptr<Link> back{};
};

TEST(Codec, RingsOfSharedObjectsStayRings) {
    auto first = std::make_shared<Link>();
    first->next = std::make_shared<Link>();
    first->next->number = 1;
    first->next->back = first;
    first->next->next = first;
    auto copy = there_and_back(first);
    EXPECT_EQ(copy->next->number, 1);
    EXPECT_EQ(copy->next->next, copy);
    EXPECT_EQ(copy->next->back.lock(), copy);
    copy->next->next.reset();
    first->next->next.reset();
}

TEST(Codec, RefusesAnotherTypeAndNamesBoth) {
    std::vector<std::byte> bytes = message_of(std::vector<int>{1});
    Source source(bytes);
    try {
        read_message<std::map<std::string, double>>(source);
        FAIL();
    } catch (const SerializationError& error) {
        EXPECT_STREQ(error.what(), "received std::vector<int> where std::map<std::string, double> was expected");
        EXPECT_EQ(error.type(), "std::map<std::string, double>");
    }
}

TEST(Codec, RefusesATypeThatNobodyKnows) {
    BufferSink sink;
    write(sink, std::uint64_t{0x1234});
    Source source(sink.bytes());
    try {
        read_message<int>(source);
        FAIL();
    } catch (const SerializationError& error) {
        EXPECT_STREQ(error.what(), "received a type that is unknown here (0000000000001234) where int was expected");
    }
}

TEST(Codec, RefusesWhatNestsTooDeeply) {
    struct Chain {
        std::unique_ptr<Chain> next;
    };
    Chain chain;
    for (int i = 0; i < Sink::kMaxDepth; ++i) chain = Chain{std::make_unique<Chain>(std::move(chain))};
    EXPECT_NO_THROW(there_and_back(chain));
    chain = Chain{std::make_unique<Chain>(std::move(chain))};
    EXPECT_THROW(message_of(chain), SerializationError);
}

TEST(Codec, NumbersTakeTheirSize) {
    BufferSink sink;
    write(sink, 1);
    EXPECT_EQ(sink.size(), 4u);
    write(sink, std::string("abc"));
    EXPECT_EQ(sink.size(), 8u);
    write(sink, std::vector<double>(3));
    EXPECT_EQ(sink.size(), 8u + 25);
    write(sink, std::tuple<char, int, bool>());
    EXPECT_EQ(sink.size(), 33u + 6);
}

TEST(Codec, FingerprintsTellTypesApart) {
    EXPECT_NE(fingerprint_v<int>, fingerprint_v<unsigned>);
    EXPECT_NE(fingerprint_v<int>, fingerprint_v<long>);
    EXPECT_NE(fingerprint_v<int>, fingerprint_v<float>);
    EXPECT_EQ(fingerprint_v<int>, fingerprint_v<const int>);
    EXPECT_NE((fingerprint_v<std::vector<int>>), (fingerprint_v<std::list<int>>));
    EXPECT_NE((fingerprint_v<std::array<int, 2>>), (fingerprint_v<std::array<int, 3>>));
    EXPECT_NE((fingerprint_v<std::pair<int, long>>), (fingerprint_v<std::pair<long, int>>));
    EXPECT_NE((fingerprint_v<std::set<int>>), (fingerprint_v<std::set<int, std::greater<int>>>));
    EXPECT_NE(fingerprint_v<std::chrono::seconds>, fingerprint_v<std::chrono::minutes>);
}

// A receiver built by the other compiler must agree.
static_assert(fingerprint_v<int> == 0x5d93750c0da7f1ce);
static_assert(fingerprint_v<std::map<std::string, std::vector<double>>> == 0x10e069fd15d3dda3);

}  // namespace
}  // namespace cohort::serial
