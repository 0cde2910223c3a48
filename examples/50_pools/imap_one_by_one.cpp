// SPDX-License-Identifier: MIT
// imap() hands over one result after the other, while the tasks behind it still run.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

int square(cohort::Event& some_are_printed, int n) {
    if (n == 4) some_are_printed.wait();
    return n * n;
}

int slow_first(cohort::Event& others_are_printed, int n) {
    if (n == 0) others_are_printed.wait();
    return n * n;
}

}  // namespace

int main() {
    cohort::Pool pool(2);
    cohort::Event some_are_printed;
    for (const int result : pool.imap(cohort::partial(square, some_are_printed), cohort::range(5))) {
        std::cout << result << ' ';
        some_are_printed.set();
    }
    std::cout << '\n';

    cohort::Event others_are_printed;  // not in the order of the items, but as tasks end
    for (const int result : pool.imap_unordered(cohort::partial(slow_first, others_are_printed), cohort::range(4))) {
        std::cout << result << ' ';
        if (result == 9) others_are_printed.set();
    }
    std::cout << '\n';
}
