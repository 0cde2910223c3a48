// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <string>
#include <utility>

// What stands here for an exception of another process: it is caught as the type that it had there. exception_name()
// knows these names.
namespace cohort::serial {

/// T with the very text that the original had, whatever T makes of its arguments.
template <class T>
class Rebuilt : public T {
public:
    Rebuilt(T base, std::string text) : T(std::move(base)), text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

/// Takes in the exception that is being handled when it is made.
template <class T>
class Nesting : public Rebuilt<T>, public std::nested_exception {
public:
    using Rebuilt<T>::Rebuilt;
};

}  // namespace cohort::serial
