// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_instance.hpp>

#include <cstdint>
#include <optional>
#include <string>

// What is inside Python's date, time, datetime, timedelta and timezone: their pickles have it as bytes and numbers.
namespace cohort::serial::detail {

/// A date and a time of day, as far as the type has them.
struct CivilTime {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int microsecond = 0;
    int fold = 0;
    Object timezone{};  // None: naive
};

/// A length of time, 0 <= seconds < 86400, 0 <= microseconds < 1000000.
struct TimeLength {
    std::int64_t days = 0;
    std::int64_t seconds = 0;
    std::int64_t microseconds = 0;
    friend auto operator<=>(const TimeLength&, const TimeLength&) = default;
};

inline constexpr std::int64_t kDaySeconds = 86400;
inline constexpr std::int64_t kSecondMicroseconds = 1000000;
inline constexpr std::int64_t kMaxDays = 999999999;  // of a timedelta

/// Days since 1970 of a day that is valid.
std::int64_t days_since_1970(int year, int month, int day) noexcept;
/// Sets year, month and day; false beyond Python's years 1 to 9999.
bool set_day(CivilTime& time, std::int64_t days_since_1970) noexcept;

/// Each gives nothing if the parts of the instance are not those of such an object.
std::optional<CivilTime> date_parts(const ObjectInstance& parts);
std::optional<CivilTime> time_parts(const ObjectInstance& parts);
std::optional<CivilTime> datetime_parts(const ObjectInstance& parts);
std::optional<TimeLength> timedelta_parts(const ObjectInstance& parts);
/// The offset from UTC of a datetime.timezone.
std::optional<TimeLength> timezone_offset(const ObjectInstance& parts);

/// The time in UTC as microseconds are counted: days since 1970 and the rest of a day. Nothing if the timezone is of a
/// class that only Python's code understands. A naive time counts as UTC.
std::optional<TimeLength> instant(const CivilTime& time);

/// As isoformat() of a datetime, time or date has them.
std::string date_text(const CivilTime& time);
std::string time_text(const CivilTime& time);
/// `+02:00`.
std::string offset_text(const TimeLength& offset);
/// str() of a timedelta.
std::string length_text(const TimeLength& length);

/// Whether each part of a time of day is within its bounds.
bool is_time_of_day(const CivilTime& time) noexcept;
bool is_day(const CivilTime& time) noexcept;

}  // namespace cohort::serial::detail
