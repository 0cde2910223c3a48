// SPDX-License-Identifier: MIT
#include "pool/task_board.hpp"

#include <cohort/pool/detail/calls.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

using cohort::detail::JobOptions;
using cohort::pool::Job;
using cohort::pool::Memory;
using cohort::pool::TaskBoard;
using cohort::pool::TaskId;
using cohort::pool::TaskMessage;
using cohort::shm::Owner;
using cohort::shm::Ring;

namespace {

int same(int i) {
    return i;
}

/// Items that are their indices.
class Call final : public cohort::detail::CallOf<int (*)(int), int> {
public:
    explicit Call(std::size_t items) : cohort::detail::CallOf<int (*)(int), int>(function_, items) {}
    void write_item(std::size_t index, cohort::serial::Sink& out, cohort::serial::Target) override {
        cohort::serial::write(out, static_cast<int>(index));
    }

private:
    int (*function_)(int) = &same;
};

/// A board whose only worker is the test.
class TaskBoardTest : public testing::Test {
protected:
    std::shared_ptr<Job> add(Call& call, std::size_t chunksize = 0) {
        auto job = std::make_shared<Job>(call, JobOptions{.chunksize = chunksize}, 1, cohort::serial::Target::forked);
        board_.add(job);
        return job;
    }
    std::optional<TaskId> take() {
        const Ring::Take taken = ring_.try_take(worker_);
        if (!taken) return std::nullopt;
        const TaskId id = TaskId::from_raw(reinterpret_cast<const TaskMessage*>(taken.data)->task);
        ring_.release(taken);
        return id;
    }

    Memory memory_ = Memory::create(1);
    TaskBoard board_{memory_, memory_.roster().reserve(), cohort::serial::Target::forked};
    Ring ring_ = memory_.tasks();
    Owner worker_ = memory_.roster().reserve();
};

// Whoever leads may not wait for the job that has ended.
TEST_F(TaskBoardTest, the_end_of_a_job_is_news_however_it_ended) {
    Call call(2);
    add(call, 1);
    ASSERT_TRUE(board_.fill());
    EXPECT_FALSE(board_.take_news());
    for (int i = 0; i != 2; ++i) {
        const auto id = take();
        ASSERT_TRUE(id);
        const auto lost = board_.recover(worker_, *id, 0, {}, nullptr);
        ASSERT_TRUE(lost);
        EXPECT_FALSE(board_.take_news());
        board_.fail(*lost, std::make_exception_ptr(std::runtime_error("lost")));
    }
    EXPECT_EQ(board_.jobs(), 0U);
    EXPECT_TRUE(board_.take_news());
    EXPECT_FALSE(board_.take_news());
    EXPECT_THROW(call.take(), std::runtime_error);
}

TEST_F(TaskBoardTest, few_chunks_wait_also_behind_tasks_of_which_many_may) {
    Call tiny(5'000);
    add(tiny, 1);
    while (board_.pacing().window() < 64) {
        ASSERT_TRUE(board_.fill());
        while (take()) continue;
    }
    while (board_.has_more()) {
        board_.fill();
        while (take()) continue;
    }
    Call last(1);
    Call chunks(100'000);
    add(last);
    add(chunks);
    while (board_.fill()) continue;
    EXPECT_EQ(board_.waiting(), 4U);
    EXPECT_TRUE(board_.has_more());
    board_.fail_all(std::make_exception_ptr(std::runtime_error("over")));
}

}  // namespace
