// SPDX-License-Identifier: MIT
#include "ring/transport.hpp"

#if defined(COHORT_BENCH_BOOST)
#include "ring/boost_ends.hpp"
#endif

namespace bench {

std::vector<Contender> boost_contenders() {
#if defined(COHORT_BENCH_BOOST)
    return {{"Boost message_queue", false, 8, 8,
             []() -> std::unique_ptr<Transport> { return std::make_unique<TransportOf<BoostEnds<Message>>>(kCells); }}};
#else
    return {};
#endif
}

}  // namespace bench
