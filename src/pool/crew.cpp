// SPDX-License-Identifier: MIT
#include "pool/crew.hpp"

#include "os/memory_limit.hpp"
#include "os/signals.hpp"
#include "pool/worker_loss.hpp"
#include "serial/exception_record.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/serial/source.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace cohort::pool {

namespace {

// Between two looks at the same results the ring is filled again.
constexpr unsigned kMostResults = 512;

}  // namespace

Crew::Crew(const Memory& memory, TaskBoard& board, WorkerSource& source, std::string pool_name)
    : memory_(memory),
      board_(board),
      source_(source),
      pool_name_(std::move(pool_name)),
      roster_(memory.roster()),
      wanted_(memory.workers()) {
    workers_.reserve(memory.places());  // has_results() may look while it grows
    resize(wanted_);
}

void Crew::resize(std::size_t workers) {
    while (workers_.size() < workers) {
        const auto place = static_cast<std::uint32_t>(workers_.size());
        memory_.renew_place(place);
        workers_.push_back({.results = shm::SpscReader(memory_.results(place))});
    }
    wanted_ = workers;
    board_.set_workers(workers);
    for (std::uint32_t place = 0; place != workers_.size(); ++place) {
        const bool unneeded = place >= wanted_;
        memory_.stats(place).unneeded.store(unneeded, std::memory_order_relaxed);
        if (std::exchange(workers_[place].vacant, false)) --vacancies_;
    }
    memory_.signals().tasks.ring();
}

void Crew::start_all() {
    for (std::uint32_t place = 0; place != workers_.size(); ++place) employ(place);
}

void Crew::employ(std::uint32_t place) {
    Worker& worker = workers_[place];
    worker.owner = roster_.reserve();  // nobody, if too many deaths are still to be told of: the next look tries again
    if (worker.owner.is_nobody()) return;
    memory_.renew_place(place);
    worker.results = shm::SpscReader(memory_.results(place));
    if (std::exchange(worker.vacant, false)) --vacancies_;
    ++worker.starts;
    source_.start(place, worker.owner);
}

void Crew::leave_vacant(std::uint32_t place) {
    if (place < wanted_ && !std::exchange(workers_[place].vacant, true)) ++vacancies_;
}

void Crew::fill_vacancies(std::size_t tasks) {
    if (vacancies_ == 0 || disbanded_) return;
    for (std::uint32_t place = 0; place != wanted_ && vacancies_ != 0 && tasks + vacancies_ > wanted_; ++place)
        if (workers_[place].vacant) employ(place);
}

bool Crew::collect() {
    bool some = false;
    for (Worker& worker : workers_) some |= collect_from(worker, kMostResults);
    return some;
}

bool Crew::collect_from(Worker& worker, unsigned most) {
    shm::Doorbell& room_bell = memory_.room_bell(place_of(worker));
    bool told = true;
    unsigned taken = 0;
    for (; taken != most; ++taken) {
        const std::byte* data = worker.results.front();
        if (!data) break;
        const auto& message = *reinterpret_cast<const ResultMessage*>(data);
        if (message.kind == ResultKind::initializer_failed) {
            serial::Source in(memory_.bytes(message.payload), serial::Trust::channel);
            last_start_error_ = serial::read_exception(in);
        } else if (message.kind == ResultKind::wants_argument) {
            begin_argument(place_of(worker), TaskId::from_raw(message.task));
        } else {
            if (const std::byte* next = worker.results.second())
                board_.expect(TaskId::from_raw(reinterpret_cast<const ResultMessage*>(next)->task));
            if (slowest_.takes(std::chrono::milliseconds(message.took))) note_slow(worker, message);
            board_.settle(message);
        }
        told = message.kind == ResultKind::part;  // the next ones are copied while the worker writes
        worker.results.release();
        if (told) room_bell.ring();
    }
    if (!told) room_bell.ring();
    return taken != 0;
}

