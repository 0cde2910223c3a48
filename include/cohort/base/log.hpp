// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <atomic>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cohort {

/// How important a message is: the levels of Python's `logging`, and the two that `multiprocessing` adds.
enum class LogLevel : int {
    notset = 0,
    subdebug = 5,
    debug = 10,
    info = 20,
    subwarning = 25,
    warning = 30,
    error = 40,
    critical = 50,
};

/// `DEBUG`; `Level 15` for a level without a name.
COHORT_API std::string to_string(LogLevel level);

/// The level with this name, in capital or small letters; empty if there is none.
COHORT_API std::optional<LogLevel> parse_log_level(std::string_view name);

namespace detail {

/// A part of a message: text or a number, kept as it is until somebody wants to read the message.
class LogPart {
public:
    LogPart(std::string_view text) noexcept : kind_(Kind::text), text_(text) {}
    LogPart(const std::string& text) noexcept : LogPart(std::string_view(text)) {}
    LogPart(const char* text) noexcept : LogPart(std::string_view(text)) {}
    template <std::signed_integral T>
    LogPart(T number) noexcept : kind_(Kind::integer), integer_(number) {}
    template <std::unsigned_integral T>
    LogPart(T number) noexcept : kind_(Kind::natural), natural_(number) {}
    LogPart(double number) noexcept : kind_(Kind::real), real_(number) {}

    COHORT_API void append_to(std::string& line) const;

private:
    enum class Kind { text, integer, natural, real } kind_;
    union {
        std::string_view text_;
        long long integer_;
        unsigned long long natural_;
        double real_;
    };
};

}  // namespace detail

/// What cohort says about its own work, and what programs add to it. There is one for each process: get_logger().
///
/// Nothing is written unless log_to_stderr(), Logger::set_handler() or the environment (`COHORT_LOG=debug`) asks for
/// it; a message that is not wanted costs one branch. Lines look as those of Python's `multiprocessing`:
/// `[INFO/Process-1] child process calling run()`.
///
/// Thread safety: all members. A line is written in one piece.
/// FORK: the child has the same level and handler.
class COHORT_API Logger {
public:
    /// Receives each line that is wanted, without a newline. It must not throw.
    using Handler = void (*)(LogLevel level, std::string_view line);

    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    /// What is less important than `level` is not written. `notset` counts as `warning`.
    void set_level(LogLevel level) noexcept;
    /// What set_level() was given.
    LogLevel level() const noexcept;
    /// As level(), but `warning` for `notset`.
    LogLevel effective_level() const noexcept;

    /// Sends the lines to a function; null: nowhere.
    void set_handler(Handler function) noexcept;
    /// The function that gets the lines; null: none.
    Handler handler() const noexcept;

    /// Whether messages of this level are written.
    bool is_enabled_for(LogLevel level) const noexcept {
        return static_cast<int>(level) >= threshold_.load(std::memory_order_relaxed);
    }

    /// Writes a message, put together from texts and numbers.
    template <class... Parts>
    void log(LogLevel level, const Parts&... parts) {
        if (is_enabled_for(level)) [[unlikely]]
            write(level, {detail::LogPart(parts)...});
    }
    /// log() with LogLevel::subdebug.
    template <class... Parts>
    void subdebug(const Parts&... parts) {
        log(LogLevel::subdebug, parts...);
    }
    /// log() with LogLevel::debug.
    template <class... Parts>
    void debug(const Parts&... parts) {
        log(LogLevel::debug, parts...);
    }
    /// log() with LogLevel::info.
    template <class... Parts>
    void info(const Parts&... parts) {
        log(LogLevel::info, parts...);
    }
    /// log() with LogLevel::subwarning.
    template <class... Parts>
    void subwarning(const Parts&... parts) {
        log(LogLevel::subwarning, parts...);
    }
    /// log() with LogLevel::warning.
    template <class... Parts>
    void warning(const Parts&... parts) {
        log(LogLevel::warning, parts...);
    }
    /// log() with LogLevel::error.
    template <class... Parts>
    void error(const Parts&... parts) {
        log(LogLevel::error, parts...);
    }
    /// log() with LogLevel::critical.
    template <class... Parts>
    void critical(const Parts&... parts) {
        log(LogLevel::critical, parts...);
    }

private:
    friend COHORT_API Logger& get_logger() noexcept;
    constexpr Logger() noexcept = default;

    void write(LogLevel level, std::initializer_list<detail::LogPart> parts);
    void update_threshold() noexcept;

    static Logger instance_;
    std::atomic<LogLevel> level_{LogLevel::notset};
    std::atomic<Handler> handler_{nullptr};
    std::atomic<int> threshold_{std::numeric_limits<int>::max()};  // of level_ and handler_: nothing passes without one
};

/// The logger of this process.
COHORT_API Logger& get_logger() noexcept;

/// Writes the log to stderr from now on.
/// @param level what is less important is not written; empty: as it was
/// @return the logger
COHORT_API Logger& log_to_stderr(std::optional<LogLevel> level = {});

namespace detail {

/// Says who this process is in each line; until then it is `MainProcess`.
COHORT_API void set_process_name_source(std::string (*source)()) noexcept;

}  // namespace detail
}  // namespace cohort
