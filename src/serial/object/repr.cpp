// SPDX-License-Identifier: MIT
#include "serial/object/exception_text.hpp"
#include "serial/object/node.hpp"
#include "serial/object/text.hpp"
#include "serial/object/time_parts.hpp"

#include <cmath>
#include <ostream>

namespace cohort {

using namespace serial::detail;

namespace {

using Type = Object::Kind;

std::string_view last_part(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

std::string full_name(const GlobalName& name) {
    return name.module == "builtins" ? name.qualname : name.module + "." + name.qualname;
}

std::string complex_text(std::complex<double> value) {
    std::string imaginary = float_text(value.imag(), false) + "j";
    if (value.real() == 0 && !std::signbit(value.real())) return imaginary;
    const bool signed_already = imaginary[0] == '-';
    return "(" + float_text(value.real(), false) + (signed_already ? "" : "+") + imaginary + ")";
}

std::string integer_text(const Object& object) {
    if (object.fits_int64()) return std::to_string(ObjectAccess::inside_int(object));
    return ObjectAccess::node<IntegerNode>(object).value.to_decimal();
}

// Appends the repr() of values to a text.
class Writer {
public:
    std::string text{};

    void value(const Object& object) {
        switch (object.kind()) {
            case Type::nothing:
                text += "None";
                return;
            case Type::boolean:
                text += object.as_bool() ? "True" : "False";
                return;
            case Type::integer:
                text += integer_text(object);
                return;
            case Type::floating:
                text += float_text(object.as_float());
                return;
            case Type::complex:
                text += complex_text(object.as_complex());
                return;
            case Type::str:
                return append_quoted_str(text, object.as_str());
            case Type::bytes:
                return append_quoted_bytes(text, ObjectAccess::text(object));
            case Type::bytearray:
                text += "bytearray(";
                append_quoted_bytes(text, ObjectAccess::text(object));
                text += ')';
                return;
            case Type::global:
                text += "<class '" + full_name(object.as_global()) + "'>";
                return;
            default:
                return object.is_instance() ? instance(object) : container(object);
        }
    }

    void values(std::span<const Object> objects) {
        for (const Object& each : objects) part(each);
    }

private:
    void separate() {
        if (!first_) text += ", ";
        first_ = false;
    }
    void part(const Object& object) {
        separate();
        value(object);
        first_ = false;
    }
    // What stands between brackets, which `body` writes.
    void enclosed(std::string_view open, std::string_view close, auto body) {
        text += open;
        first_ = true;
        body();
        text += close;
        first_ = false;
    }

    void container(const Object& object) {
        switch (object.kind()) {
            case Type::list:
                return enclosed("[", "]", [&] { values(object.as_sequence()); });
            case Type::tuple:
                return enclosed("(", object.size() == 1 ? ",)" : ")", [&] { values(object.as_sequence()); });
            case Type::dict:
                return enclosed("{", "}", [&] {
                    for (const auto& item : object.as_dict()) pair(item.key(), item.value());
                });
            case Type::set:
                return keys(object, object.empty() ? "set(" : "{", object.empty() ? ")" : "}");
            default:
                return keys(object, object.empty() ? "frozenset(" : "frozenset({", object.empty() ? ")" : "})");
        }
    }
    void keys(const Object& object, std::string_view open, std::string_view close) {
        enclosed(open, close, [&] {
            for (const Object& each : object) part(each);
        });
    }
    void pair(const Object& key, const Object& of) {
        part(key);
        text += ": ";
        value(of);
        first_ = false;
    }

    void instance(const Object& object) {
        const ObjectInstance& parts = object.as_instance();
        switch (object.kind()) {
            case Type::date:
            case Type::time:
            case Type::datetime:
                return time(object);
            case Type::timedelta:
                return length(*timedelta_parts(parts));
            case Type::timezone:
                return timezone(parts);
            case Type::range:
                return range(parts.args.as_sequence());
            case Type::exception:
                text += shown_exception_name(object);
                return enclosed("(", ")", [&] { values(shown_exception_args(object)); });
            case Type::token:
                return token(*parts.state);
            case Type::proxy:
                return proxy(object);
            default:
                if (const auto numbers = array_elements(object)) return array(parts.args.as_sequence(), *numbers);
                return call(parts);
        }
    }

    void number(std::string_view before, std::int64_t of) {
        separate();
        text += before;
        text += std::to_string(of);
    }
    void keyword(std::string_view name, const Object& of) {
        separate();
        text += name;
        text += '=';
        value(of);
        first_ = false;
    }

    void clock(const CivilTime& time) {
        number("", time.hour);
        number("", time.minute);
        if (time.second != 0 || time.microsecond != 0) number("", time.second);
        if (time.microsecond != 0) number("", time.microsecond);
        if (!time.timezone.is_none()) keyword("tzinfo", time.timezone);
        if (time.fold != 0) number("fold=", time.fold);
    }
    void time(const Object& object) {
        const ObjectInstance& parts = object.as_instance();
        const CivilTime of = object.is(Type::date)   ? *date_parts(parts)
                             : object.is(Type::time) ? *time_parts(parts)
                                                     : *datetime_parts(parts);
        enclosed("datetime." + object.class_name().qualname + "(", ")", [&] {
            if (!object.is(Type::time)) {
                number("", of.year);
                number("", of.month);
                number("", of.day);
            }
            if (!object.is(Type::date)) clock(of);
        });
    }
    void length(const TimeLength& of) {
        enclosed("datetime.timedelta(", ")", [&] {
            if (of.days != 0) number("days=", of.days);
            if (of.seconds != 0) number("seconds=", of.seconds);
            if (of.microseconds != 0) number("microseconds=", of.microseconds);
            if (first_) text += '0';
        });
    }
    void timezone(const ObjectInstance& parts) {
        const bool utc = parts.args.size() == 1 && *timezone_offset(parts) == TimeLength();
        if (utc)
            text += "datetime.timezone.utc";
        else
            enclosed("datetime.timezone(", ")", [&] { values(parts.args.as_sequence()); });
    }
    void range(std::span<const Object> args) {
        enclosed("range(", ")", [&] { values(args.first(args[2] == 1 ? 2 : 3)); });
    }
    void token(const Object& state) {
        enclosed("Token(", ")", [&] {
            keyword("typeid", state[0]);
            keyword("address", state[1]);
            keyword("id", state[2]);
        });
    }
    void proxy(const Object& object) {
        const ObjectProxyParts parts = ObjectProxyParts::from(object);
        text += "<" + std::string(last_part(parts.function.qualname)) + " object, typeid ";
        append_quoted_str(text, parts.token.type_id);
        text += " at 0x" + parts.token.id + ">";
    }

    void array(std::span<const Object> args, const std::vector<Object>& numbers) {
        enclosed("array(", ")", [&] {
            part(args[args.size() == 4 ? 1 : 0]);
            if (!numbers.empty()) part(Object::list(numbers));
        });
    }

    // What the class itself would show is not known: the parts are shown as a call's arguments.
    void call(const ObjectInstance& parts) {
        if (parts.callable.is(Type::global))
            text += last_part(parts.callable.as_global().qualname);
        else
            value(parts.callable);
        enclosed("(", ")", [&] {
            values(parts.args.as_sequence());
            if (parts.kwds.is(Type::dict)) keywords(parts.kwds);
            if (!parts.list_items.empty()) {
                separate();
                enclosed("[", "]", [&] { values(parts.list_items); });
            }
            if (!parts.dict_items.empty()) {
                separate();
                enclosed("{", "}", [&] {
                    for (const auto& [key, of] : parts.dict_items) pair(key, of);
                });
            }
            if (parts.state && !parts.state->is_none()) keywords(*parts.state);
        });
    }
    void keywords(const Object& of) {
        if (!of.is(Type::dict)) return part(of);
        for (const auto& item : of.as_dict()) {
            if (item.key().is(Type::str))
                keyword(item.key().as_str(), item.value());
            else
                part(item.value());
        }
    }

    bool first_ = true;
};

}  // namespace

std::string Object::repr() const {
    Writer writer;
    writer.value(*this);
    return std::move(writer.text);
}

std::string Object::str() const {
    switch (kind_) {
        case Type::str:
            return std::string(as_str());
        case Type::date:
            return date_text(*date_parts(as_instance()));
        case Type::time:
            return time_text(*time_parts(as_instance()));
        case Type::datetime: {
            const CivilTime time = *datetime_parts(as_instance());
            return date_text(time) + " " + time_text(time);
        }
        case Type::timedelta:
            return length_text(*timedelta_parts(as_instance()));
        case Type::timezone: {
            if (args().size() == 2) return std::string(args()[1].as_str());
            const TimeLength offset = *timezone_offset(as_instance());
            return offset == TimeLength() ? "UTC" : "UTC" + offset_text(offset);
        }
        case Type::decimal:
            return std::string(args()[0].as_str());
        case Type::exception:
            return exception_text(*this);
        default:
            return repr();
    }
}

std::ostream& operator<<(std::ostream& stream, const Object& object) {
    return stream << object.str();
}

std::string Object::type_name() const {
    static constexpr const char* names[] = {"NoneType",  "bool", "int",   "float", "complex", "str",       "bytes",
                                            "bytearray", "list", "tuple", "dict",  "set",     "frozenset", "type"};
    if (!is_instance()) return names[static_cast<std::size_t>(kind_)];
    return full_name(class_name());
}

}  // namespace cohort
