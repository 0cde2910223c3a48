// SPDX-License-Identifier: MIT
// Work that waits for something else than a processor.
#include <cohort/cohort.hpp>

#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

// [threads]
struct File {
    std::string path;
    std::string first_line{};
};

void wait_until_stopped(const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
}

void threads() {
    cohort::ThreadPool pool(2);
    std::vector<File> files{{"/proc/sys/kernel/ostype"}, {"/proc/self/comm"}};
    pool.map(
        [](File& file) {
            std::ifstream in(file.path);
            std::getline(in, file.first_line);
        },
        files);
    std::cout << files[0].first_line << ' ' << files[1].first_line << '\n';

    const auto result = pool.apply_async(wait_until_stopped);
    result.cancel();  // a thread cannot be ended: the task is asked to stop
    result.wait();
    std::cout << "stopped\n";
}
// [/threads]

}  // namespace

int main() {
    threads();
}
