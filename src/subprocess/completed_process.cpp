// SPDX-License-Identifier: MIT
#include <cohort/subprocess/completed_process.hpp>

#include <cohort/subprocess/errors.hpp>

#include "base/text_repr.hpp"

#include <ostream>

namespace cohort::subprocess {

using detail::text_repr;

namespace {

void print_field(std::ostream& stream, const char* name, const std::string& text) {
    if (!text.empty()) stream << ", " << name << "=" << text_repr(text);
}

}  // namespace

void CompletedProcess::check_returncode() const {
    if (returncode != 0) throw CalledProcessError(returncode, args, out, err);
}

std::ostream& operator<<(std::ostream& stream, const CompletedProcess& process) {
    stream << "CompletedProcess(args=[";
    const char* separator = "";
    for (const std::string& argument : process.args) {
        stream << separator << text_repr(argument);
        separator = ", ";
    }
    stream << "], returncode=" << process.returncode;
    print_field(stream, "out", process.out);
    print_field(stream, "err", process.err);
    return stream << ")";
}

}  // namespace cohort::subprocess
