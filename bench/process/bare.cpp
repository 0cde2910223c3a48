// SPDX-License-Identifier: MIT
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>

#include "contenders.hpp"

extern char** environ;

namespace bench {

namespace {

constexpr const char* kBareChild = "--bare-child";

void reap(pid_t pid) {
    int status = -1;
    if (::waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error("the child did not end with 0");
}

void send_descriptor(int socket, int descriptor) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    ::sendmsg(socket, &message, 0);
}

int receive_descriptor(int socket) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    if (::recvmsg(socket, &message, 0) <= 0) throw std::runtime_error("the bare fork server has died");
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    return descriptor;
}

[[noreturn]] void serve(int socket) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (char byte = 0; ::recv(socket, &byte, 1, 0) == 1;) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(0);
        const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        send_descriptor(socket, pidfd);
        ::close(pidfd);
        ::waitpid(pid, nullptr, 0);
    }
    ::_exit(0);
}

}  // namespace

void bare_fork() {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    reap(pid);
}

void bare_spawn() {
    char program[] = "/proc/self/exe";
    char option[] = "--bare-child";
    char* arguments[] = {program, option, nullptr};
    pid_t pid = 0;
    if (::posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) != 0)
        throw std::runtime_error("posix_spawn");
    reap(pid);
}

bool is_bare_child(int argc, char** argv) {
    return argc == 2 && std::strcmp(argv[1], kBareChild) == 0;
}

BareForkServer::BareForkServer() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) throw std::runtime_error("socketpair");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(ends[0]);
        serve(ends[1]);
    }
    ::close(ends[1]);
    socket_ = ends[0];
}

BareForkServer::~BareForkServer() {
    ::close(socket_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void BareForkServer::start_and_join() {
    const char byte = 1;
    if (::send(socket_, &byte, 1, 0) != 1) throw std::runtime_error("send");
    const int pidfd = receive_descriptor(socket_);
    pollfd entry{pidfd, POLLIN, 0};
    ::poll(&entry, 1, -1);
    ::close(pidfd);
}

}  // namespace bench
