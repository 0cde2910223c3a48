// SPDX-License-Identifier: MIT
#include "queue/contenders.hpp"

#if defined(COHORT_BENCH_BOOST)
#include "ring/boost_ends.hpp"
#endif

namespace bench {

#if defined(COHORT_BENCH_BOOST)

namespace {

template <std::size_t kBytes>
using Ends = BoostEnds<MessageOf<kBytes>, cells_for(kBytes)>;

constexpr const char* kName = "Boost message_queue";

}  // namespace

std::optional<Contender> boost_queue(std::size_t bytes) {
    if (bytes == kMedium) return contender<Ends<kMedium>>(kName, 15'000);
    if (bytes == kLarge) return contender<Ends<kLarge>>(kName, 2'000);
    return contender<Ends<kSmall>>(kName, 1'500'000);
}

#else

std::optional<Contender> boost_queue(std::size_t) {
    return {};
}

#endif

}  // namespace bench