void Crew::begin_argument(std::uint32_t place, TaskId id) {
    Worker& worker = workers_[place];
    end_argument(worker);
    ArgumentWindow::Words& words = memory_.argument(place);
    try {
        ArgumentWindow::begin(words, id, board_.window(place).raw);
        worker.argument = id;
        worker.sent = 0;
        ++arguments_;
    } catch (...) {
        ArgumentWindow::refuse(words, id);
        memory_.room_bell(place).ring();
    }
}

void Crew::end_argument(Worker& worker) noexcept {
    if (std::exchange(worker.argument, {})) --arguments_;
}

// One part for each in turn: all of them go on at the same time.
bool Crew::send_arguments() {
    if (arguments_ == 0) return false;
    bool some = false;
    for (std::uint32_t place = 0; place != workers_.size(); ++place) some |= send_part(place);
    return some;
}

bool Crew::send_part(std::uint32_t place) {
    Worker& worker = workers_[place];
    ArgumentWindow::Words& words = memory_.argument(place);
    if (!worker.argument || !ArgumentWindow::has_room(words)) return false;
    const auto bytes = board_.long_argument(worker.argument);
    if (worker.sent >= bytes.size()) {
        ArgumentWindow::refuse(words, worker.argument);
        end_argument(worker);
    } else {
        const auto part = bytes.subspan(worker.sent, std::min(ArgumentWindow::kPart, bytes.size() - worker.sent));
        ArgumentWindow::put(words, shm::LendingArena::data(memory_.segment(), board_.window(place)), part);
        worker.sent += part.size();
        if (worker.sent == bytes.size()) end_argument(worker);
    }
    memory_.room_bell(place).ring();
    return true;
}

bool Crew::can_send() const noexcept {
    if (arguments_ == 0) return false;
    for (std::uint32_t place = 0; place != workers_.size(); ++place)
        if (workers_[place].argument && ArgumentWindow::has_room(memory_.argument(place))) return true;
    return false;
}

bool Crew::has_results() const noexcept {
    for (const Worker& worker : workers_)
        if (worker.results.readable()) return true;
    return false;
}

void Crew::look_after(bool thoroughly) {
    const std::uint64_t ended = memory_.signals().ended.load(std::memory_order_acquire);
    if (!thoroughly && ended == ended_seen_) return;
    ended_seen_ = ended;
    const std::size_t known = losses_.size();
    for (std::uint32_t place = 0; place != workers_.size(); ++place) {
        const shm::Owner owner = workers_[place].owner;
        if (!owner.is_nobody() && roster_.is_dead(owner)) part_with(place);
        const Worker& worker = workers_[place];
        if (worker.owner.is_nobody() && !worker.vacant && place < wanted_ && !disbanded_) employ(place);
    }
    // After the replacements, which somebody may wait for.
    for (std::size_t i = known; i != losses_.size(); ++i) end_remains(losses_[i]);
    settle_losses();
    if (thoroughly && !disbanded_ && !source_.alive()) throw_no_nursery(pool_name_);
}

// Its results are taken, those of its batch included; the tasks that it had taken are queued again, but for the item
// that it ran, which is failed or remembered as a loss; its place is free.
void Crew::part_with(std::uint32_t place) {
    Worker& worker = workers_[place];
    while (collect_from(worker, kMostResults)) {
    }
    const auto item = Memory::note(roster_, worker.owner, Note::item).load(std::memory_order_acquire);
    const auto phase = Memory::note(roster_, worker.owner, Note::phase).load(std::memory_order_acquire);
    const auto verdict = std::exchange(worker.verdict, nullptr);
    auto lost = board_.recover(worker.owner, running(worker.owner), static_cast<std::uint32_t>(item),
                               memory_.batch(place), verdict);
    if (verdict && lost) board_.fail(*std::exchange(lost, std::nullopt), verdict);
    losses_.push_back({worker.owner, place, lost.value_or(LostItem{}), static_cast<Phase>(phase)});
    worker.owner = {};
    end_argument(worker);
    if (static_cast<Phase>(phase) == Phase::idle) leave_vacant(place);
    const PlaceStats& stats = memory_.stats(place);
    const auto [waited, busy] = stats.times(PlaceStats::Clock::now());
    worker.items += stats.items.load(std::memory_order_relaxed);
    worker.waited += waited;
    worker.busy += busy;
}

