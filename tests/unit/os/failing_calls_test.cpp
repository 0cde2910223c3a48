// SPDX-License-Identifier: MIT
// Every wrapper, when its system call fails: the error names the call, nothing is left, and a signal does no harm.
#include "os/epoll.hpp"
#include "os/eventfd.hpp"
#include "os/exec.hpp"
#include "os/fault.hpp"
#include "os/file.hpp"
#include "os/fork.hpp"
#include "os/futex.hpp"
#include "os/limits.hpp"
#include "os/mapping.hpp"
#include "os/memfd.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"
#include "support/error_text.hpp"

#include <cohort/base/bytes.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace {

using namespace cohort::os;
using cohort::Deadline;
using cohort::Descriptor;
using namespace std::chrono_literals;

struct Wrapper {
    const char* call;
    std::function<void()> use;
    bool repeats = true;               ///< an interrupted call is made again
    std::vector<int> other_meaning{};  ///< errors that are no failure of this call

    friend std::ostream& operator<<(std::ostream& stream, const Wrapper& wrapper) { return stream << wrapper.call; }
};

const std::vector<int> kErrors{EAGAIN, EMFILE, ENOMEM, ENOSPC, EPIPE, EPERM};
const Deadline kNow(0s);

class Memory {
public:
    explicit Memory(std::size_t bytes) : file_(memfd_create("memory")) { resize(file_.get(), bytes); }
    int get() const { return file_.get(); }

private:
    Descriptor file_;
};

void end_at_once(const Forked& forked) {
    if (forked.in_child()) ::_exit(0);
    forked.process.wait(cohort::forever);
}

void run_true() {
    start_program({.path = "/bin/true", .arguments = {"true"}}).process.wait(cohort::forever);
}

void send_a_byte() {
    auto [a, b] = socket_pair(SocketKind::stream);
    send_whole(a.get(), cohort::detail::bytes_of("x"));
}

void receive_a_byte() {
    auto [a, b] = socket_pair(SocketKind::stream);
    send_whole(a.get(), cohort::detail::bytes_of("x"));
    std::byte byte;
    receive_message(b.get(), {&byte, 1});
}

void receive_a_packet() {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    send_message(a.get(), cohort::detail::bytes_of("x"));
    receive_packet(b.get());
}

Descriptor server() {
    return tcp_listen({"127.0.0.1", 0}, 5);
}

Descriptor connect_to_server(const Descriptor& listening) {
    return tcp_connect(tcp_address(local_address(listening.get())), Deadline(10s));
}

void accept_one() {
    Descriptor listening = server();
    Descriptor client = connect_to_server(listening);
    accept_from(listening.get(), Deadline(10s));
}

std::pair<Descriptor, Descriptor> stream() {
    return socket_pair(SocketKind::stream);
}

/// Listens where a file is that is no socket.
void listen_in_a_locked_folder() {
    try {
        unix_listen_replacing("/dev/null", 1);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::address_in_use) throw;
    }
}

