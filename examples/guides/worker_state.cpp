// SPDX-License-Identifier: MIT
// What workers keep from one task to the next.
#include <cohort/cohort.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

// [state]
struct Dictionary {
    explicit Dictionary(const std::string& path) : file(path) {  // read once in each worker
        for (std::string word; file >> word;) numbers.emplace(word, numbers.size() + 1);
    }
    std::ifstream file;  // need not be of a kind that can be sent
    std::map<std::string, std::size_t> numbers{};
};

std::size_t number_of(const std::string& path, const std::string& word) {
    const auto& dictionary = cohort::worker_state<Dictionary>(path);
    const auto found = dictionary.numbers.find(word);
    return found == dictionary.numbers.end() ? 0 : found->second;
}

void look_up(const std::string& path) {
    cohort::Pool pool(2);
    const std::vector<std::string> words{"one", "three", "five"};
    for (const std::size_t number : pool.map(cohort::partial(number_of, path), words)) std::cout << number << ' ';
    std::cout << '\n';
}
// [/state]

// NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
// [life]
std::string greeting() {
    return std::string(std::getenv("GREETING")) + " from " + cohort::current_process().name();
}

void lives() {
    const cohort::Value<int> left(0);
    {
        cohort::Pool pool({.processes = 1,
                           .maxtasksperchild = 1,  // one task each, for what leaks
                           .name = "greeter",
                           .memory_recycle = 512'000'000,  // or when it has grown by so many bytes
                           .idle_timeout = std::chrono::minutes(10),
                           .env = {{"GREETING", "hello"}},
                           .worker_exit = cohort::partial([](const cohort::Value<int>& n) { n.fetch_add(1); }, left)});
        std::cout << pool.apply(greeting) << '\n' << pool.apply(greeting) << '\n';
        pool.close();
        pool.join();
    }
    std::cout << "left: " << (left.value() >= 2 ? "both" : "?") << '\n';
}
// [/life]
// NOLINTEND(concurrency-mt-unsafe)

// [stats]
void watch() {
    cohort::Pool pool(1);
    pool.map([](int n) { return n; }, cohort::range(100));
    pool.resize(3);
    std::size_t tasks = 0;
    for (const cohort::WorkerStats& worker : pool.stats().workers) tasks += worker.tasks;
    std::cout << tasks << " tasks, " << pool.worker_pids().size() << " workers\n";
}
// [/stats]

}  // namespace

int main(int, char** argv) {
    const std::string path = std::string(argv[0]) + ".words";
    std::ofstream(path) << "one two three\n";
    look_up(path);
    std::remove(path.c_str());
    lives();
    watch();
}
