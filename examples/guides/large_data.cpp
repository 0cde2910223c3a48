// SPDX-License-Identifier: MIT
// Large arguments, results and inputs.
#include <cohort/cohort.hpp>

#include <cstddef>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

// [value]
std::vector<double> halves(const std::vector<double>& numbers) {
    std::vector<double> result(numbers);
    for (double& number : result) number /= 2;
    return result;
}

void by_value() {
    cohort::Pool pool(2);
    const std::vector<double> result = pool.apply(halves, std::vector<double>(1'000'000, 3.0));  // 8 MB each way
    std::cout << result.front() << '\n';
}
// [/value]

// [shared]
void scale(const cohort::RawArray<double>& numbers, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i != end; ++i) numbers[i] *= 2;
}

void in_place() {
    cohort::Pool pool(2);
    cohort::RawArray<double> numbers(1'000'000);
    for (double& number : numbers) number = 1;
    const std::size_t half = numbers.size() / 2;
    pool.starmap(scale, {std::tuple(numbers, std::size_t{0}, half), std::tuple(numbers, half, numbers.size())});
    std::cout << std::accumulate(numbers.begin(), numbers.end(), 0.0) << '\n';
}
// [/shared]

// [forked]
void read_only() {
    std::vector<std::string> table(100'000, "entry");
    const auto length = [&](std::size_t i) { return table[i].size(); };  // nothing of the table is sent
    const auto lengths = cohort::parallel_map(length, cohort::range(table.size()), {.processes = 2});
    std::cout << lengths.size() << '\n';
}
// [/forked]

// [broadcast]
using Dictionary = std::map<std::string, int>;

int translate(const cohort::Broadcast<Dictionary>& dictionary, const std::string& word) {
    return dictionary->at(word);
}

void written_once() {
    cohort::Pool pool(2);
    const cohort::Broadcast dictionary(Dictionary{{"one", 1}, {"two", 2}, {"three", 3}});
    const std::vector<std::string> words{"three", "two", "one"};
    for (const int number : pool.map(cohort::partial(translate, dictionary), words)) std::cout << number;
    std::cout << '\n';
}
// [/broadcast]

// [resident]
std::vector<int>& model() {
    static std::vector<int> the_model;  // each worker has its own
    return the_model;
}

void load(int size) {
    model().assign(static_cast<std::size_t>(size), 7);
}

int look_up(int i) {
    return model()[static_cast<std::size_t>(i)];
}

void once_for_each_worker() {
    cohort::Pool pool({.processes = 2}, load, 1'000'000);
    std::cout << pool.apply(look_up, 999'999) << '\n';
}
// [/resident]

// [stream]
std::size_t size_of(const std::string& line) {
    return line.size();
}

// An input that is made while it is read: a view, a generator or a class of your own would do as well.
std::vector<std::string> lines() {
    return std::vector<std::string>(10'000, std::string(100, 'x'));
}

void stream() {
    cohort::Pool pool(2);
    std::size_t sum = 0;
    for (const std::size_t size : pool.imap_unordered(size_of, lines(), {.chunksize = 100, .buffersize = 1000}))
        sum += size;
    std::cout << sum << '\n';
}
// [/stream]

}  // namespace

int main() {
    by_value();
    in_place();
    read_only();
    written_once();
    once_for_each_worker();
    stream();
}
