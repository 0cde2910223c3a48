// SPDX-License-Identifier: MIT
// Programs that leave shared memory with a name. The arguments say how:
//   hold NAME track|leave         makes a segment, says so, and waits to be killed
//   return NAME track|leave       makes a segment and ends
//   attach NAME                   opens a segment and ends
//   churn MAILBOX NAME            a tree of processes of all start methods, each of which makes, replaces and unlinks
//                                 segments until it is killed; each says so in the mailbox. All names begin with NAME
//   global METHOD                 a static object has made a segment before main; so has that of a child
#include "conformance/mailbox.hpp"
#include "programs/program.hpp"

#include <cohort/shm/shareable_list.hpp>
#include <cohort/shm/shared_memory.hpp>

#include <cstdlib>
#include <optional>
#include <vector>

namespace {

using cohort::Process, cohort::SharedMemory, cohort::ShareableList, cohort::StartMethod, cohort::test::Mailbox;

struct MadeBeforeMain {
    std::optional<SharedMemory> memory{};
    MadeBeforeMain() {
        // Arguments are not known yet, and children have those of the program.
        if (const char* name = std::getenv("COHORT_TEST_MAKE_BEFORE_MAIN"))
            memory.emplace(SharedMemory({.create = true, .size = 10, .name = name + std::to_string(::getpid())}));
    }
};
MadeBeforeMain made_before_main;

void use_made_before_main() {
    made_before_main.memory->buf()[0] = std::byte{1};
}

SharedMemory make(const std::string& name, const std::string& track) {
    return SharedMemory({.create = true, .size = 10, .name = name, .track = track == "track"});
}

void hold(const std::string& name, const std::string& track) {
    const SharedMemory memory = make(name, track);
    cohort::test::say(memory.name());
    for (;;) ::pause();
}

void churn(int levels, const Mailbox& ready, const std::string& name) {
    ready.post("x");
    std::vector<Process> children;
    if (levels > 0)
        for (const StartMethod method : cohort::get_all_start_methods()) {
            children.emplace_back(cohort::ProcessOptions{.start_method = method}, churn, levels - 1, ready, name);
            children.back().start();
        }
    const std::string mine = name + std::to_string(::getpid()) + "-";
    for (unsigned round = 0;; ++round) {
        const std::string begin = mine + std::to_string(round);
        SharedMemory kept({.create = true, .size = 10, .name = begin + "kept"});
        SharedMemory gone({.create = true, .size = 5000, .name = begin + "gone"});
        ShareableList list({1, "text"}, {.name = begin + "list"});
        gone.unlink();
        if (round % 2 == 0) kept.unlink();
        if (round % 50 > 0) list.shm().unlink();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argv[1], name = argc > 2 ? argv[2] : "", track = argc > 3 ? argv[3] : "track";
    if (what == "hold") hold(name, track);
    if (what == "return") make(name, track);
    if (what == "attach") SharedMemory({.name = name}).buf()[0] = std::byte{1};
    if (what == "churn") churn(1, Mailbox{name}, argv[3]);
    if (what == "global") {
        use_made_before_main();
        Process child({.start_method = cohort::test::method_of(argv[2])}, use_made_before_main);
        child.start();
        child.join();
        return child.exitcode().value();
    }
}
