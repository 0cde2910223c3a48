// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/process/process.hpp>

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cohort {

namespace process {
class ParentWatch;
}

/// The process that started this one (multiprocessing.parent_process).
///
/// Thread safety: a value; its members may be called by several threads at once.
class COHORT_API ParentProcess {
public:
    /// Made by parent_process().
    ParentProcess(std::string name, pid_t pid, std::shared_ptr<const process::ParentWatch> watch);
    ~ParentProcess();
    ParentProcess(const ParentProcess&);
    ParentProcess& operator=(const ParentProcess&);

    /// The name that the parent had when it started this process.
    const std::string& name() const noexcept { return name_; }
    /// The process id of the parent.
    pid_t pid() const noexcept { return pid_; }
    /// Whether the parent has not ended.
    bool is_alive() const;
    /// Waits for the end of the parent.
    /// @returns whether it has ended
    bool join(Timeout timeout = forever) const;

private:
    std::string name_;
    pid_t pid_;
    std::shared_ptr<const process::ParentWatch> watch_;
};

/// What active_children() tells of a child.
struct ProcessInfo {
    pid_t pid = 0;                  ///< its process id
    std::string name{};             ///< as Process::name()
    bool daemon = false;            ///< as Process::daemon()
    std::optional<int> exitcode{};  ///< as Process::exitcode()
};

/// The process that calls: `MainProcess`, or what its parent named it. Only for reading.
COHORT_API const Process& current_process();

/// The process that started this one; empty in the main process.
COHORT_API std::optional<ParentProcess> parent_process();

/// The living children that this process started. Reaps those that have ended, as Python's does.
COHORT_API std::vector<ProcessInfo> active_children();

/// Sets the calling process's key; children that are created later inherit it.
COHORT_API void set_authkey(std::string key);

/// How many processors this process may use: the smaller of its affinity mask and its control group's quota, at
/// least 1.
COHORT_API int cpu_count();

/// Names what the forkserver runs once, after its start and before its first child: its results are in the memory of
/// every later child of the forkserver (multiprocessing.set_forkserver_preload). If it throws, the exception is printed
/// on stderr and Process::start() throws Error.
/// @param callable  a function, or a lambda without captures
COHORT_API void set_forkserver_preload(void (*callable)());

}  // namespace cohort
