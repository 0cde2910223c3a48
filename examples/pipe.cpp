// SPDX-License-Identifier: MIT
// What the README shows of pipes.
#include <cohort/cohort.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

// [pipe]
void sum_up(const cohort::Connection& end) {
    int sum = 0;
    try {
        for (;;)
            for (int n : end.recv<std::vector<int>>()) sum += n;
    } catch (const cohort::EofError&) {  // the other end is closed
        std::cout << "sum " << sum << '\n';
    }
}

void pipes() {
    auto [ours, theirs] = cohort::Pipe();
    cohort::Process child(sum_up, std::move(theirs));
    child.start();
    ours.send(std::vector{1, 2, 3});
    ours.send(std::vector{4, 5, 6});
    ours.close();
    child.join();
}
// [/pipe]

// [wait]
void work(const cohort::Connection& out, const std::string& name) {
    out.send(name + " has begun");
    if (name == "second") std::abort();
    out.send(name + " is done");
}

void waiting() {
    std::vector<cohort::Connection> readers;
    std::vector<cohort::Process> children;
    for (const char* name : {"first", "second"}) {
        auto [reader, writer] = cohort::Pipe({.duplex = false});
        children.emplace_back(work, std::move(writer), name).start();
        readers.push_back(reader);
    }
    while (!readers.empty()) {
        for (const cohort::Waitable& ready : cohort::wait(readers)) {
            const auto reader = std::find(readers.begin(), readers.end(), ready);
            try {
                std::cout << reader->recv<std::string>() << '\n';
            } catch (const cohort::EofError&) {  // its child has ended, however it did
                readers.erase(reader);
            }
        }
    }
}
// [/wait]

}  // namespace

int main() {
    pipes();
    waiting();
}
