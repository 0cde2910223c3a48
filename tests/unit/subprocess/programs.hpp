// SPDX-License-Identifier: MIT
#pragma once

#include "os/file.hpp"
#include "os/fork.hpp"
#include "os/pipe.hpp"

#include <cohort/base/bytes.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

namespace cohort::test {

using Words = std::vector<std::string>;

inline Words shell(const std::string& script) {
    return {"sh", "-c", script};
}

/// A pipe that a program waits at.
class Gate {
public:
    Gate() : ends_(os::make_pipe()) {}
    /// To be passed to the program.
    int number() const { return ends_.read.get(); }
    /// What the shell does to wait until it is open.
    std::string wait() const { return "read word <&" + std::to_string(number()); }
    void open() const { os::write_all(ends_.write.get(), detail::bytes_of("go\n")); }

private:
    os::PipeEnds ends_;
};

/// What the shell does to list its descriptors, without the one that it reads the list with.
inline std::string list_descriptors() {
    return "cd /proc/self/fd; for f in *; do test -e $f && printf '%s ' $f; done; true";
}

/// Whether every child was reaped.
inline bool has_no_child() {
    return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

/// Runs the work in a forked process; true if it says so.
inline bool in_another_process(const std::function<bool()>& work) {
    auto forked = os::fork_process();
    if (forked.in_child()) {
        bool good = false;
        try {
            good = work();
        } catch (...) {
        }
        ::_exit(good ? 0 : 1);
    }
    return forked.process.wait(forever)->success();
}

}  // namespace cohort::test
