// SPDX-License-Identifier: MIT
// wait() for queues that threads and processes of every start method share.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>
#include <cohort/sync/event.hpp>

#include "conformance/sync/workers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using cohort::Connection;
using cohort::EofError;
using cohort::Event;
using cohort::Queue;
using cohort::SimpleQueue;
using cohort::Waitable;
using Ready = std::vector<Waitable>;

namespace {

class WaitingForQueues : public cohort::test::Workers {};
INSTANTIATE_TEST_SUITE_P(, WaitingForQueues, cohort::test::kEveryWorker, cohort::test::name_of_worker);
class WaitingForProcesses : public cohort::test::WorkerProcesses {};
INSTANTIATE_TEST_SUITE_P(, WaitingForProcesses, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

void put_ten_and_close(Queue<int> queue, int from) {
    for (int i = 0; i != 10; ++i) queue.put(from + i);
    queue.close();
}

// As Waiting.wait has it for pipes.
TEST_P(WaitingForQueues, all_that_four_put) {
    const std::vector<Queue<int>> queues{Queue<int>(), Queue<int>(1), Queue<int>(3), Queue<int>()};
    std::vector<cohort::test::RunningWorker> workers;
    for (std::size_t i = 0; i != queues.size(); ++i)
        workers.push_back(start(put_ten_and_close, queues[i], static_cast<int>(i) * 10));
    std::map<int, int> next;
    for (std::vector<Queue<int>> open = queues; !open.empty();) {
        for (const Waitable& ready : cohort::wait(open)) {
            const auto queue = std::ranges::find_if(open, [&](const auto& each) { return ready == each; });
            try {
                const int item = queue->get_nowait();  // what is ready does not wait
                EXPECT_EQ(item % 10, next[item / 10]++);
            } catch (const EofError&) {
                open.erase(queue);
            }
        }
    }
    for (const auto& [producer, count] : next) EXPECT_EQ(count, 10) << producer;
    EXPECT_EQ(next.size(), 4U);
}

void answer_what_comes(SimpleQueue<int> numbers, Queue<std::string> texts, Connection connection,
                       Queue<std::string> answers) {
    for (int left = 3; left != 0;)
        for (const Waitable& ready : cohort::wait({numbers, connection, texts})) {
            if (ready == numbers)
                answers.put(std::to_string(numbers.get()));
            else if (ready == texts)
                answers.put(texts.get());
            else
                answers.put(connection.recv<std::string>());
            --left;
        }
}

// The other side waits, for queues and a pipe together; each is ready alone, while it sleeps or is on its way there.
TEST_P(WaitingForQueues, the_worker_waits_for_queues_and_a_pipe) {
    const SimpleQueue<int> numbers;
    const Queue<std::string> texts(2), answers;
    auto [connection, other] = cohort::Pipe();
    auto worker = start(answer_what_comes, numbers, texts, other, answers);
    numbers.put(1);
    EXPECT_EQ(answers.get(), "1");
    texts.put(std::string(10'000, 'x'));
    EXPECT_EQ(answers.get().size(), 10'000U);
    connection.send("three");
    EXPECT_EQ(answers.get(), "three");
}

void close_when_told(Queue<int> queue, Event may_close) {
    may_close.wait();
    queue.close();
}

TEST_P(WaitingForQueues, until_it_is_closed) {
    auto [a, b] = cohort::Pipe();
    for (const bool mixed : {false, true}) {
        const Queue<int> queue, other;
        Event may_close;
        auto worker = start(close_when_told, queue, may_close);
        const Ready waited = mixed ? Ready{other, a, queue} : Ready{other, queue};
        EXPECT_EQ(cohort::wait(waited, 0s), Ready());
        EXPECT_EQ(cohort::wait(waited, 5ms), Ready());
        may_close.set();
        EXPECT_EQ(cohort::wait(waited), Ready{queue});
    }
}

void put_then_wait_for_the_end(Queue<int> queue, Event may_end) {
    queue.put(1);
    may_end.wait();
}

TEST_P(WaitingForProcesses, together_with_a_process_and_its_sentinel) {
    const Queue<int> queue;
    Event may_end;
    auto worker = start(put_then_wait_for_the_end, queue, may_end);
    cohort::Process& process = worker.process();
    EXPECT_EQ(cohort::wait({process, queue}), Ready{queue});
    queue.get();
    EXPECT_EQ(cohort::wait({process, queue, process.sentinel()}, 5ms), Ready());
    may_end.set();
    EXPECT_EQ(cohort::wait({queue, process}), Ready{process});
    queue.put(2);
    EXPECT_EQ(cohort::wait({process, queue, process.sentinel()}), (Ready{process, queue, process.sentinel()}));
}

void put_for_ever(Queue<std::string> queue) {
    for (std::size_t i = 0;; ++i) queue.put(std::string(i % 500, 'x'));
}

// One consumer: what is ready can be taken, whatever a killed producer has left.
TEST_P(WaitingForProcesses, what_is_ready_can_be_taken_after_deaths) {
    const Queue<std::string> queue(5), other;
    for (int i = 0; i != 6; ++i) {
        cohort::Process producer({.start_method = GetParam().method}, put_for_ever, queue);
        producer.start();
        for (int j = 0; j != 50 + i; ++j) {
            ASSERT_EQ(cohort::wait({other, queue}), Ready{queue});
            ASSERT_TRUE(queue.try_get());
        }
        producer.kill();
        ASSERT_EQ(cohort::wait({other, producer}), Ready{producer});
        producer.join();
        while (!cohort::wait({other, queue}, 0s).empty()) ASSERT_TRUE(queue.try_get());
        EXPECT_TRUE(queue.empty());
    }
    queue.put("last");
    EXPECT_EQ(cohort::wait({other, queue}), Ready{queue});
    EXPECT_EQ(queue.get(), "last");
}

}  // namespace
