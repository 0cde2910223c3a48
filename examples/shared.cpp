// SPDX-License-Identifier: MIT
// What the README shows of queues and shared values.
#include <cohort/cohort.hpp>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>

namespace {

// [queue]
void count_words(const cohort::Queue<std::string>& lines, cohort::Value<long> words) {
    for (const std::string& line : lines) {  // until the queue is closed and empty
        long count = 0;
        for (std::size_t i = 0; i != line.size(); ++i) count += line[i] != ' ' && (i == 0 || line[i - 1] == ' ');
        std::scoped_lock guard(words);
        *words += count;
    }
}

void queues() {
    cohort::Queue<std::string> lines;
    cohort::Value<long> words;
    cohort::Process first(count_words, lines, words);
    cohort::Process second(count_words, lines, words);
    first.start();
    second.start();
    for (int i = 0; i != 100; ++i) lines.put("to be or not to be");
    lines.close();
    first.join();
    second.join();
    std::cout << words.value() << " words\n";
}
// [/queue]

// [lock]
void die_with(cohort::Lock lock) {
    lock.acquire();
    std::abort();
}

void locks() {
    cohort::Lock lock;
    cohort::Process child(die_with, lock);
    child.start();
    child.join();
    std::scoped_lock guard(lock);  // a dead holder blocks nobody
    std::cout << "abandoned: " << std::boolalpha << lock.abandoned() << '\n';
}
// [/lock]

}  // namespace

int main() {
    queues();
    locks();
}
