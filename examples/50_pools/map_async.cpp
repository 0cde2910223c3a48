// SPDX-License-Identifier: MIT
// map_async() is a map() that does not wait: the program goes on meanwhile.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

int square(cohort::Event& printed, int i) {
    printed.wait();
    return i * i;
}

}  // namespace

int main() {
    cohort::Event printed;
    cohort::Pool pool(3);
    const auto result = pool.map_async(cohort::partial(square, printed), cohort::range(7));
    std::cout << "ready: " << std::boolalpha << result.ready() << '\n';
    printed.set();
    pool.close();
    pool.join();
    for (const int each : result.get()) std::cout << each << '\n';
    std::cout << "...end" << std::endl;
}
