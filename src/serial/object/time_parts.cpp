// SPDX-License-Identifier: MIT
#include "serial/object/time_parts.hpp"

#include <cohort/serial/detail/object_convert.hpp>

#include "serial/object/node.hpp"

#include <array>
#include <cstdio>
#include <limits>

namespace cohort::serial::detail {

namespace {

constexpr std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

bool is_leap(int year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_of_month(int year, int month) noexcept {
    constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

// The highest bit of one byte stands for `fold`.
int take_fold(int& value) noexcept {
    const int fold = value >> 7;
    value &= 0x7f;
    return fold;
}

std::string formatted(const char* format, auto... values) {
    std::array<char, 64> text{};
    int length = std::snprintf(text.data(), text.size(), format, values...);
    return {text.data(), static_cast<std::size_t>(length)};
}

// The bytes of the first argument, if there are so many of them, and a timezone as the second if it is allowed.
const unsigned char* bytes_of(const ObjectInstance& parts, std::size_t size, bool with_timezone, CivilTime& time) {
    std::span<const Object> args = parts.args.as_sequence();
    if (args.empty() || args.size() > (with_timezone ? 2 : 1) || parts.state) return nullptr;
    if (!args[0].is(Object::Kind::bytes) || args[0].as_bytes().size() != size) return nullptr;
    if (args.size() == 2) time.timezone = args[1];
    return reinterpret_cast<const unsigned char*>(args[0].as_bytes().data());
}

void set_date(CivilTime& time, const unsigned char* bytes) noexcept {
    time.year = bytes[0] * 256 + bytes[1];
    time.month = bytes[2];
    time.day = bytes[3];
}

void set_time(CivilTime& time, const unsigned char* bytes) noexcept {
    time.hour = bytes[0];
    time.minute = bytes[1];
    time.second = bytes[2];
    time.microsecond = (bytes[3] * 256 + bytes[4]) * 256 + bytes[5];
}

TimeLength normalized(std::int64_t days, std::int64_t seconds, std::int64_t microseconds) noexcept {
    seconds += floor_divide(microseconds, kSecondMicroseconds);
    microseconds -= floor_divide(microseconds, kSecondMicroseconds) * kSecondMicroseconds;
    days += floor_divide(seconds, kDaySeconds);
    seconds -= floor_divide(seconds, kDaySeconds) * kDaySeconds;
    return {days, seconds, microseconds};
}

}  // namespace

bool is_time_of_day(const CivilTime& time) noexcept {
    return time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 &&
           time.second < 60 && time.microsecond >= 0 && time.microsecond < kSecondMicroseconds && time.fold >= 0 &&
           time.fold <= 1;
}

bool is_day(const CivilTime& time) noexcept {
    return time.year >= 1 && time.year <= 9999 && time.month >= 1 && time.month <= 12 && time.day >= 1 &&
           time.day <= days_of_month(time.year, time.month);
}

// The calendar repeats every 400 years; a year that begins in March has its leap day at the end.
std::int64_t days_since_1970(int year, int month, int day) noexcept {
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t era = floor_divide(shifted, 400), of_era = shifted - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool set_day(CivilTime& time, std::int64_t days) noexcept {
    if (days < days_since_1970(1, 1, 1) || days > days_since_1970(9999, 12, 31)) return false;
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = floor_divide(shifted, 146097), of_era = shifted - era * 146097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * of_year + 2) / 153;
    time.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
    time.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    time.year = static_cast<int>(year_of_era + era * 400 + (time.month <= 2 ? 1 : 0));
    return true;
}

std::optional<CivilTime> date_parts(const ObjectInstance& parts) {
    CivilTime time;
    const unsigned char* bytes = bytes_of(parts, 4, false, time);
    if (!bytes) return std::nullopt;
    set_date(time, bytes);
    if (!is_day(time)) return std::nullopt;
    return time;
}

std::optional<CivilTime> time_parts(const ObjectInstance& parts) {
    CivilTime time;
    const unsigned char* bytes = bytes_of(parts, 6, true, time);
    if (!bytes) return std::nullopt;
    set_time(time, bytes);
    time.fold = take_fold(time.hour);
    if (!is_time_of_day(time)) return std::nullopt;
    return time;
}

std::optional<CivilTime> datetime_parts(const ObjectInstance& parts) {
    CivilTime time;
    const unsigned char* bytes = bytes_of(parts, 10, true, time);
    if (!bytes) return std::nullopt;
    set_date(time, bytes);
    set_time(time, bytes + 4);
    time.fold = take_fold(time.month);
    if (!is_day(time) || !is_time_of_day(time)) return std::nullopt;
    return time;
}

std::optional<TimeLength> timedelta_parts(const ObjectInstance& parts) {
    std::span<const Object> args = parts.args.as_sequence();
    if (args.size() != 3 || parts.state) return std::nullopt;
    for (const Object& each : args)
        if (!each.is(Object::Kind::integer) || !each.fits_int64()) return std::nullopt;
    TimeLength length{args[0].as_int(), args[1].as_int(), args[2].as_int()};
    if (length.days < -kMaxDays || length.days > kMaxDays || length.seconds < 0 || length.seconds >= kDaySeconds ||
        length.microseconds < 0 || length.microseconds >= kSecondMicroseconds)
        return std::nullopt;
    return length;
}

std::optional<TimeLength> timezone_offset(const ObjectInstance& parts) {
    std::span<const Object> args = parts.args.as_sequence();
    if (args.empty() || args.size() > 2 || parts.state || !args[0].is(Object::Kind::timedelta)) return std::nullopt;
    if (args.size() == 2 && !args[1].is(Object::Kind::str)) return std::nullopt;
    auto offset = timedelta_parts(args[0].as_instance());
    const TimeLength least{-1, 0, 0}, most{1, 0, 0};
    if (!offset || *offset <= least || *offset >= most) return std::nullopt;
    return offset;
}

std::optional<TimeLength> instant(const CivilTime& time) {
    TimeLength offset;
    if (!time.timezone.is_none()) {
        if (!time.timezone.is(Object::Kind::timezone)) return std::nullopt;
        offset = *timezone_offset(time.timezone.as_instance());
    }
    const std::int64_t days = time.year == 0 ? 0 : days_since_1970(time.year, time.month, time.day);
    const std::int64_t seconds = (time.hour * 60 + time.minute) * 60 + time.second;
    return normalized(days - offset.days, seconds - offset.seconds, time.microsecond - offset.microseconds);
}

std::string date_text(const CivilTime& time) {
    return formatted("%04d-%02d-%02d", time.year, time.month, time.day);
}

std::string time_text(const CivilTime& time) {
    std::string text = formatted("%02d:%02d:%02d", time.hour, time.minute, time.second);
    if (time.microsecond != 0) text += formatted(".%06d", time.microsecond);
    if (time.timezone.is(Object::Kind::timezone)) text += offset_text(*timezone_offset(time.timezone.as_instance()));
    return text;
}

std::string offset_text(const TimeLength& offset) {
    TimeLength size = offset;
    const bool negative = offset.days < 0;
    if (negative) size = normalized(-offset.days, -offset.seconds, -offset.microseconds);
    std::string text = formatted("%c%02d:%02d", negative ? '-' : '+', static_cast<int>(size.seconds / 3600),
                                 static_cast<int>(size.seconds / 60 % 60));
    if (size.seconds % 60 != 0 || size.microseconds != 0)
        text += formatted(":%02d", static_cast<int>(size.seconds % 60));
    if (size.microseconds != 0) text += formatted(".%06d", static_cast<int>(size.microseconds));
    return text;
}

std::string length_text(const TimeLength& length) {
    std::string text;
    if (length.days != 0)
        text = std::to_string(length.days) + (length.days == 1 || length.days == -1 ? " day, " : " days, ");
    text += formatted("%d:%02d:%02d", static_cast<int>(length.seconds / 3600),
                      static_cast<int>(length.seconds / 60 % 60), static_cast<int>(length.seconds % 60));
    if (length.microseconds != 0) text += formatted(".%06d", static_cast<int>(length.microseconds));
    return text;
}

// --- Conversions. ---

namespace {

__extension__ typedef __int128 Wide;

// `total` microseconds as whole days and the rest.
void split_days(Wide total, std::int64_t& days, std::int64_t& microseconds) {
    constexpr Wide day = Wide{kDaySeconds} * kSecondMicroseconds;
    Wide whole = total / day;
    if (total % day < 0) --whole;
    if (whole < -Wide{10} * kMaxDays || whole > Wide{10} * kMaxDays)
        throw ValueError("the time is beyond what Python's types hold");
    days = static_cast<std::int64_t>(whole);
    microseconds = static_cast<std::int64_t>(total - whole * day);
}

Wide microseconds_of(std::int64_t count, std::intmax_t num, std::intmax_t den) {
    const Wide times = Wide{num} * kSecondMicroseconds;
    if (count != 0 && times > (Wide{1} << 100) / (count < 0 ? -Wide{count} : Wide{count}))
        throw ValueError("the time is beyond what Python's types hold");
    Wide product = Wide{count} * times;
    Wide whole = product / den;
    return product % den < 0 ? whole - 1 : whole;
}

}  // namespace

Object timedelta_from_units(std::int64_t count, std::intmax_t num, std::intmax_t den) {
    std::int64_t days = 0, microseconds = 0;
    split_days(microseconds_of(count, num, den), days, microseconds);
    return Object::timedelta(days, 0, microseconds);
}

Object timedelta_from_seconds(long double seconds) {
    constexpr long double most = static_cast<long double>(kMaxDays + 1) * kDaySeconds;
    if (!(seconds > -most && seconds < most)) throw ValueError("the time is beyond what Python's types hold");
    auto whole = static_cast<std::int64_t>(seconds);
    auto rest = static_cast<std::int64_t>((seconds - static_cast<long double>(whole)) * kSecondMicroseconds);
    return Object::timedelta(0, whole, rest);
}

Object utc_from_units(std::int64_t count, std::intmax_t num, std::intmax_t den) {
    std::int64_t days = 0, microseconds = 0;
    split_days(microseconds_of(count, num, den), days, microseconds);
    CivilTime time;
    if (!set_day(time, days)) throw ValueError("the time is beyond what Python's types hold");
    const auto seconds = static_cast<int>(microseconds / kSecondMicroseconds);
    return Object::datetime(time.year, time.month, time.day, seconds / 3600, seconds / 60 % 60, seconds % 60,
                            static_cast<int>(microseconds % kSecondMicroseconds),
                            Object::timezone(Object::timedelta(0)));
}

bool units_from_days(std::int64_t days, std::int64_t microseconds, std::intmax_t num, std::intmax_t den,
                     std::int64_t& count) {
    const Wide total = Wide{days} * kDaySeconds * kSecondMicroseconds + microseconds;
    if (den != 0 && total != 0 && Wide{den} > (Wide{1} << 120) / (total < 0 ? -total : total)) return false;
    const Wide unit = Wide{num} * kSecondMicroseconds;
    if (total * den % unit != 0) return false;
    const Wide units = total * den / unit;
    if (units < std::numeric_limits<std::int64_t>::min() || units > std::numeric_limits<std::int64_t>::max())
        return false;
    count = static_cast<std::int64_t>(units);
    return true;
}

bool object_to_timedelta(const Object& object, std::int64_t& days, std::int64_t& microseconds) {
    if (!object.is(Object::Kind::timedelta)) return false;
    const TimeLength length = *timedelta_parts(object.as_instance());
    days = length.days;
    microseconds = length.seconds * kSecondMicroseconds + length.microseconds;
    return true;
}

bool object_to_utc(const Object& object, std::int64_t& days, std::int64_t& microseconds) {
    if (!object.is(Object::Kind::datetime)) return false;
    const CivilTime time = *datetime_parts(object.as_instance());
    auto point = instant(time);
    if (time.timezone.is_none() || !point) return false;
    days = point->days;
    microseconds = point->seconds * kSecondMicroseconds + point->microseconds;
    return true;
}

}  // namespace cohort::serial::detail

namespace cohort {

using namespace serial::detail;

namespace {

Object made_of_bytes(const char* name, std::string_view bytes, Object timezone) {
    if (!timezone.is_none() && !timezone.is_instance()) throw TypeError("the timezone is " + timezone.type_name());
    ObjectInstance parts;
    parts.callable = Object::global("datetime", name);
    parts.args = timezone.is_none() ? Object::tuple({Object::bytes(bytes)})
                                    : Object::tuple({Object::bytes(bytes), std::move(timezone)});
    return Object::instance(std::move(parts));
}

char low_byte(int value) {
    return static_cast<char>(value & 0xff);
}

std::string bytes_of_date(const CivilTime& time, int fold) {
    return {low_byte(time.year >> 8), low_byte(time.year), low_byte(time.month | (fold << 7)), low_byte(time.day)};
}

std::string bytes_of_time(const CivilTime& time, int fold) {
    return {low_byte(time.hour | (fold << 7)), low_byte(time.minute),           low_byte(time.second),
            low_byte(time.microsecond >> 16),  low_byte(time.microsecond >> 8), low_byte(time.microsecond)};
}

}  // namespace

Object Object::date(int year, int month, int day) {
    CivilTime time{.year = year, .month = month, .day = day};
    if (!is_day(time)) throw ValueError("there is no day " + date_text(time));
    return made_of_bytes("date", bytes_of_date(time, 0), {});
}

Object Object::time(int hour, int minute, int second, int microsecond, Object timezone, int fold) {
    CivilTime time{.hour = hour, .minute = minute, .second = second, .microsecond = microsecond, .fold = fold};
    if (!is_time_of_day(time)) throw ValueError("there is no time of day " + time_text(time));
    return made_of_bytes("time", bytes_of_time(time, fold), std::move(timezone));
}

Object Object::datetime(int year, int month, int day, int hour, int minute, int second, int microsecond,
                        Object timezone, int fold) {
    CivilTime time{year, month, day, hour, minute, second, microsecond, fold};
    if (!is_day(time) || !is_time_of_day(time))
        throw ValueError("there is no time " + date_text(time) + " " + time_text(time));
    return made_of_bytes("datetime", bytes_of_date(time, fold) + bytes_of_time(time, 0), std::move(timezone));
}

Object Object::timedelta(std::int64_t days, std::int64_t seconds, std::int64_t microseconds) {
    // Far from the ends of 64 bits, so that sums are not beyond them.
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
    TimeLength length;
    if (days > -most && days < most && seconds > -most && seconds < most)
        length = normalized(days, seconds, microseconds);
    else
        length.days = kMaxDays + 1;
    if (length.days < -kMaxDays || length.days > kMaxDays)
        throw ValueError("a timedelta has at most " + std::to_string(kMaxDays) + " days");
    ObjectInstance parts;
    parts.callable = global("datetime", "timedelta");
    parts.args = tuple({length.days, length.seconds, length.microseconds});
    return instance(std::move(parts));
}

Object Object::timezone(const Object& offset, std::string_view name) {
    ObjectInstance parts;
    parts.callable = global("datetime", "timezone");
    parts.args = name.empty() ? tuple({offset}) : tuple({offset, name});
    if (!timezone_offset(parts)) throw ValueError("the offset of a timezone is a timedelta of less than a day");
    return instance(std::move(parts));
}

}  // namespace cohort
