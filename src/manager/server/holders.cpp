// SPDX-License-Identifier: MIT
#include "manager/server/holders.hpp"

#include "os/process_identity.hpp"

#include <atomic>
#include <exception>
#include <system_error>
#include <utility>

namespace cohort::manager {

namespace {

// Of all servers of this process: they may share objects of the program.
HolderId next_number() noexcept {
    static std::atomic<HolderId> last{0};
    return ++last;
}

}  // namespace

HolderId Holders::of(pid_t pid) noexcept {
    if (pid <= 0 || pid == os::current_pid()) return 0;
    if (const auto known = processes_.find(pid); known != processes_.end()) return known->second.holder;
    const HolderId holder = first_key_ + next_number();
    try {
        os::Pidfd handle = os::Pidfd::open(pid);
        set_.add(handle.get(), EPOLLIN, holder);
        pids_.emplace(holder, pid);
        processes_.emplace(pid, Process{holder, std::move(handle)});
        return holder;
    } catch (const std::system_error& error) {
        return error.code() == std::errc::no_such_process ? holder : 0;
    } catch (const std::exception&) {
        return 0;
    }
}

HolderId Holders::take_end(std::uint64_t key) noexcept {
    const auto found = pids_.find(key);
    if (found == pids_.end()) return 0;
    processes_.erase(found->second);
    pids_.erase(found);
    return key;
}

}  // namespace cohort::manager
