// SPDX-License-Identifier: MIT
// A tree of processes, three levels deep and of all start methods, that goes on until it is killed. Each says so in
// the mailbox whose path is the first argument. With "threads" as the second, every process is started by a thread
// that ends.
#include "conformance/mailbox.hpp"
#include "programs/program.hpp"

#include <string_view>
#include <thread>
#include <vector>

namespace {

using cohort::Process, cohort::StartMethod, cohort::test::Mailbox;

void grow(int levels, bool threads, const Mailbox& ready) {
    ready.post("x");
    std::vector<Process> children;
    auto start_children = [&] {
        for (const StartMethod method : cohort::get_all_start_methods()) {
            children.emplace_back(cohort::ProcessOptions{.start_method = method}, grow, levels - 1, threads, ready);
            children.back().start();
        }
    };
    if (levels > 0 && threads)
        std::thread(start_children).join();
    else if (levels > 0)
        start_children();
    for (;;) ::pause();
}

}  // namespace

int main(int argc, char** argv) {
    grow(2, argc > 2 && argv[2] == std::string_view("threads"), Mailbox{argv[1]});
}
