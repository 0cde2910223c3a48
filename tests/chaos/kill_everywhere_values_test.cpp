// SPDX-License-Identifier: MIT
// Kills a worker, and then a parent, at points of a task whose argument and result go in parts.
#include "chaos/kill_everywhere.hpp"
#include "pool/crew.hpp"
#include "pool/job.hpp"
#include "pool/memory.hpp"
#include "pool/task_board.hpp"
#include "pool/worker.hpp"
#include "support/forked_child.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/pool/detail/calls.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using cohort::ExitStatus;
using cohort::pool::ArgumentWindow;
using cohort::pool::Crew;
using cohort::pool::Job;
using cohort::pool::Memory;
using cohort::pool::TaskBoard;
using cohort::pool::Worker;
using cohort::pool::WorkerOrder;
using cohort::shm::Owner;
using cohort::test::ForkedChild;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;

namespace {

using Bytes = std::vector<char>;

// More parts than are under way at a time.
constexpr std::size_t kLength = 4 * ArgumentWindow::kPart + 17;

Bytes argument() {
    static const Bytes bytes = [] {
        Bytes made(kLength);
        for (std::size_t i = 0; i != kLength; ++i) made[i] = static_cast<char>(i % 251);
        return made;
    }();
    return bytes;
}

Bytes result() {
    Bytes bytes = argument();
    bytes.front() = bytes.back() = 'x';
    return bytes;
}

// Ends the worker if what it gets is not what was sent.
Bytes changed(const Bytes& given) {
    static const Bytes expected = argument();
    if (given != expected) std::abort();
    Bytes bytes = given;
    bytes.front() = bytes.back() = 'x';
    return bytes;
}

/// One item; knows whether it was lost.
class Call final : public cohort::detail::CallOf<Bytes (*)(const Bytes&), Bytes> {
public:
    Call() : cohort::detail::CallOf<Bytes (*)(const Bytes&), Bytes>(function_, 1) {}
    void write_item(std::size_t, cohort::serial::Sink& out, cohort::serial::Target) override {
        cohort::serial::write(out, argument_);
    }
    bool arguments_grow() const noexcept override { return true; }
    cohort::detail::LongArgument long_argument(std::size_t) noexcept override {
        return cohort::detail::long_argument_of(argument_);
    }
    void take_error(std::size_t, std::exception_ptr error) override {
        EXPECT_THROW(std::rethrow_exception(std::move(error)), cohort::WorkerLostError);
        lost = true;
    }
    bool lost = false;

private:
    Bytes (*function_)(const Bytes&) = &changed;
    const Bytes argument_ = argument();
};

/// Workers come from the test.
class Hiring final : public cohort::pool::WorkerSource {
public:
    void start(std::uint32_t, Owner owner) override { hired = owner; }
    void kill(Owner) override {}
    bool alive() override { return true; }
    Owner hired{};
};

class ValuesTrial : public cohort::test::KillTrial {
public:
    ValuesTrial() {
        changed(argument());  // children need not make it
        crew_.start_all();
        board_.add(job_);
        board_.fill();
    }
    bool is_answered() const override { return true; }

protected:
    // What a leader does that never sleeps.
    bool serve() {
        const bool moved = crew_.collect();
        return crew_.send_arguments() || moved;
    }
    void work(Owner owner) {
        Worker(memory_, WorkerOrder{.place = 0, .owner = owner, .tasks = 1}).run([] {}, [] {});
    }
    void expect_result() { EXPECT_TRUE(call_.take().at(0) == result()); }

    Memory memory_ = Memory::create(1);
    Owner parent_ = memory_.roster().reserve();
    TaskBoard board_{memory_, parent_, cohort::serial::Target::forked};
    Hiring source_{};
    Crew crew_{memory_, board_, source_, "trial"};
    Call call_{};
    std::shared_ptr<Job> job_ =
        std::make_shared<Job>(call_, cohort::detail::JobOptions{.chunksize = 1}, 1, cohort::serial::Target::forked);
};

/// The parent is a thread of this process. If the worker had begun, the item is lost; else the next one has it.
class ValuesWorkerTrial : public ValuesTrial {
public:
    ValuesWorkerTrial()
        : leader_([this] {
              while (!over_) {
                  if (!serve()) std::this_thread::yield();
              }
          }) {}
    ~ValuesWorkerTrial() override { stop_leader(); }
    void prepare() override { worker_.emplace(memory_, WorkerOrder{.place = 0, .owner = source_.hired, .tasks = 1}); }
    void operate() override {
        worker_->run([] {}, [] {});
    }
    std::span<const std::byte> watched() const override {
        return {reinterpret_cast<const std::byte*>(&memory_.argument(0).read), sizeof(std::uint64_t)};
    }
    std::span<const std::byte> also_watched() const override {
        return {reinterpret_cast<const std::byte*>(&memory_.roster().doing(source_.hired)), sizeof(std::uint64_t)};
    }
    void check(const KillPoint& point) override {
        stop_leader();
        memory_.roster().bury(source_.hired, ExitStatus::signaled(SIGKILL));
        crew_.look_after(true);
        std::thread next([this, owner = source_.hired] { work(owner); });
        while (board_.has(*job_)) {
            board_.fill();
            if (!serve()) std::this_thread::yield();
        }
        board_.end();
        memory_.signals().tasks.ring();
        next.join();
        if (point.number == 0 || point.last) {
            EXPECT_FALSE(call_.lost);
        }
        if (!call_.lost) expect_result();
    }

private:
    void stop_leader() {
        over_ = true;
        if (leader_.joinable()) leader_.join();
    }

    std::optional<Worker> worker_{};
    std::atomic<bool> over_ = false;
    std::thread leader_;
};

/// The worker is another child. What a parent leaves that dies in the middle of a part does not harm it: it waits for
/// the rest, until it is killed as its nursery would do it.
class ValuesParentTrial : public ValuesTrial {
public:
    ValuesParentTrial() : worker_([this] { work(source_.hired); }) {}
    void operate() override {
        while (board_.has(*job_)) serve();
    }
    std::span<const std::byte> watched() const override {
        const ArgumentWindow::Words& words = memory_.argument(0);
        return {reinterpret_cast<const std::byte*>(&words), offsetof(ArgumentWindow::Words, read)};
    }
    std::span<const std::byte> also_watched() const override { return {memory_.results(0), kOfTheResults}; }
    void check(const KillPoint& point) override {
        if (!point.last) worker_.kill();
        const ExitStatus status = worker_.wait();
        EXPECT_TRUE(status.success() || status == ExitStatus::signaled(SIGKILL)) << status.exitcode();
    }

private:
    static constexpr std::size_t kOfTheResults = 1024;
    ForkedChild worker_;
};

TEST(KillEverywhere, who_gets_an_argument_and_sends_a_result_in_parts) {
    kill_everywhere_in<ValuesWorkerTrial>("values in parts, worker", 8);
}
TEST(KillEverywhere, parent_that_sends_an_argument_and_gets_a_result_in_parts) {
    kill_everywhere_in<ValuesParentTrial>("values in parts, parent", 8);
}

}  // namespace
