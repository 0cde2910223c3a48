// SPDX-License-Identifier: MIT
#include "support/machine.hpp"

#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <thread>

#include "support/command.hpp"

#if __has_include(<boost/version.hpp>)
#include <boost/version.hpp>
#endif
#if __has_include(<oneapi/tbb/version.h>)
#include <oneapi/tbb/version.h>
#endif
#if __has_include(<zmq.h>)
#include <zmq.h>
#endif

namespace bench {

namespace {

std::string processor() {
    std::ifstream information("/proc/cpuinfo");
    for (std::string line; std::getline(information, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown";
}

std::string kernel() {
    utsname names{};
    ::uname(&names);
    return std::string(names.sysname) + " " + names.release;
}

[[maybe_unused]] std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

nlohmann::json machine() {
    return {{"processor", processor()},
            {"cores", std::thread::hardware_concurrency()},
            {"kernel", kernel()},
            {"compiler", __VERSION__}};
}

nlohmann::json versions() {
    nlohmann::json all{{"cohort", COHORT_BENCH_VERSION}};
#ifdef BOOST_VERSION
    all["Boost"] = dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
#endif
#ifdef TBB_VERSION_MAJOR
    all["oneTBB"] = dotted(TBB_VERSION_MAJOR, TBB_VERSION_MINOR, TBB_VERSION_PATCH);
#endif
#ifdef ZMQ_VERSION
    all["ZeroMQ"] = dotted(ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH);
#endif
#ifdef COHORT_BENCH_MPI_VERSION
    all["Open MPI"] = COHORT_BENCH_MPI_VERSION;
#endif
    if (has_python())
        all["CPython"] = word_of_command("python3 -c 'import platform; print(platform.python_version())'");
    return all;
}

}  // namespace bench
