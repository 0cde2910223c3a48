// SPDX-License-Identifier: MIT
// deny_calls <error> <call>... -- <program> [<argument>...]
// Executes the program under a filter of the kernel that answers the calls with the error: as in a container whose
// profile is older than they are (EPERM), or on an older kernel (ENOSYS).
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#endif

const std::map<std::string, int> kErrors{{"EPERM", EPERM}, {"ENOSYS", ENOSYS}};

const std::map<std::string, unsigned> kCalls{
    {"clone3", SYS_clone3},         {"close_range", SYS_close_range}, {"futex_waitv", 449},
    {"membarrier", SYS_membarrier}, {"pidfd_open", SYS_pidfd_open},
};

template <class Map>
auto look_up(const Map& map, const std::string& name) {
    auto found = map.find(name);
    if (found == map.end()) throw std::invalid_argument("not known: " + name);
    return found->second;
}

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}

/// Goes on after the next `skip` instructions unless the loaded word is `value`.
sock_filter unless_equal(unsigned value, unsigned char skip) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

sock_filter answer(unsigned action) {
    return BPF_STMT(BPF_RET | BPF_K, action);
}

void install_filter(int error, const std::vector<std::string>& calls) {
    std::vector<sock_filter> code{load(offsetof(seccomp_data, arch)), unless_equal(kArchitecture, 0),
                                  load(offsetof(seccomp_data, nr))};
    for (const std::string& call : calls) {
        code.push_back(unless_equal(look_up(kCalls, call), 1));
        code.push_back(answer(SECCOMP_RET_ERRNO | static_cast<unsigned>(error)));
    }
    code.push_back(answer(SECCOMP_RET_ALLOW));
    sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        throw std::runtime_error("the kernel takes no filter");
}

}  // namespace

int main(int argc, char** argv) try {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::size_t dashes = 0;
    while (dashes < words.size() && words[dashes] != "--") ++dashes;
    if (dashes < 2 || dashes + 1 >= words.size()) throw std::invalid_argument("<error> <call>... -- <program>");
    int error = look_up(kErrors, words[0]);
    std::vector<std::string> calls(words.begin() + 1, words.begin() + static_cast<std::ptrdiff_t>(dashes));
    std::string setting = std::to_string(error);
    for (const std::string& call : calls) setting += ":" + call;
    ::setenv("COHORT_DENIED_CALLS", setting.c_str(), 1);
    install_filter(error, calls);
    char** program = argv + 1 + dashes + 1;
    ::execv(program[0], program);
    throw std::runtime_error(std::string("cannot execute ") + program[0]);
} catch (const std::exception& failure) {
    std::fprintf(stderr, "deny_calls: %s\n", failure.what());
    return 2;
}
