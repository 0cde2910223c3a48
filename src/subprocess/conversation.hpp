// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/subprocess/options.hpp>
#include <cohort/subprocess/stream.hpp>

#include "os/poll.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cohort::subprocess {

/// What goes between this process and the pipes of one or several programs, all at once: nobody waits for somebody who
/// waits for him. It can be interrupted by the time at any moment, and goes on with nothing lost.
///
/// Thread safety: one thread at a time. The streams stay the caller's, and outlive it.
class Conversation {
public:
    /// The program is to read this, and then the end.
    void tell(StreamWriter& to, std::string input);

    /// Collects what comes, in the stream itself.
    /// @param on_line  when not empty, gets the lines instead; outlives this object
    void listen(StreamReader& from, const LineFunction& on_line);

    /// Goes on until all that was to be read is written, and all streams have ended; they are closed then.
    /// @returns false when the time is up
    /// Throws what a line function throws; the line was taken then.
    bool go_on(const Deadline& deadline);

    /// What was collected of a stream.
    static const std::string& collected(const StreamReader& stream) noexcept { return stream.buffer_; }
    static std::string take(StreamReader& stream) { return std::exchange(stream.buffer_, {}); }

private:
    struct Telling {
        StreamWriter* to = nullptr;
        std::string input{};
        std::size_t written = 0;
    };
    struct Listening {
        StreamReader* from = nullptr;
        const LineFunction* on_line = nullptr;
        std::size_t searched = 0;  ///< so much of the stream's buffer has no newline
    };

    bool exchange(const Deadline& deadline);
    bool done() const noexcept;
    bool only_listens_to_one() const noexcept;
    bool wait(const Deadline& deadline);
    void write();
    void read(Listening& listening);
    static void deliver(Listening& listening, bool at_end);

    Telling telling_{};
    std::vector<Listening> listening_{};
    std::vector<pollfd> entries_{};  ///< one for each of listening_, and one for telling_; negative: not concerned
};

}  // namespace cohort::subprocess
