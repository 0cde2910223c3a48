// SPDX-License-Identifier: MIT
#include <vector>

#include "queue/contenders.hpp"
#include "queue/letters.hpp"

#if defined(COHORT_BENCH_BOOST)
#include "ring/boost_ends.hpp"
#endif

namespace bench {

#if defined(COHORT_BENCH_BOOST)

namespace {

constexpr const char* kName = "Boost message_queue";

struct BoostWay {
    BoostEnds<Letter> ends{1};
    void send(Letter letter) { BoostEnds<Letter>::Sender(ends).send(letter); }
    Letter receive() {
        Letter letter;
        BoostEnds<Letter>::Receiver(ends).receive(letter);
        return letter;
    }
};

}  // namespace

std::optional<Contender> boost_queue(std::size_t bytes) {
    if (bytes == kSmall) return contender<BoostEnds<MessageOf<kSmall>>>(kName, 1'500'000, cells_for(kSmall));
    return contender<BoostEnds<std::vector<std::byte>>>(kName, messages_for(bytes), cells_for(bytes), bytes);
}

double boost_trip(Place place) {
    return figure_apart([=] { return trip<BoostWay>(place, 3'000); });
}

#else

std::optional<Contender> boost_queue(std::size_t) {
    return {};
}
double boost_trip(Place) {
    return 0;
}

#endif

}  // namespace bench
