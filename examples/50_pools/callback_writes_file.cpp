// SPDX-License-Identifier: MIT
// Workers compute, one callback at a time writes: a file with one writer needs no lock.
#include <cohort/cohort.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

namespace {

int square(int n) {
    return n * n;
}

}  // namespace

int main() {
    const auto path =
        std::filesystem::temp_directory_path() / ("squares-" + std::to_string(*cohort::current_process().pid()));
    cohort::Pool pool;
    for (const int i : cohort::range(10)) {
        const auto write = [&path](int result) { std::ofstream(path, std::ios::app) << result << '\n'; };
        pool.apply_async(square, cohort::args(i), {.callback = write});
    }
    pool.close();
    pool.join();

    std::set<int> lines;
    std::ifstream file(path);
    for (int line = 0; file >> line;) lines.insert(line);
    for (const int line : lines) std::cout << line << '\n';
    std::filesystem::remove(path);
}
