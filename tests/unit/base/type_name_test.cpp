// SPDX-License-Identifier: MIT
#include <cohort/base/type_name.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <typeinfo>
#include <unordered_map>
#include <vector>

namespace shop {
struct Order {};
template <class T, int n>
struct Box {};
}  // namespace shop

namespace {

struct Hidden {};

template <class T>
std::vector<std::string> both_names() {
    return {cohort::detail::type_name<T>(), cohort::detail::demangle(typeid(T).name())};
}

std::vector<std::string> twice(const std::string& name) {
    return {name, name};
}

TEST(TypeName, is_the_same_from_the_compiler_and_the_demangler) {
    EXPECT_EQ(both_names<int>(), twice("int"));
    EXPECT_EQ(both_names<unsigned long>(), twice("unsigned long"));
    EXPECT_EQ(both_names<unsigned long long>(), twice("unsigned long long"));
    EXPECT_EQ(both_names<short>(), twice("short"));
    EXPECT_EQ(both_names<std::string>(), twice("std::string"));
    EXPECT_EQ(both_names<std::vector<std::string>>(), twice("std::vector<std::string>"));
    EXPECT_EQ((both_names<std::map<std::string, std::vector<long>>>()),
              twice("std::map<std::string, std::vector<long>>"));
    EXPECT_EQ((both_names<std::unordered_map<int, std::string>>()), twice("std::unordered_map<int, std::string>"));
    EXPECT_EQ(both_names<std::unique_ptr<shop::Order>>(), twice("std::unique_ptr<shop::Order>"));
    EXPECT_EQ(both_names<int*>(), twice("int*"));
    EXPECT_EQ(both_names<void(int)>(), twice("void(int)"));
    EXPECT_EQ(both_names<void (*)(int)>(), twice("void (*)(int)"));
    EXPECT_EQ(both_names<Hidden>(), twice("(anonymous namespace)::Hidden"));
    EXPECT_EQ((both_names<shop::Box<shop::Order, 3>>()), twice("shop::Box<shop::Order, 3>"));
}

TEST(TypeName, qualifiers_and_references_are_kept) {
    EXPECT_EQ(cohort::detail::type_name<const int&>(), "const int&");
    EXPECT_EQ(cohort::detail::type_name<char* const>(), "char* const");
    EXPECT_EQ(cohort::detail::type_name<std::string&&>(), "std::string&&");
}

TEST(TypeName, what_is_not_mangled_stays) {
    EXPECT_EQ(cohort::detail::demangle("main"), "main");
}

}  // namespace
