// SPDX-License-Identifier: MIT
#include "pool/core.hpp"

#include "os/environment_variable.hpp"
#include "os/process_identity.hpp"
#include "pool/job.hpp"
#include "pool/progress.hpp"
#include "process/runtime.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/scope_guard.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/process/current_process.hpp>

#include <mutex>
#include <utility>

namespace cohort::pool {

namespace {

// A task that makes a pool whose task makes a pool … would fill the machine.
constexpr unsigned kMostDepth = 16;

PoolOptions complete(PoolOptions options) {
    if (options.processes == 0) options.processes = static_cast<std::size_t>(cpu_count());
    if (options.processes > Memory::kMostWorkers)
        throw ValueError("Number of processes must be at most " + std::to_string(Memory::kMostWorkers));
    if (!options.start_method) options.start_method = get_start_method();
    process::require_known(*options.start_method);
    for (const auto& [name, value] : options.env) os::check_environment_variable(name, value);
    return options;
}

process::ChildIdentity nursery_identity(StartMethod method) {
    process::ChildIdentity identity = process::heritage(method);
    process::Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    if (own.identity.daemon) throw Error("daemonic processes are not allowed to have children");
    if (++identity.pool_depth > kMostDepth)
        throw Error("pools are nested " + std::to_string(kMostDepth) +
                    " deep already: each task of a pool makes another pool");
    identity.name = "PoolNursery";
    identity.path = own.identity.path;
    identity.path.push_back(++own.children_made);
    return identity;
}

}  // namespace

Core::Core(PoolOptions options, std::unique_ptr<detail::Target> initializer)
    : options_(complete(std::move(options))),
      owner_(os::current_pid()),
      memory_(Memory::create(static_cast<std::uint32_t>(options_.processes))),
      parent_(memory_.roster().reserve()),
      nursery_(memory_, plan(initializer.get())),
      dispatcher_(std::make_unique<Dispatcher>(memory_, parent_, nursery_, options_.name, target())) {
    dispatcher_->start();
    nursery_.require_started();
}

NurseryPlan Core::plan(detail::Target* initializer) const {
    NurseryPlan plan;
    plan.identity = nursery_identity(*options_.start_method);
    plan.worker_name = options_.name.empty() ? "PoolWorker" : options_.name;
    plan.order.tasks = options_.maxtasksperchild;
    plan.order.memory_limit = options_.memory_limit;
    plan.order.pin_cpus = options_.pin_cpus;
    plan.method = *options_.start_method;
    plan.order.memory_recycle = options_.memory_recycle;
    plan.order.idle_timeout = options_.idle_timeout.duration().value_or(WorkerOrder::kNever);
    plan.env = options_.env;
    plan.initializer.here = initializer;
    plan.exit.here = options_.worker_exit.call();
    if (plan.method != StartMethod::fork) {
        plan.initializer.encode();
        plan.exit.encode();
    }
    return plan;
}

Core::~Core() {
    if (owner_ == os::current_pid()) {
        retire();
        return;
    }
    nursery_.release();
    static_cast<void>(server_.release());  // a child has no such thread
    // Nor those that may have been at work or asleep in it, with the mutex held, half a change made.
    static_cast<void>(dispatcher_.release());
}

void Core::retire() noexcept {
    if (owner_ != os::current_pid()) return;
    dispatcher_->abort(std::make_exception_ptr(CancelledError("the pool was destroyed")));
    dispatcher_->end_service();
    server_.reset();
    if (!dispatcher_->is_served_here()) quiet_.reset();
    nursery_.end();
}

void Core::require_owner() const {
    if (owner_ == os::current_pid()) return;
    throw Error("this pool belongs to process " + std::to_string(owner_) +
                ": a copy of it that a fork made cannot be used, make a pool in this process");
}

// Workers have copies of everything: nothing is kept.
void Core::run(detail::PoolCall& call, const MapOptions& options, std::shared_ptr<const void>) {
    require_owner();
    dispatcher_->require_running();
    if (call.items() == 0) return;
    const auto job = job_of(call, detail::job_options(options));
    Progress progress(options.progress, job->items);
    const detail::ScopeGuard last_line([&]() noexcept { progress.finish(job->done()); });
    dispatcher_->run(job, [&] { progress.show(job->done()); });
}

void Core::submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) {
    require_owner();
    call->belong_to(weak_from_this());
    if (waits_without_job(call->call(), options)) {
        start_service();
        return dispatcher_->submit(call);
    }
    dispatcher_->require_running();
    start_service();
    const auto job = job_of(call->call(), options);
    job->async = call;
    job->is_async = true;
    dispatcher_->submit(job);
}

