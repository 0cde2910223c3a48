// SPDX-License-Identifier: MIT
#include "ring/bare_rings.hpp"
#include "ring/transport.hpp"

namespace bench {

namespace {

template <class Waiting>
using Index = IndexEnds<Message, kCells, Waiting>;
template <class Waiting>
using Vyukov = VyukovEnds<Message, kCells, Waiting>;

}  // namespace

std::vector<Contender> bare_contenders() {
    return {{"bare index ring, polled", true, 1, 1, make_transport<Index<BusyPoll>>},
            {"bare index ring, sleep", false, 1, 1, make_transport<Index<SleepAtOnce>>},
            {"bare index ring, spin+sleep", false, 1, 1, make_transport<Index<SpinThenSleep>>},
            {"bare Vyukov ring, polled", true, 8, 8, make_transport<Vyukov<BusyPoll>>},
            {"bare Vyukov ring, sleep", false, 8, 8, make_transport<Vyukov<SleepAtOnce>>},
            {"bare Vyukov ring, spin+sleep", false, 8, 8, make_transport<Vyukov<SpinThenSleep>>}};
}

}  // namespace bench
