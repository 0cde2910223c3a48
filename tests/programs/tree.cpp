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

void pause_forever(const Mailbox& ready) {
    ready.post("x");
    for (;;) ::pause();
}

/// Some children are killed and joined while others start, so that the last one which somebody keeps comes and goes.
[[noreturn]] void churn(StartMethod method, const Mailbox& ready) {
    for (;;) {
        std::vector<Process> children;
        std::thread([&] {
            for (int i = 0; i < 3; ++i) {
                children.emplace_back(cohort::ProcessOptions{.start_method = method}, pause_forever, ready);
                children.back().start();
            }
        }).join();
        for (Process& child : children) child.kill();
        for (Process& child : children) child.join();
    }
}

void churn_by_every_method(const Mailbox& ready) {
    std::vector<std::jthread> threads;
    for (const StartMethod method : cohort::get_all_start_methods()) threads.emplace_back(churn, method, ready);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view how = argc > 2 ? argv[2] : "";
    const Mailbox ready{argv[1]};
    if (how == "churn")
        churn_by_every_method(ready);
    else
        grow(2, how == "threads", ready);
}
