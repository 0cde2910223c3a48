// SPDX-License-Identifier: MIT
// Kills a worker at every point of its life: its start, two tasks, its end. The pool around it is in this process.
#include "chaos/kill_everywhere.hpp"
#include "pool/crew.hpp"
#include "pool/job.hpp"
#include "pool/memory.hpp"
#include "pool/task_board.hpp"
#include "pool/worker.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/pool/detail/calls.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using cohort::ExitStatus;
using cohort::pool::Crew;
using cohort::pool::Job;
using cohort::pool::Memory;
using cohort::pool::TaskBoard;
using cohort::pool::Worker;
using cohort::pool::WorkerOrder;
using cohort::shm::Owner;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;

namespace {

using Text = std::string;
using Number = std::array<long, 2>;

Text twice(const Text& text) {
    return text + text;
}

Number twice_as_much(const Number& number) {
    return {{2 * number[0], 2 * number[1]}};
}

template <std::size_t kBytes>
struct Texts {
    using Item = Text;
    static constexpr auto function = &twice;
    static Text item(std::size_t index) { return Text(kBytes, static_cast<char>('a' + index)); }
};

/// All of one size: their results are gathered.
struct Numbers {
    using Item = Number;
    static constexpr auto function = &twice_as_much;
    static Number item(std::size_t index) { return {{static_cast<long>(index) + 1, 7}}; }
};

/// Four items; remembers which were lost.
template <class Items>
class Call final
    : public cohort::detail::CallOf<typename Items::Item (*)(const typename Items::Item&), typename Items::Item> {
    using Item = typename Items::Item;

public:
    static constexpr std::size_t kItems = 4;

    Call() : cohort::detail::CallOf<Item (*)(const Item&), Item>(function_, kItems) {}
    void write_item(std::size_t index, cohort::serial::Sink& out, cohort::serial::Target) override {
        cohort::serial::write(out, Items::item(index));
    }
    void take_error(std::size_t index, std::exception_ptr error) override {
        EXPECT_THROW(std::rethrow_exception(std::move(error)), cohort::WorkerLostError);
        lost.push_back(index);
    }
    std::vector<std::size_t> lost{};

private:
    Item (*function_)(const Item&) = Items::function;
};

/// Workers come from the test.
class Hiring final : public cohort::pool::WorkerSource {
public:
    void start(std::uint32_t, Owner owner) override { hired = owner; }
    void kill(Owner) override {}
    bool alive() override { return true; }
    Owner hired{};
};

template <class Items, std::size_t kChunk, std::size_t kRetries>
class WorkerTrial : public cohort::test::KillTrial {
public:
    WorkerTrial() {
        crew_.start_all();
        board_.add(job_);
        board_.fill();
    }
    void prepare() override {
        worker_.emplace(memory_, WorkerOrder{.place = 0, .owner = source_.hired, .tasks = kChunk < 2 ? 2 : 1});
    }
    void operate() override {
        worker_->run([] {}, [] {});
    }
    std::span<const std::byte> watched() const override {
        const std::byte* begin = memory_.segment().at(0);
        constexpr std::size_t kOfTheResults = 4096;
        return {begin, static_cast<std::size_t>(memory_.results(0) - begin) + kOfTheResults};
    }
    void check(const KillPoint& point) override {
        memory_.roster().bury(source_.hired, ExitStatus::signaled(SIGKILL));
        crew_.look_after(true);
        std::thread other(
            [this, owner = source_.hired] { Worker(memory_, {.place = 0, .owner = owner}).run([] {}, [] {}); });
        while (board_.has(*job_)) {
            board_.fill();
            if (!crew_.collect()) std::this_thread::yield();
        }
        board_.end();
        memory_.signals().tasks.ring();
        other.join();

        EXPECT_LE(call_.lost.size(), kRetries == 0 && point.number != 0 && !point.last ? 1U : 0U);
        const auto results = call_.take();
        for (std::size_t i = 0; i != results.size(); ++i) {
            const bool lost = std::find(call_.lost.begin(), call_.lost.end(), i) != call_.lost.end();
            EXPECT_TRUE(results[i] == (lost ? typename Items::Item() : Items::function(Items::item(i))))
                << "item " << i;
        }
    }

private:
    Memory memory_ = Memory::create(1);
    Owner parent_ = memory_.roster().reserve();
    TaskBoard board_{memory_, parent_, cohort::serial::Target::forked};
    Hiring source_{};
    Crew crew_{memory_, board_, source_, "trial"};
    Call<Items> call_{};
    std::shared_ptr<Job> job_ = std::make_shared<Job>(
        call_, cohort::detail::JobOptions{.chunksize = kChunk, .retries = kRetries}, 1, cohort::serial::Target::forked);
    std::optional<Worker> worker_{};
};

TEST(KillEverywhere, who_runs_tasks_of_a_pool) {
    kill_everywhere_in<WorkerTrial<Texts<5>, 1, 0>>("pool tasks", 3);
}
TEST(KillEverywhere, who_runs_a_chunk_of_a_pool) {
    kill_everywhere_in<WorkerTrial<Texts<5>, 2, 0>>("a pool's chunk of two", 3);
}
TEST(KillEverywhere, who_runs_a_chunk_whose_results_travel_together) {
    kill_everywhere_in<WorkerTrial<Numbers, 2, 0>>("a pool's chunk of two, of one size", 3);
}
TEST(KillEverywhere, who_runs_a_longer_chunk_whose_results_travel_together) {
    kill_everywhere_in<WorkerTrial<Numbers, 4, 0>>("a pool's chunk of four, of one size", 3);
}
TEST(KillEverywhere, who_runs_tasks_that_are_run_again) {
    kill_everywhere_in<WorkerTrial<Texts<5>, 1, 1>>("pool tasks, with a retry", 3);
}
TEST(KillEverywhere, who_runs_tasks_with_long_arguments_and_results) {
    kill_everywhere_in<WorkerTrial<Texts<500>, 1, 0>>("pool tasks, long", 3);
}

}  // namespace
