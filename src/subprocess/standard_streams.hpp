// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>
#include <cohort/subprocess/options.hpp>

#include "os/exec.hpp"

#include <cstddef>
#include <vector>

namespace cohort::subprocess {

/// The standard streams of a program that is about to be started. The program's ends of the pipes are closed with this
/// object.
class StandardStreams {
public:
    /// Makes the pipes.
    /// @throws ValueError         STDOUT for another stream than standard error; a line function for what is no pipe
    /// @throws std::system_error  naming pipe2, open or fcntl
    explicit StandardStreams(const PopenOptions& options);

    /// What the program gets.
    const std::vector<os::PassedDescriptor>& passed() const noexcept { return passed_; }

    // This process's ends; none if the stream is no pipe.
    Descriptor in{};
    Descriptor out{};
    Descriptor err{};

private:
    /// Has a standard stream of the program lead somewhere.
    /// @param ours  gets this process's end, if there is a pipe
    void lead(int stream, const Target& target, Descriptor& ours);
    int new_pipe(int stream, Descriptor& ours);
    int null_file();
    int standard_output() const noexcept;

    std::size_t pipe_size_;
    std::vector<os::PassedDescriptor> passed_{};
    std::vector<Descriptor> theirs_{};
    int null_ = -1;
};

}  // namespace cohort::subprocess
