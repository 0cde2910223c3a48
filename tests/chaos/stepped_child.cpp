// SPDX-License-Identifier: MIT
#include "chaos/stepped_child.hpp"

#include "os/file.hpp"

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cohort::test {

namespace {

#if defined(__x86_64__)
void mark() {
    asm volatile("int3" ::: "memory");
}
bool is_mark(const unsigned char* code) {
    return code[0] == 0xcc;
}
bool is_system_call(const unsigned char* code) {
    return code[0] == 0x0f && code[1] == 0x05;
}
// The length of an instruction that repeats itself, such as `rep movsb`; 0 for others.
std::size_t repeating(const unsigned char* code) {
    if (code[0] != 0xf3) return 0;
    const std::size_t prefixes = (code[1] & 0xf0) == 0x40 ? 2 : 1;
    const unsigned char operation = code[prefixes];
    const bool copies = operation == 0xa4 || operation == 0xa5;
    const bool fills = operation == 0xaa || operation == 0xab;
    return copies || fills ? prefixes + 1 : 0;
}
constexpr long kMark = 0xcc;
constexpr std::size_t kInstructionPointer = offsetof(user_regs_struct, rip);
#else
#error "the kill-everywhere test needs to know some instructions of this architecture"
#endif

// A call may sleep for a moment on its way; one that is seen asleep so often in a row is waiting for somebody.
constexpr int kLooksAsleep = 20;

long checked(const char* call, long result) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), call);
    return result;
}

void stay_on_this_core() {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(::sched_getcpu(), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

SteppedChild::SteppedChild(detail::FunctionRef<void()> prepare, detail::FunctionRef<void()> operation, bool is_answered)
    : is_answered_(is_answered) {
    ::sched_getaffinity(0, sizeof cores_before_, &cores_before_);
    stay_on_this_core();
    std::fflush(nullptr);
    pid_ = static_cast<pid_t>(checked("fork", ::fork()));
    if (pid_ == 0) run(prepare, operation);
    wait_for_stop();
}

SteppedChild::~SteppedChild() {
    if (pid_ > 0) kill();
    ::sched_setaffinity(0, sizeof cores_before_, &cores_before_);
}

void SteppedChild::run(detail::FunctionRef<void()> prepare, detail::FunctionRef<void()> operation) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    try {
        prepare();
        mark();
        operation();
        mark();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "in a stepped child: %s\n", error.what());
    }
    ::_exit(1);
}

void SteppedChild::wait_for_stop() const {
    int status = 0;
    checked("waitpid", ::waitpid(pid_, &status, __WALL));
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
        throw std::runtime_error("the stepped child has status " + std::to_string(status));
}

// The child is a copy of this process: its code is ours.
const unsigned char* SteppedChild::next_instruction() const {
    errno = 0;
    const long address = ::ptrace(PTRACE_PEEKUSER, pid_, kInstructionPointer, nullptr);
    if (errno != 0) throw std::system_error(errno, std::generic_category(), "ptrace(PTRACE_PEEKUSER)");
    return reinterpret_cast<const unsigned char*>(address);  // NOLINT(performance-no-int-to-ptr): a register's value
}

bool SteppedChild::at_system_call() const {
    return is_system_call(next_instruction());
}

// A copy of a megabyte stops a million times, and is one step to those who see it.
void SteppedChild::run_to(const unsigned char* there) {
    void* const address = const_cast<unsigned char*>(there);
    errno = 0;
    const long code = ::ptrace(PTRACE_PEEKTEXT, pid_, address, nullptr);
    if (errno != 0) throw std::system_error(errno, std::generic_category(), "ptrace(PTRACE_PEEKTEXT)");
    const auto poke = [&](auto request, void* at, long value) {
        checked("ptrace(PTRACE_POKE…)", ::ptrace(request, pid_, at, value));
    };
    poke(PTRACE_POKETEXT, address, (code & ~0xffL) | kMark);
    checked("ptrace(PTRACE_CONT)", ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr));
    wait_for_stop();
    poke(PTRACE_POKETEXT, address, code);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the place of a register
    poke(PTRACE_POKEUSER, reinterpret_cast<void*>(kInstructionPointer), reinterpret_cast<long>(there));
}

bool SteppedChild::step() {
    if (asleep_) return false;
    const unsigned char* code = next_instruction();
    if (is_mark(code)) return false;
    if (const std::size_t length = repeating(code); length != 0) {
        run_to(code + length);
        return true;
    }
    checked("ptrace(PTRACE_SINGLESTEP)", ::ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr));
    asleep_ = is_system_call(code) && !is_answered_ && falls_asleep();
    if (!asleep_) wait_for_stop();
    return true;
}

bool SteppedChild::is_stopped() const {
    siginfo_t info{};
    checked("waitid", ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT));
    return info.si_pid != 0;
}

// Not a matter of time: on a busy machine the shortest call can take long.
bool SteppedChild::falls_asleep() const {
    const std::string stat = "/proc/" + std::to_string(pid_) + "/stat";
    for (int asleep = 0; asleep != kLooksAsleep;) {
        if (is_stopped()) return false;
        const std::string text = os::read_file(stat.c_str());
        if (text.compare(text.rfind(')') + 1, 2, " S") == 0) {
            ++asleep;  // and does not need our core: a bounded sleep must not be over before it is seen
        } else {
            asleep = 0;
            ::sched_yield();
        }
    }
    return !is_stopped();
}

void SteppedChild::kill() noexcept {
    ::kill(pid_, SIGKILL);
    int status = 0;
    // Stops that were under way are reported before the end.
    while (::waitpid(pid_, &status, __WALL) == pid_ && WIFSTOPPED(status)) continue;
    pid_ = 0;
}

}  // namespace cohort::test
