// SPDX-License-Identifier: MIT
// Python has no value for what stays in one process.
// expect: cohort: Python has no value for this type
#include <cohort/serial/object.hpp>

#include <mutex>
#include <vector>

cohort::Object list(const std::vector<int>& numbers, const std::mutex& mutex) {
#ifdef CURED
    static_cast<void>(mutex);
    return cohort::Object::from(numbers);
#else
    static_cast<void>(numbers);
    return cohort::Object::from(mutex);
#endif
}
