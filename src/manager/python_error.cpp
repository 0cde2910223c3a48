// SPDX-License-Identifier: MIT
#include "manager/python_error.hpp"

#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/python_exception.hpp>

namespace cohort::manager {

void raise(std::string_view name, const std::string& text) {
    throw PythonError(Object::exception(name, {Object(text)}));
}

void raise_type_error(const std::string& text) {
    raise("TypeError", text);
}

void raise_index_error(const std::string& text) {
    raise("IndexError", text);
}

void raise_value_error(const std::string& text) {
    raise("ValueError", text);
}

void raise_key_error(const Object& key) {
    throw PythonError(Object::exception("KeyError", {key}));
}

Object current_python_exception() {
    try {
        throw;
    } catch (const PythonError& error) {
        return error.exception();
    } catch (...) {
        return exception_to_object(std::current_exception());
    }
}

std::string describe_exception(const Object& exception) {
    const GlobalName& name = exception.class_name();
    const std::string type = name.module == "builtins" ? name.qualname : name.module + "." + name.qualname;
    const std::string text = exception.str();
    return text.empty() ? type : type + ": " + text;
}

std::string format_traceback(const Object& exception) {
    return "Traceback (most recent call last):\n" + describe_exception(exception) + "\n";
}

}  // namespace cohort::manager
