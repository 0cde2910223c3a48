// SPDX-License-Identifier: MIT
// Who runs which exit handlers and static destructors: each process those that it registered or constructed itself.
#include "programs/program.hpp"

#include <cstdlib>

using cohort::test::say;

namespace {

class Static {
public:
    Static() : constructed_in_(::getpid()) {}
    ~Static() {
        if (::getpid() != constructed_in_) say("static of another process destroyed");
        if (in_main) say("static of main destroyed");
    }
    static inline bool in_main = false;

private:
    pid_t constructed_in_;
};
Static object;

void work() {
    std::atexit([] { say("child's handler"); });
    say("work");
}

}  // namespace

int main(int, char** argv) {
    Static::in_main = true;
    std::atexit([] { say("main's handler"); });
    cohort::Process p({.start_method = cohort::test::method_of(argv[1])}, work);
    p.start();
    p.join();
    return p.exitcode().value();
}
