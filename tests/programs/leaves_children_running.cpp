// SPDX-License-Identifier: MIT
// main returns 3 while its child still waits for a line of the pipe whose path is the second argument: the program
// joins the child first.
#include "conformance/mailbox.hpp"
#include "programs/program.hpp"

int main(int, char** argv) {
    cohort::Process(
        {.start_method = cohort::test::method_of(argv[1])},
        [](const cohort::test::Mailbox& release) {
            cohort::test::say("child waits");
            cohort::test::say(release.take());
        },
        cohort::test::Mailbox{argv[2]})
        .start();
    return 3;
}
