// SPDX-License-Identifier: MIT
// A class of processes: run() is what its objects do in theirs. They are named after the class and numbered.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

class Greeter : public cohort::ProcessOf<Greeter> {
public:
    Greeter() = default;
    explicit Greeter(std::string greeting) : greeting_(std::move(greeting)) {}

    void run() override { std::cout << name() << " (" << *pid() << "): " << greeting_ << std::endl; }

    // How the fields reach a child that is not forked.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(greeting_);
    }

private:
    std::string greeting_;
};

}  // namespace

int main() {
    std::vector<Greeter> greeters;
    for (const char* greeting : {"hello", "hi", "good morning"}) greeters.emplace_back(greeting).start();
    for (Greeter& greeter : greeters) greeter.join();
    std::cout << "end...\n";
}
