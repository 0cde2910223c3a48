// SPDX-License-Identifier: MIT
#include <cohort/subprocess/target.hpp>

#include <cohort/base/errors.hpp>

#include <string>

namespace cohort::subprocess {

namespace {

int number_of(std::FILE* file) {
    if (!file) throw ValueError("there is no file: a null pointer");
    return ::fileno(file);
}

}  // namespace

Target::Target(int descriptor) : kind_(Kind::descriptor), descriptor_(descriptor) {
    if (descriptor < 0) throw ValueError("a descriptor has no negative number: " + std::to_string(descriptor));
}

Target::Target(std::FILE* file) : Target(number_of(file)) {}

}  // namespace cohort::subprocess
