// SPDX-License-Identifier: MIT
// Rings without any bookkeeping for crashes, which spin as long as that pays, then sleep.
#include "queue/contenders.hpp"
#include "ring/bare_rings.hpp"

namespace bench {

namespace {

template <std::size_t kBytes>
using Spsc = IndexEnds<MessageOf<kBytes>, cells_for(kBytes), SpinThenSleep>;

constexpr const char* kName = "bare SPSC ring";

template <std::size_t kBytes>
std::optional<Contender> spsc(std::size_t bytes) {
    if (bytes == kBytes) return contender<Spsc<kBytes>>(kName, bytes == kSmall ? 3'000'000 : messages_for(bytes));
    if constexpr (kBytes == kLarge)
        return {};
    else
        return spsc<kBytes * 4>(bytes);
}

}  // namespace

std::optional<Contender> bare_spsc(std::size_t bytes) {
    return spsc<kSmall>(bytes);
}

Contender bare_mpmc() {
    return contender<VyukovEnds<MessageOf<kSmall>, cells_for(kSmall), SpinThenSleep>>("bare MPMC ring", 3'000'000);
}

}  // namespace bench
