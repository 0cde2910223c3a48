// SPDX-License-Identifier: MIT
#include "programs/runner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <system_error>
#include <utility>

namespace cohort::test {

namespace {

/// Reading and writing end.
std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    return ends;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::string rest_of(int descriptor) {
    std::string text;
    for (std::array<char, 4096> buffer{};;) {
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
        if (count == 0 || (count < 0 && errno != EINTR)) return text;
    }
}

// LeakSanitizer looks at every thread when a process ends, and says so of one that was joined and is not quite gone.
std::string without_leak_checkers_notes(const std::string& text) {
    std::istringstream lines(text);
    std::string kept;
    for (std::string line; std::getline(lines, line);)
        if (line.find("==Unable to get registers from thread ") == std::string::npos) kept += line + "\n";
    if (!text.ends_with('\n') && !kept.empty()) kept.pop_back();
    return kept;
}

}  // namespace

std::string Program::path_of(const std::string& name) {
    return COHORT_PROGRAMS_FOLDER "/" + name;
}

Program::Program(const std::string& name, std::vector<std::string> arguments, const ProgramOptions& options) {
    const auto out = make_pipe(), err = make_pipe();
    out_ = out[0];
    err_ = err[0];
    const std::string path = options.path.empty() ? path_of(name) : options.path;
    arguments.insert(arguments.begin(), path);
    std::vector<std::string> environment = options.environment;
    for (char** variable = environ; *variable; ++variable) environment.emplace_back(*variable);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (options.close_stdin) ::posix_spawn_file_actions_addclose(&actions, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    // a group of its own: Ctrl-C at a terminal goes to a whole group
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&pid_, path.c_str(), &actions, &attributes, pointers(arguments).data(),
                                    pointers(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    if (error != 0) throw std::system_error(error, std::generic_category(), path);
}

Program::~Program() {
    if (!ended_) {
        ::kill(pid_, SIGKILL);
        wait();
    }
    ::close(out_);
    ::close(err_);
}

void Program::interrupt() const {
    ::kill(-pid_, SIGINT);
}

std::string Program::line() {
    std::string text;
    for (char c = 0;;) {
        const auto count = ::read(out_, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || c == '\n') return text;
        text += c;
    }
}

std::string Program::out() {
    return rest_of(out_);
}
std::string Program::err() {
    return without_leak_checkers_notes(rest_of(err_));
}

int Program::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0)
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace cohort::test
