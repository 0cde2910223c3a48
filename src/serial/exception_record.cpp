// SPDX-License-Identifier: MIT
#include "serial/exception_record.hpp"

#include <cohort/base/type_name.hpp>

#include "serial/exception_kinds.hpp"
#include "serial/rebuilt_exception.hpp"

#include <cxxabi.h>

#include <array>
#include <string_view>
#include <utility>

namespace cohort::serial {

namespace {

constexpr int kMaxDepth = 16;

// A record's number for a type that cannot cross.
constexpr std::uint8_t kUnknown = 255;

template <class T>
std::exception_ptr make(T base, const std::string& text, const std::exception_ptr& nested) {
    if (!nested) return std::make_exception_ptr(Rebuilt<T>(std::move(base), text));
    try {
        std::rethrow_exception(nested);
    } catch (...) {
        return std::make_exception_ptr(Nesting<T>(std::move(base), text));
    }
}

std::exception_ptr make_remote_error(RemoteError::Origin origin, const std::exception_ptr& nested) {
    if (!nested) return std::make_exception_ptr(RemoteError(std::move(origin)));
    RemoteError error(std::move(origin));
    std::string text = error.what();
    return make(error, text, nested);
}

struct Kind {
    std::string name;
    const std::type_info* type;
    void (*write)(Sink&, const std::exception&);
    std::exception_ptr (*read)(Source&, const std::string& text, const std::exception_ptr& nested);
};

template <class T>
Kind kind_of() {
    return {
        cohort::detail::demangle(typeid(T).name()), &typeid(T),
        [](Sink& sink, const std::exception& error) { ExceptionFields<T>::write(sink, dynamic_cast<const T&>(error)); },
        [](Source& source, const std::string& text, const std::exception_ptr& nested) {
            return make(ExceptionFields<T>::make(source, text), text, nested);
        }};
}

constexpr std::size_t kKinds = std::tuple_size_v<ExceptionKinds>;

template <std::size_t... I>
std::array<Kind, kKinds> make_kinds(std::index_sequence<I...>) {
    return {kind_of<std::tuple_element_t<I, ExceptionKinds>>()...};
}

const std::array<Kind, kKinds>& kinds() {
    static const auto all = make_kinds(std::make_index_sequence<kKinds>());
    return all;
}

std::uint8_t number_of(const std::string& name) {
    for (std::size_t i = 0; i < kKinds; ++i)
        if (kinds()[i].name == name) return static_cast<std::uint8_t>(i);
    return kUnknown;
}

// What a record says before the fields of its kind.
struct Header {
    std::string type_name{};
    std::string text{};
    std::exception_ptr nested{};
};

void write_record(Sink& sink, const std::exception_ptr& exception, int depth);

void write_header(Sink& sink, const Header& header, int depth) {
    write(sink, header.type_name);
    write(sink, header.text);
    bool has_nested = header.nested && depth < kMaxDepth;
    write(sink, has_nested);
    if (has_nested) write_record(sink, header.nested, depth + 1);
}

std::exception_ptr nested_in(const std::exception& error) {
    const auto* nesting = dynamic_cast<const std::nested_exception*>(&error);
    return nesting ? nesting->nested_ptr() : nullptr;
}

void write_standard(Sink& sink, const std::exception& error, int depth) {
    Header header{exception_name(typeid(error)), error.what() ? error.what() : "", nested_in(error)};
    std::uint8_t number = number_of(header.type_name);
    write_header(sink, header, depth);
    write(sink, number);
    if (number != kUnknown) kinds()[number].write(sink, error);
}

// Of the exception that is being handled.
std::string current_type_name() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type ? exception_name(*type) : "unknown type";
}

void write_other(Sink& sink, std::string text, std::exception_ptr nested, int depth) {
    write_header(sink, {current_type_name(), std::move(text), std::move(nested)}, depth);
    write(sink, kUnknown);
}

void write_record(Sink& sink, const std::exception_ptr& exception, int depth) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        write_standard(sink, error, depth);
    } catch (const std::nested_exception& nesting) {
        write_other(sink, "", nesting.nested_ptr(), depth);
    } catch (...) {
        write_other(sink, thrown_text(), nullptr, depth);
    }
}

