// SPDX-License-Identifier: MIT
#include "process/describe_error.hpp"

#include <cohort/base/type_name.hpp>

#include "serial/exception_record.hpp"

#include <cxxabi.h>

namespace cohort::process {

namespace {

// What std::throw_with_nested has put into it.
std::string describe_nested(const std::exception& outer) {
    try {
        std::rethrow_if_nested(outer);
    } catch (...) {
        return "\ncaused by " + describe_error(std::current_exception());
    }
    return "";
}

}  // namespace

std::string describe_error(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        const char* what = e.what();
        return serial::exception_name(typeid(e)) + ": " + (what ? what : "") + describe_nested(e);
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        const std::string text = serial::thrown_text();
        return (type ? detail::demangle(type->name()) : "unknown exception") + (text.empty() ? "" : ": " + text);
    }
}

}  // namespace cohort::process
