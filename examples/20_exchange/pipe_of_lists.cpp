// SPDX-License-Identifier: MIT
// Lists come out of a pipe as they went in, one for each send().
#include <cohort/cohort.hpp>

#include <iostream>
#include <utility>
#include <vector>

namespace {

void send_lists(const cohort::Connection& end) {
    end.send(std::vector{1, 2, 3});
    end.send(std::vector{4, 5, 6});
    end.close();
}

}  // namespace

int main() {
    auto [ours, theirs] = cohort::Pipe();
    cohort::Process child(send_lists, std::move(theirs));
    child.start();
    for (int lists = 0; lists != 2; ++lists) {
        for (const int n : ours.recv<std::vector<int>>()) std::cout << n << ' ';
        std::cout << '\n';
    }
    child.join();
}
