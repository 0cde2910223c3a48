// SPDX-License-Identifier: MIT
#include "serial/object/python_exception.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/python_exception.hpp>

#include "serial/exception_record.hpp"
#include "serial/object/exception_classes.hpp"
#include "serial/object/exception_text.hpp"
#include "serial/object/node.hpp"

#include <any>
#include <filesystem>
#include <ios>
#include <new>
#include <stdexcept>
#include <system_error>
#include <typeinfo>

namespace cohort {

using serial::FromPython;
using serial::NestingFromPython;
using serial::PythonOrigin;
using serial::detail::errno_of_class;
using serial::detail::exception_text;

namespace {

// --- From Python. ---

// What an exception of Python becomes.
struct Thrown {
    const Object& exception;
    std::string text;
};

template <class T>
[[noreturn]] void throw_nesting(T base, const Thrown& of) {
    throw NestingFromPython<T>(std::move(base), of.text, of.exception);
}

template <class T>
[[noreturn]] void throw_as(const Thrown& of) {
    if constexpr (std::is_constructible_v<T, const std::string&>)
        throw_nesting(T(of.text), of);
    else
        throw_nesting(T(), of);
}

[[noreturn]] void throw_buffer_too_short(const Thrown& of) {
    const Object& args = of.exception.args();
    std::vector<std::byte> message;
    if (args.size() == 1 && args[0].is(Object::Kind::bytes)) message = args[0].to<std::vector<std::byte>>();
    throw_nesting(BufferTooShort(std::move(message)), of);
}

[[noreturn]] void throw_serialization_error(const Thrown& of) {
    throw_nesting(SerializationError("", of.text), of);
}

// The errno is the first of two arguments or more; else it is that of the class.
[[noreturn]] void throw_os_error(const Thrown& of) {
    const Object& args = of.exception.args();
    int number = errno_of_class(of.exception.class_name());
    if (args.size() >= 2 && args[0].fits_int64()) number = static_cast<int>(args[0].as_int());
    if (number <= 0) throw_nesting(std::ios_base::failure(of.text), of);
    throw_nesting(std::system_error(number, std::generic_category()), of);
}

struct Counterpart {
    std::string_view module;
    std::string_view name;
    void (*raise)(const Thrown&);
};

constexpr Counterpart kCounterparts[] = {
    {"builtins", "ArithmeticError", throw_as<std::range_error>},
    {"builtins", "AssertionError", throw_as<std::logic_error>},
    {"builtins", "AttributeError", throw_as<AttributeError>},
    {"builtins", "EOFError", throw_as<EofError>},
    {"builtins", "FloatingPointError", throw_as<std::range_error>},
    {"builtins", "IndexError", throw_as<std::out_of_range>},
    {"builtins", "KeyError", throw_as<KeyError>},
    {"builtins", "KeyboardInterrupt", throw_as<Interrupted>},
    {"builtins", "MemoryError", throw_as<std::bad_alloc>},
    {"builtins", "NotImplementedError", throw_as<std::runtime_error>},
    {"builtins", "OverflowError", throw_as<std::overflow_error>},
    {"builtins", "RecursionError", throw_as<std::runtime_error>},
    {"builtins", "RuntimeError", throw_as<std::runtime_error>},
    {"builtins", "TimeoutError", throw_as<TimeoutError>},
    {"builtins", "TypeError", throw_as<TypeError>},
    {"builtins", "UnicodeDecodeError", throw_as<ValueError>},
    {"builtins", "UnicodeEncodeError", throw_as<ValueError>},
    {"builtins", "UnicodeError", throw_as<ValueError>},
    {"builtins", "ValueError", throw_as<ValueError>},
    {"builtins", "ZeroDivisionError", throw_as<std::domain_error>},
    {"_pickle", "PickleError", throw_serialization_error},
    {"_pickle", "PicklingError", throw_serialization_error},
    {"_pickle", "UnpicklingError", throw_serialization_error},
    {"_queue", "Empty", throw_as<Empty>},
    {"asyncio.exceptions", "CancelledError", throw_as<CancelledError>},
    {"concurrent.futures._base", "CancelledError", throw_as<CancelledError>},
    {"concurrent.futures._base", "TimeoutError", throw_as<TimeoutError>},
    {"concurrent.futures.process", "BrokenProcessPool", throw_as<BrokenPoolError>},
    {"multiprocessing.context", "AuthenticationError", throw_as<AuthenticationError>},
    {"multiprocessing.context", "BufferTooShort", throw_buffer_too_short},
    {"multiprocessing.context", "ProcessError", throw_as<Error>},
    {"multiprocessing.context", "TimeoutError", throw_as<TimeoutError>},
    {"pickle", "PickleError", throw_serialization_error},
    {"pickle", "PicklingError", throw_serialization_error},
    {"pickle", "UnpicklingError", throw_serialization_error},
    {"queue", "Empty", throw_as<Empty>},
    {"queue", "Full", throw_as<Full>},
    {"threading", "BrokenBarrierError", throw_as<BrokenBarrierError>},
};

const Counterpart* counterpart_of(const GlobalName& name) noexcept {
    for (const Counterpart& each : kCounterparts)
        if (each.name == name.qualname && each.module == name.module) return &each;
    return nullptr;
}

std::string shown_name(const GlobalName& name) {
    return name.module == "builtins" ? name.qualname : name.module + "." + name.qualname;
}

// --- To Python. ---

Object in_builtins(std::string_view name, const char* text) {
    return Object::exception(name, {serial::python_text(text)});
}

Object of_system_error(const std::system_error& error) {
    const std::error_category& category = error.code().category();
    if (category != std::generic_category() && category != std::system_category())
        return in_builtins("OSError", error.what());
    return Object::exception("OSError", {error.code().value(), serial::python_text(error.what())});
}

Object of_filesystem_error(const std::filesystem::filesystem_error& error) {
    if (error.path1().empty()) return of_system_error(error);
    return Object::exception("OSError", {error.code().value(), serial::python_text(error.code().message()),
                                         serial::python_text(error.path1().string())});
}

Object of_buffer_too_short(const BufferTooShort& error) {
    return Object::exception("multiprocessing.context", "BufferTooShort", {Object::bytes(error.message())});
}

// Tries a type; the first that fits is the most derived one of those in the list.
struct Translation {
    std::string_view module;
    std::string_view name;
    bool (*fits)(const std::exception&);
};

template <class T>
bool is_a(const std::exception& error) {
    return dynamic_cast<const T*>(&error) != nullptr;
}

constexpr Translation kTranslations[] = {
    {"builtins", "KeyError", is_a<KeyError>},
    {"builtins", "ValueError", is_a<ValueError>},
    {"builtins", "TypeError", is_a<TypeError>},
    {"builtins", "AttributeError", is_a<AttributeError>},
    {"builtins", "EOFError", is_a<EofError>},
    {"queue", "Empty", is_a<Empty>},
    {"queue", "Full", is_a<Full>},
    {"threading", "BrokenBarrierError", is_a<BrokenBarrierError>},
    {"multiprocessing.context", "TimeoutError", is_a<TimeoutError>},
    {"multiprocessing.context", "AuthenticationError", is_a<AuthenticationError>},
    {"multiprocessing.managers", "RemoteError", is_a<RemoteError>},
    {"concurrent.futures._base", "CancelledError", is_a<CancelledError>},
    {"concurrent.futures.process", "BrokenProcessPool", is_a<BrokenPoolError>},
    {"concurrent.futures.process", "BrokenProcessPool", is_a<WorkerLostError>},
    {"pickle", "PickleError", is_a<SerializationError>},
    {"builtins", "KeyboardInterrupt", is_a<Interrupted>},
    {"builtins", "MemoryError", is_a<MemoryLimitError>},
    {"multiprocessing.context", "ProcessError", is_a<Error>},
    {"builtins", "MemoryError", is_a<std::bad_alloc>},
    {"builtins", "TypeError", is_a<std::bad_cast>},
    {"builtins", "IndexError", is_a<std::out_of_range>},
    {"builtins", "ValueError", is_a<std::invalid_argument>},
    {"builtins", "ValueError", is_a<std::domain_error>},
    {"builtins", "ValueError", is_a<std::length_error>},
    {"builtins", "AssertionError", is_a<std::logic_error>},
    {"builtins", "OverflowError", is_a<std::overflow_error>},
    {"builtins", "ArithmeticError", is_a<std::range_error>},
    {"builtins", "ArithmeticError", is_a<std::underflow_error>},
};

// The name of the type, then its text, where the type itself cannot say more.
Object of_other(const std::string& type, const std::string& text) {
    return in_builtins("RuntimeError", (text.empty() ? type : type + ": " + text).c_str());
}

Object of_standard(const std::exception& error) {
    if (const auto* origin = dynamic_cast<const PythonOrigin*>(&error)) return origin->python_exception();
    if (const auto* short_buffer = dynamic_cast<const BufferTooShort*>(&error))
        return of_buffer_too_short(*short_buffer);
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        return of_filesystem_error(*file);
    if (const auto* system = dynamic_cast<const std::system_error*>(&error)) return of_system_error(*system);
    for (const Translation& each : kTranslations)
        if (each.fits(error)) return Object::exception(each.module, each.name, {serial::python_text(error.what())});
    const std::string type = serial::exception_name(typeid(error));
    return type == "std::runtime_error" ? in_builtins("RuntimeError", error.what()) : of_other(type, error.what());
}

}  // namespace

namespace serial {

// An exception's text comes from anywhere; what is no UTF-8 in it becomes question marks.
std::string python_text(std::string_view text) {
    std::string result(text);
    for (std::size_t at = 0; (at += detail::valid_utf8(std::string_view(result).substr(at))) < result.size();)
        result[at] = '?';
    return result;
}

void throw_key_error(const Object& key) {
    throw FromPython<KeyError>(KeyError(key.repr()), key.repr(), Object::exception("KeyError", {key}));
}

namespace detail {

bool is_known_exception(const GlobalName& name) noexcept {
    if (name.module != "builtins")
        return counterpart_of(name) != nullptr ||
               (name.module == "multiprocessing.managers" && name.qualname == "RemoteError");
    // Each of Python's own ends so, and nothing else does.
    constexpr std::string_view endings[] = {"Error", "Exception", "Warning", "Exit", "Interrupt", "Iteration", "Group"};
    for (std::string_view ending : endings)
        if (name.qualname.ends_with(ending)) return true;
    return false;
}

}  // namespace detail

}  // namespace serial

Object exception_to_object(const std::exception_ptr& exception) {
    if (!exception) throw ValueError("there is no exception");
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        return of_standard(error);
    } catch (...) {
        return of_other("an exception of C++", serial::thrown_text());
    }
}

void throw_python_exception(const Object& exception, std::string traceback) {
    if (!exception.is_instance()) throw TypeError("exceptions must derive from BaseException");
    const GlobalName& name = exception.class_name();
    const std::string text = exception_text(exception);
    const RemoteError origin({.type_name = shown_name(name), .message = text, .trace = std::move(traceback)});
    const Thrown thrown{exception, text.empty() ? shown_name(name) : text};
    const Counterpart* found = counterpart_of(name);
    const bool is_os_error = !found && errno_of_class(name) >= 0;
    if (!found && !is_os_error) throw FromPython<RemoteError>(origin, origin.what(), exception);
    try {
        throw origin;
    } catch (const RemoteError&) {
        if (is_os_error) throw_os_error(thrown);
        found->raise(thrown);
    }
    std::terminate();  // each of them throws
}

}  // namespace cohort
