// SPDX-License-Identifier: MIT
#include "os/exit.hpp"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <new>

namespace cohort::os {

[[gnu::hot]] void exit_now(int status) noexcept {
    ::_exit(status);
}

namespace {

[[gnu::hot]] void call(int status, void* argument) {
    reinterpret_cast<void (*)(int)>(argument)(status);
}

}  // namespace

[[gnu::hot]] void call_at_exit(void (*handler)(int status)) {
    if (::on_exit(call, reinterpret_cast<void*>(handler)) != 0) throw std::bad_alloc();
}

void die_by_signal(int number) noexcept {
    ::signal(number, SIG_DFL);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, number);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(number);
    ::_exit(128 + number);
}

void stop_here() noexcept {
    ::raise(SIGSTOP);
}

}  // namespace cohort::os
