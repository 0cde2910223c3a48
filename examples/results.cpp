// SPDX-License-Identifier: MIT
// Results that come while the program does something else.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

// [async]
int square(int n) {
    return n * n;
}

void asynchronous() {
    cohort::Pool pool(2);
    const cohort::AsyncResult<int> later = pool.apply_async(square, 12);
    pool.apply_async(square, cohort::args(5), {.callback = [](int n) { std::cout << "5: " << n << '\n'; }}).wait();
    std::cout << "12: " << later.get() << '\n';

    int sum = 0;
    for (const int n : pool.imap(square, cohort::range(1, 1'000'000'000))) {  // read as it is needed
        if (n > 50) break;
        sum += n;
    }
    std::cout << "sum " << sum << '\n';
}
// [/async]

}  // namespace

int main() {
    asynchronous();
}
