// SPDX-License-Identifier: MIT
// The file of the program is replaced, then deleted, while the program runs: children are still the same program.
#include "programs/program.hpp"

#include <filesystem>
#include <fstream>

namespace {

const char* const kBuild = __DATE__ " " __TIME__;

void run_child(cohort::StartMethod method) {
    cohort::Process p(
        {.start_method = method},
        [](const std::string& build) { cohort::test::say(build == kBuild ? "same" : "other"); }, kBuild);
    p.start();
    p.join();
}

}  // namespace

int main(int, char** argv) {
    const auto method = cohort::test::method_of(argv[1]);
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
    std::filesystem::remove(own);
    std::ofstream(own) << "#!/bin/sh\necho replaced\n";
    std::filesystem::permissions(own, std::filesystem::perms::owner_all);
    run_child(method);
    std::filesystem::remove(own);
    run_child(method);
}