// `origin` is where all of the chain comes from; only the outermost exception gets a RemoteError nested.
std::exception_ptr read_record(Source& source, const RemoteError::Origin& where, int depth) {
    if (depth > kMaxDepth) throw SerializationError("", "the exceptions in a message are nested too deeply");
    RemoteError::Origin origin = where;
    if (depth > 0) origin.trace.clear();
    origin.type_name = read<std::string>(source);
    origin.message = read<std::string>(source);
    std::exception_ptr nested;
    if (read<bool>(source)) nested = read_record(source, where, depth + 1);
    auto number = read<std::uint8_t>(source);
    if (number == kUnknown) return make_remote_error(std::move(origin), nested);
    if (number >= kKinds) throw SerializationError("", "there is no such kind of exception");
    std::string text = origin.message;
    if (depth == 0) nested = make_remote_error(std::move(origin), nested);
    return kinds()[number].read(source, text, nested);
}

// Stands for a category that only the sender's program has.
class UnknownCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "unknown"; }
    std::string message(int value) const override {
        return "error " + std::to_string(value) + " of a category that this process does not know";
    }
};

const std::error_category& category_named(const std::string& name) {
    static const UnknownCategory unknown;
    for (const auto* each :
         {&std::generic_category(), &std::system_category(), &std::future_category(), &std::iostream_category()})
        if (name == each->name()) return *each;
    return unknown;
}

}  // namespace

void write_error_code(Sink& sink, const std::error_code& code) {
    write<std::string>(sink, code.category().name());
    write(sink, code.value());
}

std::error_code read_error_code(Source& source) {
    const auto& category = category_named(read<std::string>(source));
    return {read<int>(source), category};
}

std::string text_before_code(const std::string& text, const std::error_code& code) {
    std::string message = code.message();
    if (text == message) return "";
    message.insert(0, ": ");
    return text.ends_with(message) ? text.substr(0, text.size() - message.size()) : text;
}

void write_origin(Sink& sink, const RemoteError::Origin& origin) {
    write(sink, origin.type_name);
    write(sink, origin.message);
    write<int>(sink, origin.pid);
    write(sink, origin.process_name);
    write(sink, origin.trace);
}

RemoteError::Origin read_origin(Source& source) {
    RemoteError::Origin origin;
    origin.type_name = read<std::string>(source);
    origin.message = read<std::string>(source);
    origin.pid = read<int>(source);
    origin.process_name = read<std::string>(source);
    origin.trace = read<std::string>(source);
    return origin;
}

void write_exception(Sink& sink, const std::exception_ptr& exception, const RemoteError::Origin& where) {
    if (!exception) throw ValueError("there is no exception to send");
    write_origin(sink, where);
    write_record(sink, exception, 0);
}

std::exception_ptr read_exception(Source& source) {
    RemoteError::Origin where = read_origin(source);
    return read_record(source, where, 0);
}

std::string thrown_text() {
    try {
        throw;
    } catch (const std::string& text) {
        return text;
    } catch (const char* text) {
        return text ? text : "";
    } catch (int number) {
        return std::to_string(number);
    } catch (long number) {
        return std::to_string(number);
    } catch (...) {
        return "";
    }
}

std::string exception_name(const std::type_info& type) {
    std::string name = cohort::detail::demangle(type.name());
    static const std::array<std::string_view, 6> wrappers{
        "std::_Nested_exception<",  "std::__1::__nested<",         "cohort::serial::Rebuilt<",
        "cohort::serial::Nesting<", "cohort::serial::FromPython<", "cohort::serial::NestingFromPython<"};
    for (std::string_view wrapper : wrappers)
        if (name.starts_with(wrapper) && name.ends_with('>'))
            return name.substr(wrapper.size(), name.size() - wrapper.size() - 1);
    return name;
}

}  // namespace cohort::serial
