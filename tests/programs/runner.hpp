// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace cohort::test {

/// How to run one of the programs of this folder.
struct ProgramOptions {
    bool close_stdin = false;                ///< start it without descriptor 0
    std::vector<std::string> environment{};  ///< further variables, NAME=value
    std::string path{};                      ///< the executable; empty: as built
};

/// A running program whose output goes into pipes.
class Program {
public:
    Program(const std::string& name, std::vector<std::string> arguments, const ProgramOptions& options = {});
    /// Kills it if it still runs.
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pid_t pid() const noexcept { return pid_; }
    /// What Ctrl-C at its terminal does: SIGINT to the program and its descendants.
    void interrupt() const;
    /// The next line of its stdout.
    std::string line();
    /// What is left of its stdout or stderr: waits until every process that could write there has ended.
    std::string out();
    std::string err();
    /// Waits for its end.
    /// @returns the exit status, or -N if signal N ended it
    int wait();

    /// Where a program lies.
    static std::string path_of(const std::string& name);

private:
    int out_ = -1;
    int err_ = -1;
    pid_t pid_ = -1;
    bool ended_ = false;
};

}  // namespace cohort::test
