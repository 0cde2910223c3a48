// SPDX-License-Identifier: MIT
#include "pool/launchers.hpp"

#include "os/fork.hpp"
#include "os/process_identity.hpp"
#include "pool/worker.hpp"
#include "pool/worker_states.hpp"
#include "process/child.hpp"
#include "process/image.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/resolve_ahead.hpp"

#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/serial/token.hpp>

#include <malloc.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace cohort::pool {

namespace {

// The arguments and results of one task after the other are often of one size: what a task frees stays with the worker
// for the next one. Given back to the kernel and taken anew each time, 10 MB cost more page faults than copying.
void keep_freed_memory() {
    constexpr int kMiB = 1 << 20;
    // NOLINTBEGIN(concurrency-mt-unsafe): a worker begins with one thread
    mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // the most there is
    mallopt(M_TRIM_THRESHOLD, 64 * kMiB);
    // NOLINTEND(concurrency-mt-unsafe)
}

// The life of a worker, in its own process.
void work(const Memory& memory, const WorkerOrder& order, const NurseryPlan& plan) {
    os::set_signal_action(SIGINT, SIG_IGN);  // Ctrl-C is the parent's business
    os::name_process(process::runtime().identity.name);
    keep_freed_memory();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a worker begins with one thread
    for (const auto& [name, value] : plan.env) ::setenv(name.c_str(), value.c_str(), 1);
    std::optional<WorkerStates> states(std::in_place);
    Worker worker(memory, order);
    const auto initializer = [&] { plan.initializer.make(); };
    const auto exit = [&] {
        plan.exit.make();
        states.reset();
    };
    if (!worker.run(initializer, exit)) std::exit(EXIT_FAILURE);  // NOLINT(concurrency-mt-unsafe): as above
}

// What takes long in a new worker, while nobody waits for it: its mark, and the first touch of code, heap and of the
// memory that the pool shares, by the making of a worker that does nothing.
void rehearse(const Memory& memory, WorkerOrder& order) {
    constexpr shm::Owner kAnybody{0, 1};
    try {
        WorkerOrder nothing = order;
        nothing.owner = kAnybody;
        const Worker rehearsal(memory, nothing);
        order.mark = shm::current_process_mark();
    } catch (const std::exception&) {
        // When it begins in earnest it fails in earnest.
    }
}

void catch_and_go_on(int) {}

// A worker in a fresh image: it gets the plan with its own identity and order in it.
struct WorkerImage {
    static constexpr std::string_view kRole = process::kImageRole;

    static void run(serial::Source& in, void*) {
        const int segment = serial::read<int>(in);
        const NurseryPlan plan = read_plan(in);
        process::run_fresh_child(plan.identity, [&] {
            const Memory memory = Memory::attach(Descriptor(segment));
            work(memory, plan.order, plan);
        });
    }
};

}  // namespace

ForkLauncher::ForkLauncher(const Memory& memory, const NurseryPlan& plan)
    : memory_(memory),
      plan_(plan),
      block_(std::in_place, os::SignalSet::all()),
      children_(std::in_place, SIGCHLD, SIG_DFL) {
    serial::learn_modules();  // once, not in each worker
}

// What came meanwhile was for the program: the nursery ends without its handlers.
ForkLauncher::~ForkLauncher() {
    if (block_) block_->keep();
}

StartedWorker ForkLauncher::launch(std::uint32_t place, shm::Owner owner, detail::FunctionRef<void()> in_child) {
    WorkerOrder order = plan_.order;
    order.place = place;
    order.owner = owner;
    return fork_worker(in_child, [&] { return order; });
}

StartedWorker ForkLauncher::launch_spare(const Spare& spare, detail::FunctionRef<void()> in_child) {
    return fork_worker(in_child, [&] {
        WorkerOrder order = plan_.order;
        rehearse(memory_, order);
        const Spare::Order mine = spare.wait();
        order.place = mine.place;
        order.owner = mine.owner;
        return order;
    });
}

StartedWorker ForkLauncher::fork_worker(detail::FunctionRef<void()> in_child,
                                        detail::FunctionRef<WorkerOrder()> order) {
    process::ChildIdentity identity = worker_identity(plan_, ++number_);
    process::flush_output();
    auto forked = os::fork_process();
    if (!forked.in_child()) return {forked.pid, std::move(forked.process)};
    in_child();
    os::set_signal_action(SIGINT, SIG_IGN);
    WorkerOrder mine;
    const auto begin = [&] {
        mine = order();
        children_.reset();  // a spare runs no handler of the program while it waits for its order
        block_.reset();
    };
    process::run_forked_child(std::move(identity), begin, [&] { work(memory_, mine, plan_); });
}

ImageLauncher::ImageLauncher(const Memory& memory, const NurseryPlan& plan) : memory_(memory), plan_(plan) {
    os::set_signal_action(SIGCHLD, SIG_DFL);  // ignored by the program, it would take the exit codes away
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
        if (os::signal_action(signal) == SIG_DFL) os::set_signal_action(signal, catch_and_go_on);
}

StartedWorker ImageLauncher::launch_spare(const Spare&, detail::FunctionRef<void()>) {
    throw std::logic_error("cohort: there are no spares of fresh images");
}

StartedWorker ImageLauncher::launch(std::uint32_t place, shm::Owner owner, detail::FunctionRef<void()>) {
    const int segment = memory_.segment().descriptor().get();
    NurseryPlan plan = plan_;
    plan.identity = worker_identity(plan_, ++number_);
    plan.order.place = place;
    plan.order.owner = owner;
    const auto write = [&](serial::Sink& sink) {
        serial::write(sink, segment);
        write_plan(sink, plan);
        return serial::token_of<WorkerImage>();
    };
    auto image = process::start_image(write, std::array{segment});
    return {image.pid, std::move(image.process)};
}

}  // namespace cohort::pool
