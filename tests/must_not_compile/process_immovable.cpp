// SPDX-License-Identifier: MIT
// What can be neither copied nor moved is given by a pointer that owns it.
// expect: cohort: a target and its arguments are stored, and this type can be neither copied nor moved
// expect: Fixed
#include <cohort/process/process.hpp>

#include <memory>

struct Fixed {
    Fixed() = default;
    Fixed(const Fixed&) = delete;
    Fixed& operator=(const Fixed&) = delete;
};

#ifdef CURED
void work(const std::unique_ptr<Fixed>&) {}
cohort::Process process({.name = "worker"}, work, std::make_unique<Fixed>());
#else
void work(const Fixed&) {}
cohort::Process process({.name = "worker"}, work, Fixed());
#endif
