// SPDX-License-Identifier: MIT
// Both the argument and the result cannot travel: that is said once.
// expect: cohort: an aggregate with bit-fields or packed fields needs a cereal serialize function
// expect: Flags
#include <cohort/pool/pool.hpp>

struct Flags {
#ifdef CURED
    int low, high;
#else
    int low : 3, high : 4;
#endif
};

Flags turn(Flags flags) {
    return {flags.high, flags.low};
}

Flags use(cohort::Pool& pool, Flags flags) {
    return pool.apply(turn, flags);
}
