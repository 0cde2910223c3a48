// SPDX-License-Identifier: MIT
#include "process/name_tracker_process.hpp"

#include "os/background.hpp"
#include "os/exit.hpp"
#include "os/pipe.hpp"
#include "process/background_process.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <set>
#include <span>
#include <tuple>

namespace cohort::process {

namespace {

/// The names of a tree. One thread, in a process of its own.
class NameList {
public:
    void note(const NameMessage& message) {
        const std::size_t bytes = std::min<std::size_t>(message.name_bytes, NAME_MAX);
        Entry entry{std::string(message.name, bytes), message.file.device, message.file.inode};
        if (message.kind == NameMessage::added)
            entries_.insert(std::move(entry));
        else
            entries_.erase(entry);
    }

    void remove_all() const noexcept {
        for (const auto& [name, device, inode] : entries_) os::remove_shared_name_of(name, {device, inode});
    }

private:
    using Entry = std::tuple<std::string, std::uint64_t, std::uint64_t>;
    std::set<Entry> entries_;
};

/// Notes what the tree tells until its last process has ended.
void take_notes(int pipe, NameList& names) {
    std::array<NameMessage, 32> messages;
    const auto buffer = std::as_writable_bytes(std::span(messages));
    std::size_t filled = 0;
    for (;;) {
        const std::ptrdiff_t more = os::read_plainly(pipe, buffer.subspan(filled));
        if (more <= 0) return;
        filled += static_cast<std::size_t>(more);
        const std::size_t whole = filled / sizeof(NameMessage);
        for (std::size_t index = 0; index < whole; ++index) names.note(messages[index]);
        filled -= whole * sizeof(NameMessage);
        std::memmove(buffer.data(), buffer.data() + whole * sizeof(NameMessage), filled);
    }
}

[[noreturn]] void track(int pipe) {
    os::continue_in_background("cohort-tracker", std::span(&pipe, 1));
    NameList names;
    try {
        take_notes(pipe, names);
    } catch (const std::bad_alloc&) {
        // What is known so far is removed when the tree has ended; the tree goes on.
        os::wait_for_end(pipe);
    }
    names.remove_all();
    os::exit_now(0);
}

}  // namespace

void start_name_tracker(int reading_end) {
    start_background<track>(reading_end);
}

}  // namespace cohort::process
