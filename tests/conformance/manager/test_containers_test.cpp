// SPDX-License-Identifier: MIT
// What CPython's _TestContainers shows.
#include <cohort/base/errors.hpp>

#include "conformance/manager/families.hpp"

#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

class TestContainers : public ManagerAt {};
INSTANTIATE_TEST_SUITE_P(, TestContainers, kEveryFamily, name_of_family);

using Numbers = ListProxy<int>;
using Lists = ListProxy<Numbers>;
using Counts = DictProxy<std::string, int>;
using Dicts = DictProxy<std::string, Counts>;

std::vector<int> numbers_to(int end) {
    std::vector<int> all(static_cast<std::size_t>(end));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

TEST_P(TestContainers, list) {
    const auto a = m.list<Object>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    EXPECT_EQ(a.value<std::vector<int>>(), numbers_to(10));
    const auto b = m.list<int>();
    EXPECT_EQ(b.slice(), numbers_to(0));
    b.extend(numbers_to(5));
    EXPECT_EQ(b.slice(), numbers_to(5));
    EXPECT_EQ(b[2], 2);
    EXPECT_EQ(b.slice(2, 10), (std::vector<int>{2, 3, 4}));
    b.call("__imul__", 2);
    EXPECT_EQ(b.slice(), (std::vector<int>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
    EXPECT_EQ(b.call<std::vector<int>>("__add__", std::vector<int>{5, 6}),
              (std::vector<int>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(a.value<std::vector<int>>(), numbers_to(10));

    const auto e = m.list<ObjectProxy>({a, b});
    EXPECT_EQ(e.at(0).value<std::vector<int>>(), numbers_to(10));
    EXPECT_EQ(e.at(1).value<std::vector<int>>(), b.copy());
    const auto f = m.list<ObjectProxy>({a});
    a.append("hello");
    EXPECT_EQ(f.at(0).repr(), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'hello']");
}

TEST_P(TestContainers, list_iter) {
    const auto a = m.list<int>(numbers_to(10));
    EXPECT_EQ(std::vector<int>(a.begin(), a.end()), numbers_to(10));
    std::vector<int> again;
    for (const int each : a) again.push_back(each);
    EXPECT_EQ(again, numbers_to(10));
    EXPECT_EQ(a.begin(), a.begin());
    a[0] = 100;
    EXPECT_EQ(*a.begin(), 100);
}

TEST_P(TestContainers, list_proxy_in_list) {
    {
        const auto a = m.list<Numbers>({m.list<int>({0, 1, 2}), m.list<int>({0, 1, 2}), m.list<int>({0, 1, 2})});
        for (const Numbers& inner : a) EXPECT_EQ(inner.copy(), numbers_to(3));
        a.at(0)[-1] = 55;
        EXPECT_EQ(a.at(0).copy(), (std::vector<int>{0, 1, 55}));
        for (int i = 1; i < 3; ++i) EXPECT_EQ(a.at(i).copy(), numbers_to(3));
        EXPECT_EQ(a.at(1).pop(), 2);
        EXPECT_EQ(a.at(1).size(), 2U);
        for (int i = 0; i < 3; i += 2) EXPECT_EQ(a.at(i).size(), 3U);
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
    const auto b = m.list<ObjectProxy>();
    b.append(b);
    EXPECT_EQ(b.at(0), b);
}

TEST_P(TestContainers, dict) {
    const auto d = m.dict<int, std::string>();
    std::map<int, std::string> wanted;
    std::vector<int> keys;
    std::vector<std::string> values;
    for (int i = 65; i < 70; ++i) {
        d[i] = std::string(1, static_cast<char>(i));
        keys.push_back(i);
        values.emplace_back(1, static_cast<char>(i));
        wanted[i] = values.back();
    }
    EXPECT_EQ(d.copy(), wanted);
    EXPECT_EQ(d.keys(), keys);
    EXPECT_EQ(d.values(), values);
    EXPECT_EQ(d.items(), (std::vector<std::pair<int, std::string>>(wanted.begin(), wanted.end())));
}

TEST_P(TestContainers, dict_iter) {
    const auto d = m.dict<int, int>({{65, 1}, {66, 2}});
    const auto iterator = d.call<ObjectProxy>("__iter__");
    EXPECT_EQ(iterator.call<int>("__next__"), 65);
    EXPECT_EQ(iterator.call<int>("__next__"), 66);
    for (int i = 0; i < 2; ++i) EXPECT_THROW(iterator.call("__next__"), RemoteError);  // StopIteration
    const auto other = d.call<ObjectProxy>("__iter__");
    d.clear();
    try {
        other.call("__next__");
        FAIL();
    } catch (const std::exception& error) {
        EXPECT_STREQ(error.what(), "dictionary changed size during iteration");
    }
}

TEST_P(TestContainers, dict_proxy_nested) {
    auto pets = m.dict<std::string, int>({{"ferrets", 2}, {"hamsters", 4}});
    auto supplies = m.dict<std::string, int>({{"water", 10}, {"feed", 3}});
    const auto d = m.dict<std::string, Counts>({{"pets", pets}, {"supplies", supplies}});
    EXPECT_EQ(supplies["water"], 10);
    EXPECT_EQ(d.at("supplies")["water"], 10);
    d.at("supplies")["blankets"] = 5;
    EXPECT_EQ(supplies["blankets"], 5);
    EXPECT_EQ(d.at("supplies")["blankets"], 5);
    d.at("supplies")["water"] = 7;
    EXPECT_EQ(supplies["water"], 7);

    pets = {};
    supplies = {};
    EXPECT_EQ(d.at("pets")["ferrets"], 2);
    d.at("supplies")["blankets"] = 11;
    EXPECT_EQ(d.at("supplies")["blankets"], 11);

    pets = d.at("pets");
    supplies = d.at("supplies");
    supplies["water"] = 7;
    EXPECT_EQ(d.at("supplies")["water"], 7);
    d.clear();
    EXPECT_EQ(d.size(), 0U);
    EXPECT_EQ(supplies["water"], 7);
    EXPECT_EQ(pets["hamsters"], 4);

    const auto l = m.list<Counts>({pets, supplies});
    l.at(0)["marmots"] = 1;
    EXPECT_EQ(pets["marmots"], 1);
    pets = {};
    supplies = {};
    EXPECT_EQ(l.at(0)["marmots"], 1);
    const auto outer = m.list<Object>({Object::list({88, 99}), l.to_object()});
    EXPECT_TRUE(outer.at(0).is(Object::Kind::list));
    EXPECT_EQ(ListProxy<Counts>::from_object(outer.at(-1)).at(-1)["feed"], 3);
}

TEST_P(TestContainers, nested_queue) {
    const auto a = m.list<QueueProxy<int>>();
    a.append(m.Queue<int>());
    a.at(0).put(123);
    EXPECT_EQ(a.at(0).get(), 123);
    const auto b = m.dict<int, QueueProxy<int>>();
    b[0] = m.Queue<int>();
    b.at(0).put(456);
    EXPECT_EQ(b.at(0).get(), 456);
}

TEST_P(TestContainers, namespace_attributes) {
    const auto n = m.Namespace();
    n.set("name", "Bob");
    n.set("job", "Builder");
    n.set("_hidden", "hidden");
    EXPECT_EQ(n.get<std::string>("name"), "Bob");
    EXPECT_EQ(n.get<std::string>("job"), "Builder");
    n.erase("job");
    std::ostringstream text;
    text << n;
    EXPECT_EQ(text.str(), "Namespace(name='Bob')");
    EXPECT_THROW(n.get("job"), AttributeError);
}

// Python's documentation: changes of a plain value within a container stay where they are made.
TEST_P(TestContainers, plain_values_within_are_copies) {
    const auto d = m.dict<std::string, std::vector<int>>({{"plain", {1}}});
    auto copy = d.at("plain");
    copy.push_back(2);
    EXPECT_EQ(d.at("plain"), std::vector<int>{1});
    d["plain"] = copy;
    EXPECT_EQ(d.at("plain"), (std::vector<int>{1, 2}));
}

TEST_P(TestContainers, copies_and_texts) {
    const auto d = m.dict<std::string, int>({{"a", 1}});
    EXPECT_EQ((d.value<std::map<std::string, int>>()), (std::map<std::string, int>{{"a", 1}}));
    EXPECT_EQ(d.value(), Object::from(std::map<std::string, int>{{"a", 1}}));
    EXPECT_EQ(d.str(), "{'a': 1}");
    EXPECT_EQ(m.Value<int>(3).value(), 3);
    EXPECT_EQ((m.set<int>({2, 1}).str()), "{1, 2}");
    const auto array = m.Array<int>({1, -2, 3});
    EXPECT_EQ(array.str(), "array('i', [1, -2, 3])");
    EXPECT_EQ(array.value<std::vector<int>>(), (std::vector<int>{1, -2, 3}));
}

}  // namespace
}  // namespace cohort::test
