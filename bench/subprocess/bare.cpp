// SPDX-License-Identifier: MIT
// The C library alone.
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "contenders.hpp"

extern char** environ;

namespace bench {

namespace {

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

std::string producer(std::size_t bytes) {
    return "head -c " + std::to_string(bytes) + " /dev/zero";
}

}  // namespace

void bare_true() {
    char program[] = "/bin/true";
    char* arguments[] = {program, nullptr};
    pid_t pid = 0;
    check(::posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) == 0, "posix_spawn");
    int status = -1;
    check(::waitpid(pid, &status, 0) == pid && status == 0, "waitpid");
}

void popen_true() {
    std::FILE* pipe = ::popen("/bin/true", "re");
    check(pipe && ::pclose(pipe) == 0, "popen");
}

void popen_capture(std::size_t bytes) {
    std::FILE* pipe = ::popen(producer(bytes).c_str(), "re");
    check(pipe, "popen");
    std::string text;
    std::array<char, 65536> buffer;
    for (std::size_t size; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;)
        text.append(buffer.data(), size);
    check(::pclose(pipe) == 0 && text.size() == bytes, "popen has lost something");
}

void cat_capture(std::size_t bytes) {
    check(std::system((producer(bytes) + " | cat > /dev/null").c_str()) == 0, "cat");
}

}  // namespace bench
