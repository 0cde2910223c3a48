// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <string>
#include <string_view>

namespace cohort::detail {

/// The name of T as the compiler spells it, without run-time type information.
template <class T>
constexpr std::string_view raw_type_name() noexcept {
    // gcc: "… raw_type_name() [with T = int; std::string_view = …]"   clang: "… raw_type_name() [T = int]"
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view mark = "T = ";
    constexpr std::size_t begin = text.find(mark) + mark.size();
#ifdef __clang__
    constexpr std::size_t end = text.rfind(']');
#else
    constexpr std::size_t end = text.rfind("; std::string_view");
#endif
    return text.substr(begin, end - begin);
}

/// A type's name as people write it, the same from gcc, clang and the demangler where these allow it: `std::string`,
/// `unsigned long`, without the default arguments of containers.
COHORT_API std::string readable_type_name(std::string_view spelled);

/// The readable name of T.
template <class T>
std::string type_name() {
    return readable_type_name(raw_type_name<T>());
}

/// The readable form of a mangled name (`std::type_info::name()`, or a symbol); the name itself if it is not mangled.
COHORT_API std::string demangle(const char* name);

}  // namespace cohort::detail
