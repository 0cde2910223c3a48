// SPDX-License-Identifier: MIT
// A class of daemonic processes, with a name of its own: main does not wait for them, so Egon never comes to his end.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

class Piao : public cohort::ProcessOf<Piao> {
public:
    Piao() = default;
    explicit Piao(std::string name) : ProcessOf({.name = std::move(name), .daemon = true}) {}

    void run() override {
        std::cout << name() << " is piaoing" << std::endl;
        std::this_thread::sleep_for(1min);
        std::cout << name() << " is piao end" << std::endl;
    }

    template <class Archive>
    void serialize(Archive&) {}  // no fields: the name travels by itself
};

}  // namespace

int main() {
    Piao egon("Egon");
    egon.start();
    std::cout << "master" << std::endl;
}
