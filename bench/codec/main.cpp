// SPDX-License-Identifier: MIT
// Values to bytes and back: cohort's codec against memcpy, cereal and Boost.Serialization.
#include "samples.hpp"

int main(int argc, char** argv) {
    const bench::Samples samples;
    bench::Workload workload("codec", "Values to bytes and back, in memory that is used again.");
    bench::add_cohort(workload, samples);
    bench::add_memcpy(workload, samples);
    bench::add_cereal(workload, samples);
#ifdef COHORT_BENCH_BOOST
    bench::add_boost(workload, samples);
#else
    workload.skip("Boost.Serialization", "boost/archive/binary_oarchive.hpp is not installed");
#endif
    return workload.run(argc, argv, 7);
}