// A dead worker may run another program.
void Crew::end_remains(const Loss& loss) {
    // One that leaves by itself may take its time for that: the states of its tasks, handlers.
    const bool leaves = loss.phase == Phase::retiring || loss.phase == Phase::idle;
    if (!leaves && !roster_.exit_status(loss.owner)) source_.kill(loss.owner);
}

void Crew::note_slow(const Worker& worker, const ResultMessage& message) {
    const auto id = TaskId::from_raw(message.task);
    const Job* job = board_.job_of(id);
    const bool is_outcome =
        message.kind == ResultKind::value || message.kind == ResultKind::values || message.kind == ResultKind::error;
    if (!job || !job->call || !is_outcome) return;
    slowest_.add({.function = job->call->function_name(),
                  .index = job->items == 1 ? std::nullopt : std::optional(board_.index_of(id, message.item)),
                  .time = std::chrono::milliseconds(message.took),
                  .pid = pid_of(worker.owner)});
}

PoolStats Crew::stats() const {
    PoolStats all;
    all.slowest = slowest_.tasks();
    const auto now = PlaceStats::Clock::now();
    for (std::uint32_t place = 0; place != wanted_; ++place) {
        const Worker& worker = workers_[place];
        WorkerStats its{.tasks = worker.items,
                        .busy = worker.busy,
                        .waiting = worker.waited,
                        .restarts = worker.starts != 0 ? worker.starts - 1 : 0};
        if (!worker.owner.is_nobody()) {
            const PlaceStats& stats = memory_.stats(place);
            const auto [waited, busy] = stats.times(now);
            its.pid = pid_of(worker.owner);
            its.tasks += stats.items.load(std::memory_order_relaxed);
            its.waiting += waited;
            its.busy += busy;
            if (its.pid != 0) its.memory = os::private_memory(its.pid);
        }
        all.workers.push_back(its);
    }
    return all;
}

Guard::Clock::time_point Crew::end_overdue(Guard::Clock::time_point now) {
    // An item that begins after this look is not due before the shortest timeout has passed.
    auto next = now + *board_.shortest_timeout();
    for (std::uint32_t place = 0; place != workers_.size(); ++place) {
        Worker& worker = workers_[place];
        if (worker.owner.is_nobody() || worker.verdict) continue;
        Guard guard = guard_of(worker.owner);
        const auto since = guard.running_since();
        if (!since) continue;
        const TaskId id = running(worker.owner);
        const auto item = Memory::note(roster_, worker.owner, Note::item).load(std::memory_order_acquire);
        const Job* job = board_.job_of(id);
        if (!job || !job->call || !job->is_timed()) continue;
        if (now - *since < job->timeout) {
            next = std::min(next, *since + job->timeout);
        } else if (guard.doom(*since)) {
            const std::size_t index = board_.index_of(id, static_cast<std::uint32_t>(item));
            worker.verdict = timed_out({.pool = pool_name_,
                                        .place = place,
                                        .pid = pid_of(worker.owner),
                                        .function = job->call->function_name(),
                                        .index = job->items == 1 ? std::nullopt : std::optional(index)},
                                       job->timeout);
            source_.kill(worker.owner);
        }
    }
    return next;
}

void Crew::end_running(const Job& job) {
    for (Worker& worker : workers_) {
        if (worker.owner.is_nobody() || worker.verdict) continue;
        Guard guard = guard_of(worker.owner);
        const auto since = guard.running_since();
        if (!since || board_.job_of(running(worker.owner)) != &job || !guard.doom(*since)) continue;
        worker.verdict = std::make_exception_ptr(CancelledError("the call was cancelled"));  // nobody gets it any more
        source_.kill(worker.owner);
    }
}

