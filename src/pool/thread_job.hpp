// SPDX-License-Identifier: MIT
#pragma once

#include "pool/any_job.hpp"

#include <cohort/pool/detail/local_call.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace cohort::pool {

/// A call in the hands of a pool of threads.
///
/// Thread safety: none; the ThreadCore that has it guards it.
class ThreadJob : public AnyJob {
public:
    /// @param holder  keeps the call where items may run longer than the caller waits; may be null
    /// @throws ValueError  the timeout is not positive; retries that cannot be
    ThreadJob(detail::LocalCall& the_call, const detail::JobOptions& options, std::shared_ptr<const void> holder,
              bool it_streams = false)
        : AnyJob(the_call, options, it_streams),
          call(the_call),
          keeper(std::move(holder)),
          chunk(std::max<std::size_t>(1, options.chunksize)) {
        if (retries == 0) return;
        if (!retry_if)
            throw ValueError("threads do not die: .retries are for the errors that .retry_if chooses, which is empty");
        if (!call.is_repeatable())
            throw ValueError("a task that may be run again needs copies of its arguments, which these cannot be");
    }

    /// Who keeps the call while an item runs that nobody waits for.
    std::shared_ptr<const void> holder() const { return keeper ? keeper : async; }

    detail::LocalCall& call;
    const std::shared_ptr<const void> keeper;
    const std::size_t chunk;  ///< how many items a thread takes at once
    std::size_t running = 0;  ///< items that run, and are not over their time
    bool abandoned = false;   ///< nobody wants the outcomes
    bool is_to_stop = false;  ///< nothing is run again
};

}  // namespace cohort::pool
