// SPDX-License-Identifier: MIT
#pragma once

namespace bench {

/// On which cores the two processes run.
enum class Place { same_core, two_cores };

// Each gives the microseconds of one message of 64 bytes there and back between two new processes, over
// two queues. The second answers at once; the content is compared; throws if it is wrong.
double cohort_trip(Place place);
double futex_trip(Place place);
double spinning_trip();           ///< on two cores
double boost_trip(Place place);   ///< REQUIRES: boost_queue() is not empty
double zeromq_trip(Place place);  ///< REQUIRES: zeromq() is not empty
double python_trip(Place place);

// The same on two cores when each waited so long that it sleeps, whatever it does before it goes to sleep: each side
// works 100 us before it sends. That time is not counted, only that from a put to the return of the get, there and
// back.
double cohort_trip_asleep();
double futex_trip_asleep();

}  // namespace bench
