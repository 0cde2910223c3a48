// SPDX-License-Identifier: MIT
#include <cohort/serial/pickle.hpp>

#include "serial/pickle/reader.hpp"

namespace cohort::pickle {

Object loads(std::span<const std::byte> bytes, const Limits& limits) {
    return Reader(bytes, limits).run();
}

}  // namespace cohort::pickle
