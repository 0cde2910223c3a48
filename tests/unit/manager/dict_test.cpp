// SPDX-License-Identifier: MIT
#include "manager/types/dict.hpp"
#include "calls.hpp"

#include <cmath>

namespace {

using namespace cohort;
using namespace cohort::manager;

std::shared_ptr<DictReferent> dict_of(std::initializer_list<std::pair<Object, Object>> items) {
    return std::make_shared<DictReferent>(ObjectDict(items));
}

TEST(DictReferent, the_methods_are_those_of_python) {
    const auto dict = dict_of({{"a", 1}, {"b", 2}});
    EXPECT_EQ(call(*dict, "__getitem__", {"a"}), "1");
    EXPECT_EQ(call(*dict, "__getitem__", {"x"}), "KeyError: 'x'");
    EXPECT_EQ(call(*dict, "__getitem__", {Object::list()}), "TypeError: unhashable type: 'list'");
    EXPECT_EQ(call(*dict, "__setitem__", {1, "one"}), "None");
    EXPECT_EQ(call(*dict, "get", {1.0}), "'one'");
    EXPECT_EQ(call(*dict, "get", {"x"}), "None");
    EXPECT_EQ(call(*dict, "get", {"x", 5}), "5");
    EXPECT_EQ(call(*dict, "__contains__", {true}), "True");
    EXPECT_EQ(call(*dict, "__delitem__", {1}), "None");
    EXPECT_EQ(call(*dict, "__delitem__", {1}), "KeyError: 1");
    EXPECT_EQ(call(*dict, "setdefault", {"c"}), "None");
    EXPECT_EQ(call(*dict, "setdefault", {"a", 7}), "1");
    EXPECT_EQ(call(*dict, "keys"), "['a', 'b', 'c']");
    EXPECT_EQ(call(*dict, "values"), "[1, 2, None]");
    EXPECT_EQ(call(*dict, "items"), "[('a', 1), ('b', 2), ('c', None)]");
    EXPECT_EQ(call(*dict, "pop", {"c"}), "None");
    EXPECT_EQ(call(*dict, "pop", {"c"}), "KeyError: 'c'");
    EXPECT_EQ(call(*dict, "pop", {"c", 3}), "3");
    EXPECT_EQ(call(*dict, "popitem"), "('b', 2)");
    EXPECT_EQ(call(*dict, "__len__"), "1");
    EXPECT_EQ(call(*dict, "__or__", {Object::dict({{"z", 1}})}), "{'a': 1, 'z': 1}");
    EXPECT_EQ(call(*dict, "fromkeys", {"ab", 0}), "{'a': 0, 'b': 0}");
    EXPECT_EQ(call(*dict, "copy"), "{'a': 1}");
    EXPECT_EQ(call(*dict, "clear"), "None");
    EXPECT_EQ(call(*dict, "popitem"), "KeyError: 'popitem(): dictionary is empty'");
}

TEST(DictReferent, it_is_updated_with_mappings_pairs_and_keywords) {
    const auto dict = dict_of({});
    call(*dict, "update", {Object::dict({{"a", 1}})}, Object::dict({{"b", 2}}));
    call(*dict, "update", {Object::list({Object::tuple({"c", 3}), "de"})});
    EXPECT_EQ(dict->repr(), "{'a': 1, 'b': 2, 'c': 3, 'd': 'e'}");
    EXPECT_EQ(call(*dict, "update", {5}), "TypeError: 'int' object is not iterable");
    EXPECT_EQ(call(*dict, "update", {Object::list({1})}),
              "TypeError: cannot convert dictionary update sequence element #0 to a sequence");
    EXPECT_EQ(call(*dict, "update", {Object::list({"abc"})}),
              "ValueError: dictionary update sequence element #0 has length 3; 2 is required");
    EXPECT_EQ(call(*dict, "update", {1, 2}), "TypeError: update expected at most 1 argument, got 2");
}

TEST(DictReferent, an_iterator_is_an_object_of_its_own) {
    const auto dict = dict_of({{"a", 1}, {"b", 2}});
    const auto iterator = begin_call(*dict, "__iter__")->answer->referent;
    EXPECT_EQ(call(*iterator, "__next__"), "'a'");
    EXPECT_EQ(call(*iterator, "__next__"), "'b'");
    EXPECT_EQ(call(*iterator, "__next__"), "StopIteration");
    EXPECT_EQ(call(*iterator, "__next__"), "StopIteration");
    const auto other = begin_call(*dict, "__iter__")->answer->referent;
    call(*dict, "__setitem__", {"c", 3});
    EXPECT_EQ(call(*other, "__next__"), "RuntimeError: dictionary changed size during iteration");
}

TEST(DictReferent, a_value_is_exchanged_if_it_is_the_one_that_was_seen) {
    const auto dict = dict_of({{"count", 20}, {"nan", std::nan("")}});
    EXPECT_EQ(call(*dict, "#cohort.add", {"count", -1}), "19");
    EXPECT_EQ(call(*dict, "#cohort.compare_exchange", {"count", 19, 5}), "(True, 19)");
    EXPECT_EQ(call(*dict, "#cohort.compare_exchange", {"count", 19, 6}), "(False, 5)");
    EXPECT_EQ(call(*dict, "#cohort.compare_exchange", {"nan", std::nan(""), 0}), "(True, nan)");
    EXPECT_EQ(call(*dict, "#cohort.compare_exchange", {"none", 1, 2}), "KeyError: 'none'");
    for (const std::string_view name : dict->exposed()) EXPECT_FALSE(name.starts_with('#'));
}

}  // namespace
