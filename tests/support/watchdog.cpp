// SPDX-License-Identifier: MIT
#include "support/watchdog.hpp"

#include "support/leak_check.hpp"
#include "support/process_list.hpp"

#include <execinfo.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <thread>

namespace cohort::test {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::seconds kDefaultLimit = 100s;
constexpr auto kLookInterval = 1s;
constexpr int kMaxFrames = 64;

int stack_signal() {
    return SIGRTMAX - 1;
}

/// What the program and its watchdog share.
struct Bulletin {
    std::atomic<std::uint32_t> ended{0};  // a futex
    std::atomic<Clock::rep> deadline{0};  // of the test that runs; 0: none runs
    char test[256] = {};
    char folder[256] = {};  // removed when the program is ended
};

std::chrono::seconds limit() {
    const char* text = std::getenv("COHORT_TEST_TIMEOUT");
    return text ? std::chrono::seconds(std::atoi(text)) : kDefaultLimit;
}

void write_stack(int) {
    void* frames[kMaxFrames];
    ::backtrace_symbols_fd(frames, ::backtrace(frames, kMaxFrames), STDERR_FILENO);
}

bool handles_stack_signal(const std::string& task) {
    std::string status = text_of_file(task + "/status");
    std::size_t at = status.find("SigCgt:");
    if (at == std::string::npos) return false;
    auto caught = std::stoull(status.substr(at + std::strlen("SigCgt:")), nullptr, 16);
    return caught >> (stack_signal() - 1) & 1;
}

std::string first_line(const std::string& path) {
    std::string text = text_of_file(path);
    return text.substr(0, text.find('\n'));
}

void report_thread(pid_t pid, const std::string& thread) {
    std::string task = "/proc/" + std::to_string(pid) + "/task/" + thread;
    std::string state = text_of_file(task + "/status");
    std::size_t at = state.find("State:");
    std::fprintf(stderr, "  thread %s (%s) %s; in %s; system call %s\n", thread.c_str(),
                 first_line(task + "/comm").c_str(), state.substr(at, state.find('\n', at) - at).c_str(),
                 first_line(task + "/wchan").c_str(), first_line(task + "/syscall").c_str());
    std::fputs(text_of_file(task + "/stack").c_str(), stderr);  // the kernel's part; for root
    if (!handles_stack_signal(task)) return;
    ::syscall(SYS_tgkill, pid, std::stoi(thread), stack_signal());
    std::this_thread::sleep_for(200ms);  // it writes to the same stderr
}

void report_process(const ProcessEntry& process) {
    std::fprintf(stderr, "%s\n", to_string(process).c_str());
    for (const std::string& thread : names_in("/proc/" + std::to_string(process.pid) + "/task"))
        report_thread(process.pid, thread);
}

void end_program(const Bulletin& bulletin, pid_t program) {
    std::fprintf(stderr, "%s has taken more than %lld s; its processes:\n", bulletin.test,
                 static_cast<long long>(limit().count()));
    std::vector<ProcessEntry> family = descendants(program);
    std::erase_if(family, [](const ProcessEntry& process) { return process.pid == ::getpid(); });
    family.insert(family.begin(), ProcessEntry{.pid = program, .parent = ::getppid(), .name = "the program"});
    for (const ProcessEntry& process : family) report_process(process);
    for (const ProcessEntry& process : family) ::kill(process.pid, SIGKILL);
    std::error_code ignored;
    std::filesystem::remove_all(bulletin.folder, ignored);
}

bool time_is_up(const Bulletin& bulletin) {
    Clock::rep deadline = bulletin.deadline.load();
    return deadline != 0 && Clock::now().time_since_epoch().count() >= deadline;
}

[[noreturn]] void watch(Bulletin& bulletin, pid_t program) {
    ::setsid();  // out of the program's group
    ::prctl(PR_SET_NAME, "test-watchdog");
    while (!bulletin.ended && ::kill(program, 0) == 0) {
        if (time_is_up(bulletin)) {
            end_program(bulletin, program);
            break;
        }
        timespec interval{kLookInterval.count(), 0};
        ::syscall(SYS_futex, &bulletin.ended, FUTEX_WAIT, 0, &interval, nullptr, 0);
    }
    ::_exit(0);
}

class Watched : public testing::EmptyTestEventListener {
public:
    explicit Watched(Bulletin& bulletin) : bulletin_(bulletin) {}
    ~Watched() override {
        if (::getpid() == owner_) end();
    }

private:
    void OnTestStart(const testing::TestInfo& test) override {
        std::snprintf(bulletin_.test, sizeof bulletin_.test, "%s.%s", test.test_suite_name(), test.name());
        bulletin_.deadline = (Clock::now() + limit()).time_since_epoch().count();
    }
    void OnTestEnd(const testing::TestInfo&) override { bulletin_.deadline = 0; }
    void end() {
        bulletin_.ended = 1;
        ::syscall(SYS_futex, &bulletin_.ended, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }

    Bulletin& bulletin_;
    const pid_t owner_ = ::getpid();
};

Bulletin* make_bulletin() {
    void* memory = ::mmap(nullptr, sizeof(Bulletin), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    auto* bulletin = new (memory) Bulletin;
    std::snprintf(bulletin->folder, sizeof bulletin->folder, "%s", temporary_folder().c_str());
    return bulletin;
}

void prepare_stacks() {
    void* frame[1];
    ::backtrace(frame, 1);  // loads its library now, and not in the handler
    std::signal(stack_signal(), write_stack);
}

}  // namespace

void install_watchdog() {
    if (limit() == 0s) return;
    Bulletin& bulletin = *make_bulletin();
    prepare_stacks();
    pid_t program = ::getpid();
    pid_t between = ::fork();  // so that the watchdog is no child of the program
    if (between == 0) {
        if (::fork() == 0) watch(bulletin, program);
        ::_exit(0);
    }
    ::waitpid(between, nullptr, 0);
    testing::UnitTest::GetInstance()->listeners().Append(new Watched(bulletin));  // the framework deletes it
}

}  // namespace cohort::test
