// SPDX-License-Identifier: MIT
#include "manager/types/methods.hpp"

namespace cohort::manager {

namespace {

std::string arguments_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

// Python counts `self`.
std::string positional_text(const Arity& arity, std::size_t given) {
    const std::string most = std::to_string(arity.most + 1);
    const std::string takes =
        arity.least == arity.most ? most : "from " + std::to_string(arity.least + 1) + " to " + most;
    return takes + " positional argument" + (arity.most == 0 ? "" : "s") + " but " + std::to_string(given + 1) +
           (given == 0 ? " was" : " were") + " given";
}

[[noreturn]] void fail_count(const Parameters& given, const Arity& arity) {
    const std::string name(given.method());
    const std::string qualified = std::string(given.type()) + "." + name + "()";
    const std::string count = std::to_string(given.size());
    if (arity.form == Arity::Form::slot) raise_type_error("expected " + arguments_text(arity.least) + ", got " + count);
    if (arity.form == Arity::Form::python)
        raise_type_error(qualified + " takes " + positional_text(arity, given.size()));
    if (arity.most == 0) raise_type_error(qualified + " takes no arguments (" + count + " given)");
    if (arity.least == 1 && arity.most == 1)
        raise_type_error(qualified + " takes exactly one argument (" + count + " given)");
    const bool few = given.size() < arity.least;
    const std::string bound = arity.least == arity.most ? "" : few ? "at least " : "at most ";
    raise_type_error(name + " expected " + bound + arguments_text(few ? arity.least : arity.most) + ", got " + count);
}

}  // namespace

void check_arity(const Parameters& parameters, const Arity& arity) {
    if (arity.form == Arity::Form::unchecked) return;
    if (!parameters.kwds().empty())
        raise_type_error((arity.form == Arity::Form::slot ? "wrapper " : std::string(parameters.type()) + ".") +
                         std::string(parameters.method()) + "() takes no keyword arguments");
    if (parameters.size() < arity.least || parameters.size() > arity.most) fail_count(parameters, arity);
}

}  // namespace cohort::manager
