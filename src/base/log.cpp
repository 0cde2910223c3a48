// SPDX-License-Identifier: MIT
#include <cohort/base/log.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace cohort {

namespace {

constexpr std::array<std::pair<LogLevel, std::string_view>, 8> kNames{{
    {LogLevel::notset, "NOTSET"},
    {LogLevel::subdebug, "SUBDEBUG"},
    {LogLevel::debug, "DEBUG"},
    {LogLevel::info, "INFO"},
    {LogLevel::subwarning, "SUBWARNING"},
    {LogLevel::warning, "WARNING"},
    {LogLevel::error, "ERROR"},
    {LogLevel::critical, "CRITICAL"},
}};

std::string main_process() {
    return "MainProcess";
}

constinit std::atomic<std::string (*)()> process_name{main_process};

void write_to_stderr(LogLevel, std::string_view line) {
    std::string text;
    text.reserve(line.size() + 1);
    text.append(line).push_back('\n');
    std::fwrite(text.data(), 1, text.size(), stderr);  // in one piece: other processes write there too
}

/// `COHORT_LOG=debug` in the environment switches the log on before main.
void read_environment() {
    const char* name = std::getenv("COHORT_LOG");  // NOLINT(concurrency-mt-unsafe): no thread runs yet
    if (!name || !*name) return;
    if (auto level = parse_log_level(name))
        log_to_stderr(level);
    else
        log_to_stderr().warning("COHORT_LOG=", name,
                                " is no level; one of SUBDEBUG, DEBUG, INFO, SUBWARNING, WARNING, ",
                                "ERROR, CRITICAL is");
}

}  // namespace

constinit Logger Logger::instance_;

namespace {
const bool environment_was_read = (read_environment(), true);
}

std::string to_string(LogLevel level) {
    auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == level; });
    if (found != kNames.end()) return std::string(found->second);
    return "Level " + std::to_string(static_cast<int>(level));
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
    auto same_letter = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
    auto same = [&](const auto& entry) {
        return std::equal(name.begin(), name.end(), entry.second.begin(), entry.second.end(), same_letter);
    };
    auto found = std::find_if(kNames.begin(), kNames.end(), same);
    return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

void detail::LogPart::append_to(std::string& line) const {
    switch (kind_) {
        case Kind::text:
            line.append(text_);
            break;
        case Kind::integer:
            line.append(std::to_string(integer_));
            break;
        case Kind::natural:
            line.append(std::to_string(natural_));
            break;
        case Kind::real: {
            char digits[32];
            line.append(digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%g", real_)));
        }
    }
}

void Logger::set_level(LogLevel level) noexcept {
    level_ = level;
    update_threshold();
}

LogLevel Logger::level() const noexcept {
    return level_;
}

LogLevel Logger::effective_level() const noexcept {
    LogLevel level = level_;
    return level == LogLevel::notset ? LogLevel::warning : level;
}

void Logger::set_handler(Handler function) noexcept {
    handler_ = function;
    update_threshold();
}

Logger::Handler Logger::handler() const noexcept {
    return handler_;
}

void Logger::update_threshold() noexcept {
    threshold_ = handler_.load() ? static_cast<int>(effective_level()) : std::numeric_limits<int>::max();
}

void Logger::write(LogLevel level, std::initializer_list<detail::LogPart> parts) {
    Handler write_line = handler_;
    if (!write_line) return;
    std::string line = "[" + to_string(level) + "/" + process_name.load()() + "] ";
    for (const detail::LogPart& part : parts) part.append_to(line);
    write_line(level, line);
}

Logger& get_logger() noexcept {
    return Logger::instance_;
}

Logger& log_to_stderr(std::optional<LogLevel> level) {
    Logger& logger = get_logger();
    logger.set_handler(write_to_stderr);
    if (level) logger.set_level(*level);
    return logger;
}

void detail::set_process_name_source(std::string (*source)()) noexcept {
    process_name = source ? source : main_process;
}

}  // namespace cohort