// A single task, as most are. Its callable is written when it is handed out; whether that is possible is known now.
bool Core::waits_without_job(detail::PoolCall& call, const detail::JobOptions& options) const {
    auto& its = static_cast<detail::SentCall&>(call);
    if (its.items() != 1 || !options.are_default() || its.baggage() == detail::Baggage::any) return false;
    if (its.baggage() == detail::Baggage::none) {
        static thread_local serial::BufferSink small;
        small.clear();
        its.write_callable(small, target());
    } else {
        serial::BufferSink large;
        its.write_callable(large, target());
    }
    return true;
}

void Core::start_service() {
    if (is_served_.load(std::memory_order_acquire)) return;
    dispatcher_->require_running();
    std::call_once(serving_, [&] {
        quiet_.emplace();  // counted before the thread is there
        // The thread has the pool, until retire(): a callback, or the end of a call, may be the end of the Pool.
        auto its_own = std::make_unique<std::shared_ptr<Core>>(shared_from_this());
        server_ = std::make_unique<os::HelperThread>(&Core::serve, its_own.get());
        static_cast<void>(its_own.release());
        is_served_.store(true, std::memory_order_release);  // with the objects above
    });
}

void Core::serve(void* its_own) noexcept {
    const std::unique_ptr<std::shared_ptr<Core>> core(static_cast<std::shared_ptr<Core>*>(its_own));
    (*core)->dispatcher_->serve(*(*core)->quiet_);
}

bool Core::wait_for(detail::AsyncCall& call, Timeout timeout) {
    require_owner();
    return dispatcher_->wait_for(call, Deadline(timeout));
}

bool Core::cancel(detail::AsyncCall& call) {
    require_owner();
    return dispatcher_->cancel(call);
}

bool Core::is_running(const detail::AsyncCall& call) {
    require_owner();
    return dispatcher_->is_running(call);
}

bool Core::when_ready(detail::AsyncCall& call, std::function<void()> use) {
    require_owner();
    return dispatcher_->when_ready(call, std::move(use));
}

std::shared_ptr<AnyJob> Core::open(const std::shared_ptr<detail::PoolCall>& call, const detail::JobOptions& options,
                                   std::size_t ahead) {
    require_owner();
    dispatcher_->require_running();
    if (options.chunksize == 0) throw ValueError("Chunksize must be 1+, not 0");
    auto job = job_of(*call, options, true);
    job->ahead = ReadAhead(ahead, options.chunksize, workers_.load());
    dispatcher_->open(job);
    return job;
}

bool Core::exchange(AnyJob& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                    Timeout timeout) {
    require_owner();
    return dispatcher_->exchange(static_cast<Job&>(job), add, done, Deadline(timeout));
}

void Core::abandon(AnyJob& job) noexcept {
    if (owner_ == os::current_pid()) dispatcher_->abandon(static_cast<Job&>(job));
}

std::size_t Core::ahead_of(const AnyJob& job) const noexcept {
    return job.ahead.items();
}

serial::Target Core::target() const noexcept {
    return *options_.start_method == StartMethod::fork ? serial::Target::forked : serial::Target::fresh;
}

// Pool makes no calls of another kind.
std::shared_ptr<Job> Core::job_of(detail::PoolCall& call, const detail::JobOptions& options, bool streams) const {
    return std::make_shared<Job>(static_cast<detail::SentCall&>(call), options, workers_.load(), target(), streams);
}

void Core::close() {
    require_owner();
    dispatcher_->close();
}

void Core::terminate() {
    require_owner();
    dispatcher_->abort(std::make_exception_ptr(CancelledError("the pool was terminated")));
    nursery_.terminate();
}

bool Core::join(Timeout timeout) {
    require_owner();
    if (dispatcher_->is_running()) throw ValueError("Pool is still running");
    const Deadline deadline(timeout);
    const auto finished = dispatcher_->finish(deadline);
    if (!finished) return false;
    if (*finished) nursery_.finish();
    return nursery_.join(deadline.timeout());
}

std::vector<pid_t> Core::worker_pids() {
    require_owner();
    return dispatcher_->pids();
}

PoolStats Core::stats() {
    require_owner();
    return dispatcher_->stats();
}

void Core::resize(long workers) {
    require_owner();
    if (workers < 1) throw ValueError("Number of processes must be at least 1");
    if (static_cast<std::size_t>(workers) > memory_.places())
        throw ValueError("this pool of " + std::to_string(options_.processes) + " processes can have " +
                         std::to_string(memory_.places()) + " at most, not " + std::to_string(workers) +
                         ": make it with more of them");
    dispatcher_->resize(static_cast<std::size_t>(workers));
    workers_ = static_cast<std::size_t>(workers);
}

std::string Core::repr(std::string_view kind) const {
    // The lock of a pool that a fork has copied may be held for ever.
    const bool ours = owner_ == os::current_pid();
    return "<" + std::string(kind) + " state=" + (ours ? dispatcher_->state_name() : "FOREIGN") +
           " pool_size=" + std::to_string(ours ? dispatcher_->size() : options_.processes) + ">";
}

}  // namespace cohort::pool
