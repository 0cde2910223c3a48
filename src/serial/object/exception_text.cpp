// SPDX-License-Identifier: MIT
#include "serial/object/exception_text.hpp"

#include <cohort/serial/object_instance.hpp>

#include "serial/object/exception_classes.hpp"
#include "serial/object/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace cohort::serial::detail {

namespace {

using Type = Object::Kind;

struct OsErrorClass {
    std::string_view name;
    int number;
};

constexpr std::array kOsErrorClasses{
    OsErrorClass{"OSError", 0},
    OsErrorClass{"IOError", 0},
    OsErrorClass{"EnvironmentError", 0},
    OsErrorClass{"BlockingIOError", EAGAIN},
    OsErrorClass{"BrokenPipeError", EPIPE},
    OsErrorClass{"ChildProcessError", ECHILD},
    OsErrorClass{"ConnectionAbortedError", ECONNABORTED},
    OsErrorClass{"ConnectionRefusedError", ECONNREFUSED},
    OsErrorClass{"ConnectionResetError", ECONNRESET},
    OsErrorClass{"ConnectionError", 0},
    OsErrorClass{"FileExistsError", EEXIST},
    OsErrorClass{"FileNotFoundError", ENOENT},
    OsErrorClass{"InterruptedError", EINTR},
    OsErrorClass{"IsADirectoryError", EISDIR},
    OsErrorClass{"NotADirectoryError", ENOTDIR},
    OsErrorClass{"PermissionError", EACCES},
    OsErrorClass{"ProcessLookupError", ESRCH},
    OsErrorClass{"TimeoutError", ETIMEDOUT},
};

// Other numbers for which Python takes one of the classes.
constexpr std::array kMoreOsErrors{
    OsErrorClass{"BlockingIOError", EALREADY},
    OsErrorClass{"BlockingIOError", EINPROGRESS},
    OsErrorClass{"BrokenPipeError", ESHUTDOWN},
    OsErrorClass{"PermissionError", EPERM},
};

std::string_view class_of_errno(std::int64_t number) noexcept {
    auto has_number = [&](const OsErrorClass& each) { return each.number != 0 && each.number == number; };
    if (auto* found = std::find_if(kOsErrorClasses.begin(), kOsErrorClasses.end(), has_number);
        found != kOsErrorClasses.end())
        return found->name;
    auto* more = std::find_if(kMoreOsErrors.begin(), kMoreOsErrors.end(), has_number);
    return more == kMoreOsErrors.end() ? "OSError" : more->name;
}

bool is_os_error(const Object& exception) {
    const std::size_t count = exception.args().size();
    return count >= 2 && count <= 5 && errno_of_class(exception.class_name()) >= 0;
}

std::string os_error_text(std::span<const Object> args) {
    std::string text = "[Errno " + args[0].str() + "] " + args[1].str();
    if (args.size() >= 3 && !args[2].is_none()) text += ": " + args[2].repr();
    if (args.size() == 5 && !args[4].is_none()) text += " -> " + args[4].repr();
    return text;
}

std::string formatted(const char* format, unsigned value) {
    std::array<char, 16> text{};
    int length = std::snprintf(text.data(), text.size(), format, value);
    return {text.data(), static_cast<std::size_t>(length)};
}

// Encoding, object, start, end, reason.
bool is_unicode_error(std::span<const Object> args) {
    return args.size() == 5 && args[0].is(Type::str) && args[2].fits_int64() && args[3].fits_int64() &&
           args[4].is(Type::str);
}

// The next number, as Python's counts: behind the last comes the first.
std::int64_t next(std::int64_t number) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(number) + 1);
}
std::int64_t previous(std::int64_t number) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(number) - 1);
}

// The character of a str at an index; 0 if there is none.
std::uint32_t character_at(std::string_view text, std::int64_t index) {
    for (; !text.empty() && index >= 0; --index) {
        std::uint32_t code = take_character(text);
        if (index == 0) return code;
    }
    return 0;
}

std::string faulty_part(std::span<const Object> args, bool decoding) {
    const std::int64_t start = args[2].as_int(), end = args[3].as_int();
    if (end != next(start)) return decoding ? "bytes" : "characters";
    if (decoding) {
        std::span<const std::byte> bytes = args[1].as_bytes();
        const auto at = static_cast<std::size_t>(start);
        return "byte 0x" + formatted("%02x", at < bytes.size() ? std::to_integer<unsigned>(bytes[at]) : 0);
    }
    const std::uint32_t code = character_at(args[1].as_str(), start);
    return "character '" + formatted(code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x", code) + "'";
}

std::string unicode_error_text(std::span<const Object> args, bool decoding) {
    const std::int64_t start = args[2].as_int(), end = args[3].as_int();
    std::string place = std::to_string(start);
    if (end != next(start)) place += "-" + std::to_string(previous(end));
    return "'" + args[0].str() + "' codec can't " + (decoding ? "decode " : "encode ") + faulty_part(args, decoding) +
           " in position " + place + ": " + args[4].str();
}

std::string group_text(std::span<const Object> args) {
    const std::size_t count = args[1].size();
    return args[0].str() + " (" + std::to_string(count) + " sub-exception" + (count == 1 ? "" : "s") + ")";
}

bool is_group(const GlobalName& name, std::span<const Object> args) {
    return (name.qualname == "ExceptionGroup" || name.qualname == "BaseExceptionGroup") && args.size() == 2 &&
           (args[1].is(Type::list) || args[1].is(Type::tuple));
}

}  // namespace

int errno_of_class(const GlobalName& name) noexcept {
    if (name.module != "builtins") return -1;
    for (const OsErrorClass& each : kOsErrorClasses)
        if (each.name == name.qualname) return each.number;
    return -1;
}

std::string exception_text(const Object& exception) {
    std::span<const Object> args = exception.args().as_sequence();
    const GlobalName& name = exception.class_name();
    if (args.empty()) return "";
    if (name.module == "builtins") {
        if (is_os_error(exception)) return os_error_text(args);
        if (name.qualname == "KeyError" && args.size() == 1) return args[0].repr();
        if (name.qualname == "UnicodeDecodeError" && is_unicode_error(args) && args[1].is(Type::bytes))
            return unicode_error_text(args, true);
        if (name.qualname == "UnicodeEncodeError" && is_unicode_error(args) && args[1].is(Type::str))
            return unicode_error_text(args, false);
        if (is_group(name, args)) return group_text(args);
    }
    if (name == GlobalName{"multiprocessing.managers", "RemoteError"}) {
        const std::string line(75, '-');
        return "\n" + line + "\n" + args[0].str() + line;
    }
    return args.size() == 1 ? args[0].str() : exception.args().repr();
}

std::string_view shown_exception_name(const Object& exception) {
    const GlobalName& name = exception.class_name();
    const Object& first = exception.args().empty() ? exception : exception.args()[0];
    if (errno_of_class(name) == 0 && name.qualname != "ConnectionError")
        return is_os_error(exception) && first.fits_int64() ? class_of_errno(first.as_int()) : "OSError";
    return std::string_view(name.qualname).substr(name.qualname.rfind('.') + 1);
}

std::span<const Object> shown_exception_args(const Object& exception) {
    std::span<const Object> args = exception.args().as_sequence();
    return is_os_error(exception) ? args.first(2) : args;
}

}  // namespace cohort::serial::detail
