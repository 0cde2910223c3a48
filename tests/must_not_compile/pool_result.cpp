// SPDX-License-Identifier: MIT
// A result that cannot travel.
// expect: cohort: a raw pointer cannot be sent
#include <cohort/pool/pool.hpp>

#include <memory>

#ifdef CURED
std::unique_ptr<int> make() {
    return std::make_unique<int>(1);
}
#else
int* make() {
    return nullptr;
}
#endif

void use(cohort::Pool& pool) {
    pool.apply(make);
}
