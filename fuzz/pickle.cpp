// SPDX-License-Identifier: MIT
// Pickles out of arbitrary bytes: a value is read or the message refused, no allocation is out of proportion, and what
// was read comes back the same from the pickle that it makes.
#include <cohort/base/errors.hpp>
#include <cohort/serial/pickle.hpp>

#include "allocations.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace {

using cohort::Object;

// Values are compared by their pickles: a NaN equals nothing. The first may name parts that it does not need.
void check_way_back(const Object& value) {
    const Object again = cohort::pickle::loads(cohort::pickle::dumps(value));
    fuzz::require(again.kind() == value.kind());
    const std::vector<std::byte> bytes = cohort::pickle::dumps(again);
    fuzz::require(cohort::pickle::dumps(cohort::pickle::loads(bytes)) == bytes);
}

void use(const Object& value) {
    try {
        static_cast<void>(value.repr());
        static_cast<void>(value.str());
        static_cast<void>(value == Object(value));
        static_cast<void>(value.hash());
        static_cast<void>(value < Object(value));
    } catch (const cohort::TypeError&) {
    } catch (const cohort::ValueError&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    static_cast<void>(Object(1).hash());
    fuzz::watch_allocations();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const cohort::pickle::Limits limits{.integer_bytes = 1000, .parts = 10000, .growth = 4};
    fuzz::largest_allocation = 0;
    Object value;
    try {
        value = cohort::pickle::loads(std::as_bytes(std::span(data, size)), limits);
    } catch (const cohort::SerializationError&) {
        fuzz::require(fuzz::largest_allocation <= 256 * size + 8192);
        return 0;
    }
    fuzz::require(fuzz::largest_allocation <= 256 * size + 8192);
    use(value);
    check_way_back(value);
    return 0;
}
