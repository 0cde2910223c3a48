// SPDX-License-Identifier: MIT
#include "manager/types/list.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;

ListReferent list_of(std::vector<int> numbers) {
    return ListReferent(std::vector<Object>(numbers.begin(), numbers.end()));
}

Object slice(const Object& start, const Object& stop, const Object& step = {}) {
    return Object::slice(start, stop, step);
}

TEST(ListReferent, elements_are_got_set_and_deleted_by_index) {
    ListReferent list({1, "two", 3.5});
    EXPECT_EQ(call(list, "__getitem__", {0}), "1");
    EXPECT_EQ(call(list, "__getitem__", {-1}), "3.5");
    EXPECT_EQ(call(list, "__getitem__", {true}), "'two'");
    EXPECT_EQ(call(list, "__getitem__", {3}), "IndexError: list index out of range");
    EXPECT_EQ(call(list, "__getitem__", {-4}), "IndexError: list index out of range");
    EXPECT_EQ(call(list, "__getitem__", {Object::integer("99999999999999999999")}),
              "IndexError: list index out of range");
    EXPECT_EQ(call(list, "__getitem__", {"a"}), "TypeError: list indices must be integers or slices, not str");
    EXPECT_EQ(call(list, "__setitem__", {1, 2}), "None");
    EXPECT_EQ(call(list, "__setitem__", {3, 2}), "IndexError: list assignment index out of range");
    EXPECT_EQ(call(list, "__delitem__", {-1}), "None");
    EXPECT_EQ(call(list, "__delitem__", {2}), "IndexError: list assignment index out of range");
    EXPECT_EQ(list.repr(), "[1, 2]");
    EXPECT_EQ(call(list, "__len__"), "2");
}

TEST(ListReferent, slices_are_those_of_python) {
    ListReferent list = list_of({0, 1, 2, 3, 4});
    EXPECT_EQ(call(list, "__getitem__", {slice(1, 3)}), "[1, 2]");
    EXPECT_EQ(call(list, "__getitem__", {slice({}, {}, -2)}), "[4, 2, 0]");
    EXPECT_EQ(call(list, "__getitem__", {slice(-2, {})}), "[3, 4]");
    EXPECT_EQ(call(list, "__getitem__", {slice(10, 20)}), "[]");
    EXPECT_EQ(call(list, "__getitem__", {slice(3, -10, -1)}), "[3, 2, 1, 0]");
    EXPECT_EQ(call(list, "__getitem__", {slice(0, 1, 0)}), "ValueError: slice step cannot be zero");
    call(list, "__setitem__", {slice(0, 2), Object::list({10, 11, 12})});
    EXPECT_EQ(list.repr(), "[10, 11, 12, 2, 3, 4]");
    call(list, "__setitem__", {slice({}, {}, 2), "xyz"});
    EXPECT_EQ(list.repr(), "['x', 11, 'y', 2, 'z', 4]");
    EXPECT_EQ(call(list, "__setitem__", {slice({}, {}, 2), Object::list({1})}),
              "ValueError: attempt to assign sequence of size 1 to extended slice of size 3");
    call(list, "__delitem__", {slice({}, {}, -2)});
    EXPECT_EQ(list.repr(), "['x', 'y', 'z']");
    call(list, "__delitem__", {slice({}, {})});
    EXPECT_EQ(list.repr(), "[]");
}

