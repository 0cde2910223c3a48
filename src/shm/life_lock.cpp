// SPDX-License-Identifier: MIT
#include "shm/life_lock.hpp"

#include "os/file.hpp"
#include "os/futex.hpp"
#include "os/process_identity.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace cohort::shm {

namespace {

// What we need of a line of /proc/<pid>/stat.
struct TaskState {
    bool exiting = false;
    bool stopped = false;
    unsigned long long start_time = 0;
    unsigned long long threads = 0;
};

constexpr unsigned long long kExiting =
    0x4;  // PF_EXITING: the thread is on its way out and never returns to its program

unsigned long long number_in_field(std::string_view fields, int index) {
    while (index-- != 0) fields.remove_prefix(std::min(fields.find(' ') + 1, fields.size()));
    unsigned long long number = 0;
    std::from_chars(fields.data(), fields.data() + fields.size(), number);
    return number;
}

// Field 3, the state, follows the last parenthesis: the program's name before it may hold anything.
TaskState parse_stat(std::string_view text) {
    const auto fields = text.substr(std::min(text.rfind(')') + 2, text.size()));
    const bool gone = fields.starts_with('X') || fields.starts_with('x');
    // By a signal, or by a tracer.
    const bool stopped = fields.starts_with('T') || fields.starts_with('t');
    return {gone || (number_in_field(fields, 9 - 3) & kExiting) != 0, stopped, number_in_field(fields, 22 - 3),
            number_in_field(fields, 20 - 3)};
}

// Empty if there is no such task any more. Throws if that cannot be found out.
std::optional<TaskState> read_stat(const std::string& path) {
    try {
        return parse_stat(os::read_file(path.c_str()));
    } catch (const std::system_error& error) {
        if (error.code().value() == ENOENT || error.code().value() == ESRCH) return std::nullopt;
        throw;
    }
}

std::string stat_of(pid_t pid) {
    return "/proc/" + std::to_string(pid) + "/stat";
}

std::string tasks_of(pid_t pid) {
    return "/proc/" + std::to_string(pid) + "/task/";
}

bool all_tasks_exit(pid_t pid) {
    for (const auto& task : std::filesystem::directory_iterator(tasks_of(pid))) {
        const auto state = read_stat(task.path() / "stat");
        if (state && !state->exiting) return false;
    }
    return true;
}

bool has_ended(const ProcessMark& mark) {
    const auto leader = read_stat(stat_of(mark.pid));
    // Without /proc nothing can be told, and everybody would look dead.
    if (!leader) return std::filesystem::exists("/proc/self/stat");
    if (leader->start_time != mark.start_time || (leader->exiting && leader->threads == 1)) return true;
    return all_tasks_exit(mark.pid);
}

// The kernel marks the lock of a living thread only while it replaces the program.
bool runs_another_program(const ProcessMark& mark) {
    const auto holder = read_stat(tasks_of(mark.pid) + std::to_string(mark.thread) + "/stat");
    return holder && !holder->exiting && holder->start_time == mark.thread_start;
}

}  // namespace

std::optional<Watch> LifeLock::watch() noexcept {
    auto& word = mutex_.word();
    std::uint32_t seen = word.load(std::memory_order_acquire);
    while ((seen & os::RobustMutex::kThreadMask) != 0 && (seen & os::RobustMutex::kDiedBit) == 0) {
        const std::uint32_t waited = seen | os::RobustMutex::kWaitersBit;
        if (seen == waited || word.compare_exchange_weak(seen, waited, std::memory_order_acq_rel))
            return Watch{&word, waited};
    }
    return std::nullopt;
}

void LifeLock::wake_watchers() noexcept {
    os::futex_wake(mutex_.word(), INT_MAX);
}

ProcessMark current_process_mark() {
    const pid_t pid = os::current_pid();
    const auto self = read_stat(stat_of(pid));
    if (!self) throw std::system_error(ENOENT, std::generic_category(), "read " + stat_of(pid));
    const pid_t thread = os::current_tid();
    if (thread == pid) return {pid, thread, self->start_time, self->start_time};
    const std::string path = tasks_of(pid) + std::to_string(thread) + "/stat";
    const auto own = read_stat(path);
    if (!own) throw std::system_error(ENOENT, std::generic_category(), "read " + path);
    return {pid, thread, self->start_time, own->start_time};
}

bool process_is_stopped(pid_t pid) noexcept {
    try {
        const auto leader = read_stat(stat_of(pid));
        return leader && leader->stopped;
    } catch (...) {
        return false;
    }
}

bool process_is_dead(const ProcessMark& mark) noexcept {
    try {
        return has_ended(mark) || runs_another_program(mark);
    } catch (...) {
        return false;  // no memory, no descriptor: the next one who asks may know
    }
}

bool process_has_ended(const ProcessMark& mark) noexcept {
    try {
        return has_ended(mark);
    } catch (...) {
        return false;
    }
}

}  // namespace cohort::shm
