// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>

#include "shm/out_of_shared_memory.hpp"

#include <any>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <new>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <typeinfo>
#include <variant>
#include <version>
#ifdef __cpp_lib_format
#include <format>
#endif

// The exceptions that cross as what they are, and how each is taken apart and made again.
namespace cohort::serial {

// A kind's place in the list is its number in a record.
using ExceptionKinds = std::tuple<
    std::exception, std::logic_error, std::invalid_argument, std::domain_error, std::length_error, std::out_of_range,
    std::runtime_error, std::range_error, std::overflow_error, std::underflow_error, std::bad_alloc,
    std::bad_array_new_length, std::bad_cast, std::bad_any_cast, std::bad_typeid, std::bad_optional_access,
    std::bad_variant_access, std::bad_function_call, std::bad_weak_ptr, std::bad_exception, std::system_error,
    std::ios_base::failure, std::filesystem::filesystem_error, std::regex_error, std::future_error,
#ifdef __cpp_lib_format
    std::format_error,
#endif
    Error, TimeoutError, AuthenticationError, BufferTooShort, EofError, Empty, Full, BrokenBarrierError, ValueError,
    TypeError, AttributeError, KeyError, CancelledError, Interrupted, BrokenPoolError, MemoryLimitError,
    SerializationError, BinaryMismatchError, RemoteError, WorkerLostError, shm::OutOfSharedMemory>;

/// The fields of an exception beside its text.
template <class T>
struct ExceptionFields {
    static void write(Sink&, const T&) {}
    static T make(Source&, const std::string& text) {
        if constexpr (std::is_constructible_v<T, const std::string&>)
            return T(text);
        else
            return T();
    }
};

void write_error_code(Sink& sink, const std::error_code& code);

/// The code; of a category that is unknown here it keeps the value.
std::error_code read_error_code(Source& source);

/// The text that was given to an exception whose what() ends with its code's message.
std::string text_before_code(const std::string& text, const std::error_code& code);

template <>
struct ExceptionFields<std::system_error> {
    static void write(Sink& sink, const std::system_error& error) { write_error_code(sink, error.code()); }
    static std::system_error make(Source& source, const std::string& text) {
        auto code = read_error_code(source);
        return std::system_error(code, text_before_code(text, code));
    }
};

template <>
struct ExceptionFields<std::ios_base::failure> {
    static void write(Sink& sink, const std::ios_base::failure& error) { write_error_code(sink, error.code()); }
    static std::ios_base::failure make(Source& source, const std::string& text) {
        auto code = read_error_code(source);
        return std::ios_base::failure(text_before_code(text, code), code);
    }
};

template <>
struct ExceptionFields<std::filesystem::filesystem_error> {
    using Type = std::filesystem::filesystem_error;

    static void write(Sink& sink, const Type& error) {
        write_error_code(sink, error.code());
        serial::write(sink, error.path1().string());
        serial::write(sink, error.path2().string());
    }
    static Type make(Source& source, const std::string& text) {
        auto code = read_error_code(source);
        auto first = read<std::string>(source), second = read<std::string>(source);
        return Type(text, first, second, code);
    }
};

template <>
struct ExceptionFields<std::regex_error> {
    static void write(Sink& sink, const std::regex_error& error) {
        serial::write(sink, static_cast<int>(error.code()));
    }
    static std::regex_error make(Source& source, const std::string&) {
        int code = read<int>(source);
        if (code < static_cast<int>(std::regex_constants::error_collate) ||
            code > static_cast<int>(std::regex_constants::error_stack))
            throw SerializationError("std::regex_error", "there is no such error of regular expressions");
        return std::regex_error(static_cast<std::regex_constants::error_type>(code));
    }
};

template <>
struct ExceptionFields<std::future_error> {
    static void write(Sink& sink, const std::future_error& error) { serial::write(sink, error.code().value()); }
    static std::future_error make(Source& source, const std::string&) {
        return std::future_error(static_cast<std::future_errc>(read<int>(source)));
    }
};

template <>
struct ExceptionFields<BufferTooShort> {
    static void write(Sink& sink, const BufferTooShort& error) {
        serial::write<std::uint64_t>(sink, error.message().size());
        sink.write(error.message().data(), error.message().size());
    }
    static BufferTooShort make(Source& source, const std::string&) {
        auto bytes = source.take(read<std::uint64_t>(source));
        return BufferTooShort({bytes.begin(), bytes.end()});
    }
};

template <>
struct ExceptionFields<SerializationError> {
    static void write(Sink& sink, const SerializationError& error) { serial::write(sink, error.type()); }
    static SerializationError make(Source& source, const std::string& text) {
        return SerializationError(read<std::string>(source), text);
    }
};

void write_origin(Sink& sink, const RemoteError::Origin& origin);
RemoteError::Origin read_origin(Source& source);

template <>
struct ExceptionFields<RemoteError> {
    static void write(Sink& sink, const RemoteError& error) {
        write_origin(sink, {error.type_name(), error.message(), error.pid(), error.process_name(), error.trace()});
    }
    static RemoteError make(Source& source, const std::string&) { return RemoteError(read_origin(source)); }
};

template <>
struct ExceptionFields<WorkerLostError> {
    using Index = std::optional<std::uint64_t>;

    static void write(Sink& sink, const WorkerLostError& error) {
        serial::write<int>(sink, error.pid());
        serial::write<int>(sink, error.exitcode());
        serial::write<Index>(sink, error.task_index());
        serial::write<bool>(sink, error.out_of_memory());
    }
    static WorkerLostError make(Source& source, const std::string& text) {
        WorkerLostError::Loss loss;
        loss.pid = read<int>(source);
        loss.exitcode = read<int>(source);
        loss.task_index = read<Index>(source);
        loss.out_of_memory = read<bool>(source);
        return WorkerLostError(text, loss);
    }
};

}  // namespace cohort::serial
