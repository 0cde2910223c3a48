// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/serial/handle_memory.hpp>

#include "channel/end.hpp"

#include <memory>
#include <utility>

namespace cohort::channel {

/// Something that holds handles to be taken elsewhere: the call of a process that has not started.
class HandleHolder {
public:
    virtual ~HandleHolder() = default;
    virtual void visit_handle_memory(serial::HandleMemory visit) const = 0;
};

/// All pipe ends of this process, and the calls that hold some of them.
///
/// A forked child inherits every descriptor. The list lets it close those that were not meant for it: the other side of
/// an end that it was given, and what was moved into another process.
///
/// Thread safety: safe. FORK: the lock is held over every fork of the program, so that the child finds the list whole.
class Ends {
public:
    /// A new pipe.
    static std::pair<std::shared_ptr<End>, std::shared_ptr<End>> make_pipe(EndRights first, EndRights second);

    /// The end of a new stream.
    static std::shared_ptr<End> make_stream(Descriptor descriptor, std::unique_ptr<const Stream> stream);

    /// The end for a descriptor that came from elsewhere. If this process has that end open, it is that one, and the
    /// descriptor is closed: all handles of an end in a process are copies of each other.
    /// @param stream  null for the end of a pipe
    static std::shared_ptr<End> adopt(Descriptor descriptor, EndIdentity identity, EndRights rights,
                                      std::unique_ptr<const Stream> stream);

    /// Whether there is any: else nobody needs to look for them.
    static bool any() noexcept;

    /// A call that holds handles, until remove_holder().
    static void add_holder(const HandleHolder& holder);
    static void remove_holder(const HandleHolder& holder) noexcept;

    /// In a new forked child: closes what was not meant for it, and forgets `given` as a holder.
    /// @param given  the call that this child makes; may be null
    static void settle_after_fork(const HandleHolder* given);

private:
    friend class End;

    static void close(End& end) noexcept;
    static void remove(End& end) noexcept;
};

}  // namespace cohort::channel