bool Crew::is_running(const Job& job) {
    for (const Worker& worker : workers_)
        if (!worker.owner.is_nobody() && board_.job_of(running(worker.owner)) == &job) return true;
    return false;
}

void Crew::settle_losses() {
    for (std::size_t i = 0; i != losses_.size();) {
        if (!roster_.exit_status(losses_[i].owner)) {
            ++i;
            continue;
        }
        const Loss loss = losses_[i];
        losses_.erase(losses_.begin() + static_cast<std::ptrdiff_t>(i));
        settle(loss);
    }
}

void Crew::settle(const Loss& loss) {
    if (loss.item.job) board_.fail(loss.item, describe(loss));
    const auto status = *roster_.exit_status(loss.owner);
    get_logger().info("pool worker ", loss.place + 1, ", pid ", pid_of(loss.owner), ", ended with exitcode ",
                      status.exitcode());
    const auto start_errno = Memory::note(roster_, loss.owner, Note::start_errno).load(std::memory_order_relaxed);
    roster_.retire(loss.owner);
    if (loss.phase == Phase::starting && !disbanded_) count_failed_start(status, static_cast<int>(start_errno));
}

void Crew::count_failed_start(ExitStatus status, int start_errno) {
    if (outcomes_seen_ != board_.outcomes()) failed_starts_ = 0;
    outcomes_seen_ = board_.outcomes();
    if (++failed_starts_ < kMostFailedStarts) return;
    throw_broken({pool_name_, failed_starts_, status, start_errno, last_start_error_});
}

std::exception_ptr Crew::describe(const Loss& loss) const {
    return worker_lost({.pool = pool_name_,
                        .place = loss.place,
                        .pid = pid_of(loss.owner),
                        .status = *roster_.exit_status(loss.owner),
                        .function = loss.item.job->call ? loss.item.job->call->function_name() : std::string(),
                        .index = loss.item.job->items == 1 ? std::nullopt : std::optional(loss.item.index)});
}

void Crew::forget_losses(const std::exception_ptr& error) {
    for (Loss& loss : losses_)
        if (loss.item.job) board_.fail(std::exchange(loss.item, {}), error);
}

bool Crew::has_news() const noexcept {
    return memory_.signals().ended.load(std::memory_order_acquire) != ended_seen_;
}

bool Crew::is_held_up() const noexcept {
    const std::uint64_t half = memory_.result_cells() / 2;
    for (const Worker& worker : workers_)
        if (worker.results.readable(half)) return true;
    return false;
}

bool Crew::watch_all(std::vector<shm::Watch>& watches) const {
    if (workers_.size() > shm::Doorbell::kMostWatched) return true;
    for (const Worker& worker : workers_) {
        if (worker.owner.is_nobody()) continue;
        if (const auto watch = roster_.watch(worker.owner))
            watches.push_back(*watch);
        else if (roster_.is_dead(worker.owner))
            return false;
    }
    return true;
}

TaskId Crew::running(shm::Owner owner) const noexcept {
    return TaskId::from_raw(roster_.doing(owner).load(std::memory_order_acquire));
}

Guard Crew::guard_of(shm::Owner owner) const noexcept {
    return Guard(Memory::note(roster_, owner, Note::guard));
}

pid_t Crew::pid_of(shm::Owner owner) const noexcept {
    return static_cast<pid_t>(Memory::note(roster_, owner, Note::pid).load(std::memory_order_acquire));
}

std::vector<pid_t> Crew::pids() const {
    std::vector<pid_t> result;
    result.reserve(workers_.size());
    for (std::size_t place = 0; place != wanted_; ++place) {
        const Worker& worker = workers_[place];
        if (!worker.vacant) result.push_back(worker.owner.is_nobody() ? 0 : pid_of(worker.owner));
    }
    return result;
}

}  // namespace cohort::pool
