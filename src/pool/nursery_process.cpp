// SPDX-License-Identifier: MIT
#include "pool/nursery_process.hpp"

#include "channel/ends.hpp"
#include "os/exit.hpp"
#include "os/fork.hpp"
#include "pool/launchers.hpp"
#include "pool/nursery.hpp"
#include "process/child.hpp"
#include "process/image.hpp"
#include "process/parent_watch.hpp"
#include "process/stdio.hpp"

#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/serial/token.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace cohort::pool {

namespace {

// The nursery's main thread, from its start to its end.
void serve(const Memory& memory, WorkerLauncher& launcher, Descriptor socket, pid_t owner) {
    auto watched = process::open_parent(owner);
    if (!watched) return;
    Nursery(std::move(socket), std::move(watched), memory, launcher).run();
}

os::Pidfd fork_nursery(const Memory& memory, const NurseryPlan& plan, Descriptor& ours, Descriptor& theirs) {
    process::flush_output();
    auto forked = os::fork_process();
    if (!forked.in_child()) return std::move(forked.process);
    ours.reset();
    process::run_forked_child(plan.identity, [&] {
        if (channel::Ends::any()) channel::Ends::settle_after_fork(nullptr);
        ForkLauncher launcher(memory, plan);
        serve(memory, launcher, std::move(theirs), plan.identity.parent_pid);
    });
}

// A nursery in a fresh image: it gets the plan, with the initializer as bytes.
struct NurseryImage {
    static constexpr std::string_view kRole = process::kImageRole;

    static void run(serial::Source& in, void*) {
        const int segment = serial::read<int>(in);
        const int socket = serial::read<int>(in);
        NurseryPlan plan = read_plan(in);
        process::run_fresh_child(plan.identity, [&] {
            const Memory memory = Memory::attach(Descriptor(segment));
            const pid_t owner = plan.identity.parent_pid;
            if (plan.method == StartMethod::spawn) {
                ImageLauncher launcher(memory, plan);
                serve(memory, launcher, Descriptor(socket), owner);
            } else {
                ForkLauncher launcher(memory, plan);
                serve(memory, launcher, Descriptor(socket), owner);
            }
        });
    }
};

os::Pidfd start_nursery_image(const Memory& memory, const NurseryPlan& plan, const Descriptor& theirs) {
    const int segment = memory.segment().descriptor().get();
    const auto write = [&](serial::Sink& sink) {
        serial::write(sink, segment);
        serial::write(sink, theirs.get());
        write_plan(sink, plan);
        return serial::token_of<NurseryImage>();
    };
    return process::start_image(write, std::array{segment, theirs.get()}).process;
}

}  // namespace

os::Pidfd start_nursery(const Memory& memory, const NurseryPlan& plan, Descriptor& ours, Descriptor& theirs) {
    if (plan.method == StartMethod::fork) return fork_nursery(memory, plan, ours, theirs);
    return start_nursery_image(memory, plan, theirs);
}

}  // namespace cohort::pool