TEST(ListReferent, the_methods_are_those_of_python) {
    ListReferent list = list_of({3, 1, 2});
    EXPECT_EQ(call(list, "append", {1}), "None");
    EXPECT_EQ(call(list, "extend", {Object::tuple({5, 6})}), "None");
    EXPECT_EQ(call(list, "extend", {5}), "TypeError: 'int' object is not iterable");
    EXPECT_EQ(call(list, "count", {1.0}), "2");
    EXPECT_EQ(call(list, "index", {1, 2}), "3");
    EXPECT_EQ(call(list, "index", {50}), "ValueError: 50 is not in list");
    EXPECT_EQ(call(list, "remove", {50}), "ValueError: list.remove(x): x not in list");
    EXPECT_EQ(call(list, "remove", {1}), "None");
    EXPECT_EQ(call(list, "insert", {-100, 0}), "None");
    EXPECT_EQ(call(list, "pop"), "6");
    EXPECT_EQ(call(list, "pop", {0}), "0");
    EXPECT_EQ(call(list, "pop", {100}), "IndexError: pop index out of range");
    EXPECT_EQ(list.repr(), "[3, 2, 1, 5]");
    EXPECT_EQ(call(list, "__contains__", {5}), "True");
    EXPECT_EQ(call(list, "reverse"), "None");
    EXPECT_EQ(call(list, "__mul__", {2}), "[5, 1, 2, 3, 5, 1, 2, 3]");
    EXPECT_EQ(call(list, "__mul__", {"a"}), "TypeError: 'str' object cannot be interpreted as an integer");
    EXPECT_EQ(call(list, "__add__", {Object::tuple()}), "TypeError: can only concatenate list (not \"tuple\") to list");
    EXPECT_EQ(call(list, "clear"), "None");
    EXPECT_EQ(call(list, "pop"), "IndexError: pop from empty list");
}

TEST(ListReferent, sorting_is_stable_and_changes_nothing_if_it_fails) {
    ListReferent list({1, true, 0, 1.0});
    EXPECT_EQ(call(list, "sort"), "None");
    EXPECT_EQ(list.repr(), "[0, 1, True, 1.0]");
    call(list, "sort", {}, Object::dict({{"reverse", true}, {"key", none}}));
    EXPECT_EQ(list.repr(), "[1, True, 1.0, 0]");
    call(list, "append", {"x"});
    EXPECT_EQ(call(list, "sort"), "TypeError: '<' not supported between instances of 'str' and 'int'");
    EXPECT_EQ(list.repr(), "[1, True, 1.0, 0, 'x']");
    EXPECT_EQ(call(list, "sort", {1}), "TypeError: sort() takes no positional arguments");
    EXPECT_EQ(call(list, "sort", {}, Object::dict({{"key", Object::global("builtins", "len")}})),
              "TypeError: sort(key=...): this server is no Python program and cannot call a function");
}

TEST(ListReferent, wrong_numbers_of_arguments_have_the_texts_of_python) {
    ListReferent list;
    EXPECT_EQ(call(list, "append"), "TypeError: list.append() takes exactly one argument (0 given)");
    EXPECT_EQ(call(list, "clear", {1}), "TypeError: list.clear() takes no arguments (1 given)");
    EXPECT_EQ(call(list, "insert", {1}), "TypeError: insert expected 2 arguments, got 1");
    EXPECT_EQ(call(list, "pop", {1, 2}), "TypeError: pop expected at most 1 argument, got 2");
    EXPECT_EQ(call(list, "__setitem__", {1}), "TypeError: expected 2 arguments, got 1");
    EXPECT_EQ(call(list, "append", {}, Object::dict({{"a", 1}})),
              "TypeError: list.append() takes no keyword arguments");
}

TEST(ListReferent, compound_changes_are_one_call) {
    ListReferent list({5, 1.5});
    EXPECT_EQ(call(list, "#cohort.add", {0, -2}), "3");
    EXPECT_EQ(call(list, "#cohort.add", {1, 1}), "2.5");
    EXPECT_EQ(call(list, "#cohort.add", {0, "a"}), "TypeError: unsupported operand type(s) for +=: 'int' and 'str'");
    EXPECT_EQ(call(list, "#cohort.compare_exchange", {0, 3, 4}), "(True, 3)");
    EXPECT_EQ(call(list, "#cohort.compare_exchange", {0, 3, 5}), "(False, 4)");
    EXPECT_EQ(list.repr(), "[4, 2.5]");
}

}  // namespace
