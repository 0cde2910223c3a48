// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace cohort::test {

/// What /proc/<pid>/stat says.
struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    char state = '?';  ///< Z: ended, but not reaped
    std::string name{};
};

/// The names in a folder, without `.` and `..`; none if there is no such folder.
std::vector<std::string> names_in(const std::string& folder);

/// The text of a small file; empty if it cannot be read.
std::string text_of_file(const std::string& path);

/// Makes this process the leader of a process group, by which its descendants are found even when they are orphans.
void lead_group();

/// The processes that come from `root`: its children and theirs, and the orphans of its process group.
/// Orphans that ended and wait for init are none.
std::vector<ProcessEntry> descendants(pid_t root);

/// `pid 12 (sleep), state S, parent 11`
std::string to_string(const ProcessEntry& process);

}  // namespace cohort::test
