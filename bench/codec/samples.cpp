// SPDX-License-Identifier: MIT
#include "samples.hpp"

#include <chrono>

namespace bench {

Samples::Samples() : few_doubles(8, 1.5), many_doubles(131'072) {
    for (std::size_t i = 0; i < many_doubles.size(); ++i) many_doubles[i] = static_cast<double>(i) / 3;
    for (std::size_t i = 0; i < 10'000; ++i) {
        std::string text = "string number " + std::to_string(i * 7919 % 10'000);
        strings.push_back(text);
        map.emplace(text, "value of " + text);
        Order order{i, {text, "Town"}, {}, i % 2 == 0};
        for (std::uint32_t k = 0; k < 5; ++k) order.items.push_back({k, k + 1, 0.5 * k});
        orders.push_back(std::move(order));
    }
}

double nanoseconds(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    constexpr double kEnough = 5e6;
    for (std::size_t calls = 1;; calls *= 4) {
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < calls; ++i) work();
        const double took = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
        if (took >= kEnough) return took / static_cast<double>(calls);
    }
}

}  // namespace bench
