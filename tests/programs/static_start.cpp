// SPDX-License-Identifier: MIT
// Processes and a pool that are started before main, by initializers of static objects. EARLY_METHOD in the
// environment: how.
#include <cohort/base/errors.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>

#include "programs/program.hpp"

#include <cstdlib>
#include <optional>
#include <string>

namespace {

using cohort::Pool;
using cohort::Process;
using cohort::test::say;

cohort::StartMethod early_method() {
    const char* method = std::getenv("EARLY_METHOD");
    return cohort::test::method_of(method ? method : "fork");
}

int square(int i) {
    return i * i;
}

std::optional<Pool> pool;

const bool began = [] {
    try {
        Process child({.start_method = early_method()}, [] { say("child"); });
        child.start();
        child.join();
        pool.emplace(cohort::PoolOptions{.processes = 1, .start_method = early_method()});
        say("squared " + std::to_string(pool->map(square, {1, 2, 3}).back()));
    } catch (const cohort::Error& error) {
        say(error.what());
    }
    return true;
}();

}  // namespace

int main(int argc, char**) {
    const int more = argc + 4;
    if (pool) say("main " + std::to_string(pool->apply([more](int i) { return i + more; }, 37)));
    pool.reset();
}
