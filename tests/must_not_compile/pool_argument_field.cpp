// SPDX-License-Identifier: MIT
// The field that is to blame is named, not the argument that has it.
// expect: cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a
// std::shared_ptr expect: double
#include <cohort/pool/pool.hpp>

#include <vector>

struct Series {
    int number;
#ifdef CURED
    std::vector<double> values;
#else
    double* values;
#endif
};

int number(const Series& series) {
    return series.number;
}

int use(cohort::Pool& pool, const Series& series) {
    return pool.apply(number, series);
}
