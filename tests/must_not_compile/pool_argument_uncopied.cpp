// SPDX-License-Identifier: MIT
// An argument that cannot be copied is given away.
// expect: cohort: a target and its arguments are stored as copies, and this type cannot be copied: move it in
#include <cohort/pool/pool.hpp>

#include <memory>

int value(const std::unique_ptr<int>& owner) {
    return *owner;
}

int use(cohort::Pool& pool, std::unique_ptr<int> owner) {
#ifdef CURED
    return pool.apply(value, std::move(owner));
#else
    return pool.apply(value, owner);
#endif
}