std::vector<Wrapper> wrappers() {
    return {
        {"open", [] { open_file("/dev/null", O_RDONLY); }},
        {"fcntl(F_DUPFD_CLOEXEC)", [] { duplicate(STDIN_FILENO); }},
        {"fcntl(F_GETFL)", [] { set_nonblocking(Memory(1).get(), false); }},
        {"fcntl(F_SETFL)", [] { set_nonblocking(Memory(1).get(), false); }},
        {"read", [] { read_file("/proc/self/comm"); }},
        {"write", [] { write_all(Memory(1).get(), cohort::detail::bytes_of("x")); }},
        {"memfd_create", [] { Memory(1); }},
        {"ftruncate", [] { Memory(1); }},
        {"getrlimit", [] { Memory(1); }},
        {"fstat", [] { size(Memory(1).get()); }},
        {"mmap", [] { Mapping::map_shared(Memory(page_size()).get(), page_size()); }},
        {"mmap", [] { Mapping::map_anonymous_shared(page_size()); }},
        {"mmap", [] { Mapping::map_anonymous_private(page_size()); }},
        {"madvise(MADV_POPULATE_WRITE)", [] { Mapping::map_anonymous_shared(page_size()).populate(0, 1); }},
        {"madvise(MADV_REMOVE)", [] { Mapping::map_anonymous_shared(page_size()).discard(0, page_size()); }},
        {"madvise(MADV_WIPEONFORK)", [] { Mapping::map_anonymous_private(page_size()).wipe_on_fork(); }},
        {"poll", [] { wait_readable(STDIN_FILENO, kNow); }},
        {"pidfd_open", [] { Pidfd::open(::getpid()); }},
        {"pidfd_send_signal", [] { Pidfd::open(::getpid()).send_signal(0); }},
        {"fork", [] { end_at_once(fork_process()); }, false},
        {"clone", run_true, false},
        {"execve", run_true},
        {"eventfd", [] { Eventfd(); }},
        {"read", [] { Eventfd().take(); }, true, {EAGAIN}},
        {"epoll_create1", [] { Epoll(); }},
        {"epoll_wait",
         [] {
             std::array<epoll_event, 1> room;
             Epoll().look(room);
         }},
        {"epoll_pwait2",
         [] {
             std::array<epoll_event, 1> room;
             Epoll().wait(room, kNow);
         },
         true,
         {ENOSYS, EPERM}},
        {"fcntl(F_ADD_SEALS)", [] { memfd_of_fixed_size("memory", 1); }},
        {"epoll_ctl", [] { Epoll().add(Eventfd().get(), EPOLLIN, 0); }},
        {"socketpair", [] { socket_pair(SocketKind::stream); }},
        {"sendmsg", send_a_byte},
        {"recvmsg", receive_a_byte},
        {"send", [] { send_stream(stream().first.get(), cohort::detail::bytes_of("x"), {}, 0, {}); }},
        {"sendmsg",
         [] {
             using cohort::detail::bytes_of;
             send_stream(stream().first.get(), bytes_of("x"), bytes_of("y"), 0, {});
         }},
        {"recv",
         [] {
             std::byte byte;
             receive_stream(stream().first.get(), {&byte, 1}, MSG_DONTWAIT, {});
         },
         true,
         {EAGAIN}},
        {"flock", listen_in_a_locked_folder, true, {EAGAIN}},  // somebody else has it: waited for, a second at most
        {"recv", receive_a_packet},
        {"getsockopt", [] { peer_pid(socket_pair(SocketKind::stream).first.get()); }},
        {"socket", [] { server(); }},
        {"setsockopt", [] { server(); }},
        {"bind", [] { server(); }},
        {"listen", [] { server(); }},
        {"getsockname", [] { local_address(server().get()); }},
        {"connect", [] { connect_to_server(server()); }, false},
        {"accept4", accept_one, true, {EAGAIN}},
        {"rt_sigprocmask", [] { SignalBlock block({SIGUSR1}); }},
        {"rt_sigaction", [] { SignalHandler handler(SIGUSR1, SIG_IGN); }},
        {"kill", [] { send_signal(::getpid(), 0); }},
        {"prctl(PR_SET_PDEATHSIG)", [] { set_parent_death_signal(0); }},
        {"getrlimit", [] { resource_limit(RLIMIT_NOFILE); }},
        {"setrlimit", [] { set_resource_limit(RLIMIT_NOFILE, resource_limit(RLIMIT_NOFILE)); }},
        {"sched_getaffinity", [] { affinity_cpus(); }, false},
    };
}

class FailingCall : public testing::TestWithParam<Wrapper> {
protected:
    bool is_failure(int error) const {
        const auto& others = GetParam().other_meaning;
        return std::find(others.begin(), others.end(), error) == others.end();
    }
};

TEST_P(FailingCall, is_an_error_that_names_it) {
    for (int expected : kErrors) {
        if (!is_failure(expected)) continue;
        Fault fault(GetParam().call, expected, 1, Fault::kAlways);
        EXPECT_TRUE(cohort::test::error_text(expected, GetParam().use).starts_with(GetParam().call)) << expected;
    }
}

TEST_P(FailingCall, is_made_again_when_a_signal_interrupts_it) {
    if (!GetParam().repeats) return;
    Fault fault(GetParam().call, EINTR, 1, 2);
    GetParam().use();
    EXPECT_GE(fault.calls(), 3);
}

TEST_P(FailingCall, does_no_harm_to_the_next) {
    GetParam().use();
}

std::string name_of(const testing::TestParamInfo<Wrapper>& info) {
    std::string name = std::to_string(info.index) + "_";
    for (char letter : std::string(info.param.call)) name += std::isalnum(letter) ? letter : '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Os, FailingCall, testing::ValuesIn(wrappers()), name_of);

}  // namespace
