// SPDX-License-Identifier: MIT
#include "serial/object/known_classes.hpp"

#include "serial/object/decimal.hpp"
#include "serial/object/exception_classes.hpp"
#include "serial/object/time_parts.hpp"

#include <algorithm>
#include <array>

namespace cohort::serial::detail {

namespace {

using Type = Object::Kind;
using Making = ObjectInstance::Form;

std::span<const Object> args_of(const ObjectInstance& parts) {
    return parts.args.as_sequence();
}

bool is_range(const ObjectInstance& parts) {
    auto is_int = [](const Object& each) { return each.is(Type::integer); };
    std::span<const Object> args = args_of(parts);
    return args.size() == 3 && std::all_of(args.begin(), args.end(), is_int) && args[2] != 0 && !parts.state;
}

bool is_slice(const ObjectInstance& parts) {
    return args_of(parts).size() == 3 && !parts.state;
}

bool is_decimal(const ObjectInstance& parts) {
    std::span<const Object> args = args_of(parts);
    return args.size() == 1 && args[0].is(Type::str) && !parts.state && Decimal::parse(args[0].as_str());
}

bool is_token(const ObjectInstance& parts) {
    if (!args_of(parts).empty() || !parts.state || !parts.state->is(Type::tuple)) return false;
    std::span<const Object> state = parts.state->as_sequence();
    return state.size() == 3 && state[0].is(Type::str) && state[2].is(Type::str);
}

bool is_proxy(const ObjectInstance& parts) {
    std::span<const Object> args = args_of(parts);
    return args.size() == 4 && args[0].is(Type::global) && args[1].is(Type::token) && args[3].is(Type::dict) &&
           !parts.state;
}

struct KnownClass {
    std::string_view module;
    std::string_view name;
    Making form;
    Type kind;
    bool (*fits)(const ObjectInstance&);
};

constexpr std::array kKnownClasses{
    KnownClass{"builtins", "range", Making::call, Type::range, is_range},
    KnownClass{"builtins", "slice", Making::call, Type::slice, is_slice},
    KnownClass{"datetime", "date", Making::call, Type::date, [](auto& parts) { return date_parts(parts).has_value(); }},
    KnownClass{"datetime", "time", Making::call, Type::time, [](auto& parts) { return time_parts(parts).has_value(); }},
    KnownClass{"datetime", "datetime", Making::call, Type::datetime,
               [](auto& parts) { return datetime_parts(parts).has_value(); }},
    KnownClass{"datetime", "timedelta", Making::call, Type::timedelta,
               [](auto& parts) { return timedelta_parts(parts).has_value(); }},
    KnownClass{"datetime", "timezone", Making::call, Type::timezone,
               [](auto& parts) { return timezone_offset(parts).has_value(); }},
    KnownClass{"decimal", "Decimal", Making::call, Type::decimal, is_decimal},
    KnownClass{"multiprocessing.managers", "Token", Making::new_call, Type::token, is_token},
    KnownClass{"multiprocessing.managers", "RebuildProxy", Making::call, Type::proxy, is_proxy},
};

}  // namespace

Object::Kind kind_of_instance(const ObjectInstance& parts) {
    if (!parts.callable.is(Type::global) || !parts.list_items.empty() || !parts.dict_items.empty())
        return Type::instance;
    const GlobalName& name = parts.callable.as_global();
    for (const KnownClass& known : kKnownClasses)
        if (known.name == name.qualname && known.module == name.module)
            return known.form == parts.form && known.fits(parts) ? known.kind : Type::instance;
    return parts.form == Making::call && is_known_exception(name) ? Type::exception : Type::instance;
}

}  // namespace cohort::serial::detail
