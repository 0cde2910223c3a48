// SPDX-License-Identifier: MIT
// A program that takes the status of a child itself: at exit its other child is joined all the same. The second
// argument is the pipe that releases that one.
#include "conformance/mailbox.hpp"
#include "programs/program.hpp"

#include <sys/wait.h>

int main(int, char** argv) {
    const cohort::ProcessOptions options{.start_method = cohort::test::method_of(argv[1])};
    cohort::Process reaped(options, [] {});
    reaped.start();
    ::waitpid(*reaped.pid(), nullptr, 0);
    cohort::Process later(
        options, [](const cohort::test::Mailbox& release) { cohort::test::say(release.take()); },
        cohort::test::Mailbox{argv[2]});
    later.start();
    cohort::test::say("main ends");
    return 4;
}
