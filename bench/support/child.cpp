// SPDX-License-Identifier: MIT
#include "support/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

#include "support/shared.hpp"

namespace bench {

namespace {

constexpr unsigned kLongestSeconds = 120;

int exit_code_of(const std::function<void()>& body) noexcept {
    try {
        body();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "in a child: %s\n", error.what());
        return 1;
    }
}

}  // namespace

Child::Child(const std::function<void()>& body) {
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ != 0) return;
    ::alarm(kLongestSeconds);
    ::_exit(exit_code_of(body));
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

Child::~Child() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Child::wait() {
    int status = 0;
    const pid_t ended = ::waitpid(std::exchange(pid_, 0), &status, 0);
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("a child failed");
}

double figure_apart(const std::function<double()>& measure) {
    const Shared<double> figure;
    Child([&] { *figure = measure(); }).wait();
    return *figure;
}

}  // namespace bench
