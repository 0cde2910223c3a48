// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/connection.hpp>

#include "channel/end.hpp"

namespace cohort::channel {

/// Makes handles of ends.
struct ConnectionMaker {
    static Connection make(std::shared_ptr<End> end) noexcept { return Connection(std::move(end)); }
};

}  // namespace cohort::channel
