// SPDX-License-Identifier: MIT
// Rings without any bookkeeping for crashes, which spin as long as that pays, then sleep.
#include "queue/contenders.hpp"
#include "ring/bare_rings.hpp"

namespace bench {

namespace {

template <std::size_t kBytes>
using Spsc = IndexEnds<MessageOf<kBytes>, cells_for(kBytes), SpinThenSleep>;

constexpr const char* kName = "bare SPSC ring";

}  // namespace

Contender bare_spsc(std::size_t bytes) {
    if (bytes == kMedium) return contender<Spsc<kMedium>>(kName, 20'000);
    if (bytes == kLarge) return contender<Spsc<kLarge>>(kName, 2'000);
    return contender<Spsc<kSmall>>(kName, 3'000'000);
}

Contender bare_mpmc() {
    return contender<VyukovEnds<MessageOf<kSmall>, cells_for(kSmall), SpinThenSleep>>("bare MPMC ring", 3'000'000);
}

}  // namespace bench
