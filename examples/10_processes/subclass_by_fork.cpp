// SPDX-License-Identifier: MIT
// The shortest class of processes. A forked child has a copy of all memory, so that its fields need no codec.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

class P : public cohort::Process {
public:
    void run() override {
        std::cout << "Run child process " << name() << " (" << *pid() << ")...\n";
        std::cout << name() << " is done\n";
    }
};

}  // namespace

int main() {
    P p;
    p.start();
    p.join();
}
