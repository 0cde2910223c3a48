// SPDX-License-Identifier: MIT
#include <cohort/channel/pipe.hpp>

#include "channel/ends.hpp"
#include "channel/maker.hpp"

namespace cohort {

std::pair<Connection, Connection> Pipe(PipeOptions options) {
    const channel::EndRights first{.readable = true, .writable = options.duplex};
    const channel::EndRights second{.readable = options.duplex, .writable = true};
    auto [one, other] = channel::Ends::make_pipe(first, second);
    return {channel::ConnectionMaker::make(std::move(one)), channel::ConnectionMaker::make(std::move(other))};
}

}  // namespace cohort
