// SPDX-License-Identifier: MIT
// Descriptors and connections in queues: kept by the tree's depot until somebody takes the item.
#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"
#include "support/forked_child.hpp"
#include "support/process_list.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/os/descriptor.hpp>

#include "os/file.hpp"
#include "os/memfd_message.hpp"
#include "os/pipe.hpp"
#include "process/depot_process.hpp"
#include "process/tree_pipe.hpp"
#include "shm/tree.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

struct Parcel {
    std::string text;
    std::vector<Descriptor> files;
    Connection reply;
    Queue<int> numbers;
};

Descriptor file_with(const std::string& text) {
    return os::memfd_with("test", std::as_bytes(std::span(text)));
}

std::string content_of(const Descriptor& file) {
    const auto bytes = os::memfd_content(file.get()).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The depot that listens for this process's tree.
pid_t depot() {
    for (const std::string& pid : names_in("/proc"))
        if (text_of_file("/proc/" + pid + "/comm") == "cohort-depot\n")
            for (const std::string& number : names_in("/proc/" + pid + "/fd")) {
                std::error_code gone;
                const auto pipe = std::filesystem::read_symlink("/proc/" + pid + "/fd/" + number, gone);
                const std::string own = "/proc/self/fd/" + std::to_string(process::tree_pipe());
                if (!gone && pipe == std::filesystem::read_symlink(own)) return std::stoi(pid);
            }
    throw std::runtime_error("there is no depot");
}

std::size_t open_in(pid_t pid) {
    return names_in("/proc/" + std::to_string(pid) + "/fd").size();
}

/// Returns when the last copy of the writing end is closed.
void wait_for_end_of(const Descriptor& reading_end) {
    os::wait_for_end(reading_end.get());
}

class QueueDescriptors : public Workers {};
class QueueDescriptorsOfProcesses : public WorkerProcesses {};
INSTANTIATE_TEST_SUITE_P(, QueueDescriptors, kEveryWorker, name_of_worker);
INSTANTIATE_TEST_SUITE_P(, QueueDescriptorsOfProcesses, kEveryWorkerProcess, name_of_worker);

void put_a_file(Queue<Descriptor> queue) {
    queue.put(file_with("from a worker"));
}

// In Python the sender must live until then.
TEST_P(QueueDescriptors, are_there_when_the_sender_has_ended) {
    Queue<Descriptor> queue;
    auto worker = start(put_a_file, queue);
    worker.join();
    EXPECT_EQ(content_of(queue.get()), "from a worker");
    EXPECT_FALSE(queue.try_get());
}

void answer(Queue<Parcel> parcels) {
    const Parcel parcel = parcels.get();
    std::string text = parcel.text;
    for (const Descriptor& file : parcel.files) text += content_of(file);
    parcel.numbers.put(static_cast<int>(parcel.files.size()));
    parcel.reply.send(text);
}

TEST_P(QueueDescriptors, travel_with_other_handles) {
    Queue<Parcel> parcels;
    auto worker = start(answer, parcels);
    auto [ours, theirs] = Pipe();
    Parcel parcel{std::string(5'000, 'x'), {}, theirs, {}};
    parcel.files.push_back(file_with("one"));
    parcel.files.push_back(file_with("two"));
    parcels.put(parcel);
    EXPECT_EQ(ours.recv<std::string>(), std::string(5'000, 'x') + "onetwo");
    EXPECT_EQ(parcel.numbers.get(), 2);
}

void take_all(Queue<std::vector<Descriptor>> queue, Queue<std::string> texts) {
    std::string text;
    for (const Descriptor& file : queue.get()) text += content_of(file);
    texts.put(text);
}

TEST_P(QueueDescriptors, are_many) {
    Queue<std::vector<Descriptor>> queue;
    Queue<std::string> texts;
    auto worker = start(take_all, queue, texts);
    std::vector<Descriptor> files;
    std::string expected;
    for (int i = 0; i != 2 * static_cast<int>(process::kDepotPortion) + 3; ++i) {
        expected += std::to_string(i);
        files.push_back(file_with(std::to_string(i)));
    }
    queue.put(std::move(files));
    EXPECT_EQ(texts.get(), expected);
}

TEST_P(QueueDescriptors, come_in_the_order_of_the_items) {
    Queue<std::pair<int, Descriptor>> queue;
    auto worker = start(
        [](Queue<std::pair<int, Descriptor>> into) {
            for (int i = 0; i != 50; ++i) into.put({i, i % 3 == 0 ? Descriptor() : file_with(std::to_string(i))});
        },
        queue);
    for (int i = 0; i != 50; ++i) {
        const auto [number, file] = queue.get();
        EXPECT_EQ(number, i);
        EXPECT_EQ(static_cast<bool>(file), i % 3 != 0);
        if (file) {
            EXPECT_EQ(content_of(file), std::to_string(i));
        }
    }
    while (open_in(depot()) > 5) std::this_thread::sleep_for(1ms);  // the streams, the pipe, the socket
}

void put_and_stay(Queue<Descriptor> into, Queue<int> said) {
    into.put(file_with("whole"));
    said.put(1);
    std::this_thread::sleep_for(1h);
}

void take_and_stay(Queue<Descriptor> from, Queue<int> said) {
    const Descriptor mine = from.get();
    said.put(mine.get());
    std::this_thread::sleep_for(1h);
}

/// Starts a process that does so, and kills it when it has said something.
void run_and_kill(StartMethod method, void (*work)(Queue<Descriptor>, Queue<int>), Queue<Descriptor> queue) {
    Queue<int> said;
    Process process({.start_method = method}, work, queue, said);
    process.start();
    said.get();
    process.kill();
    process.join();
    EXPECT_EQ(process.exitcode(), -SIGKILL);
}

TEST_P(QueueDescriptorsOfProcesses, of_a_killed_sender_stay_of_a_killed_receiver_are_closed) {
    Queue<Descriptor> queue;
    run_and_kill(*GetParam().method, put_and_stay, queue);
    EXPECT_EQ(content_of(queue.get()), "whole");

    auto [reading, writing] = os::make_pipe();
    queue.put(writing);
    writing.reset();
    run_and_kill(*GetParam().method, take_and_stay, queue);
    wait_for_end_of(reading);
}

class Depot : public ProcessTest {};

TEST_F(Depot, closes_what_is_discarded) {
    auto [reading, writing] = os::make_pipe();
    Queue<Descriptor> queue;
    queue.put(writing);
    writing.reset();
    queue.close(true);
    wait_for_end_of(reading);
}

TEST_F(Depot, closes_what_goes_with_its_queue) {
    auto [reading, writing] = os::make_pipe();
    Queue<Descriptor>().put(writing);
    writing.reset();
    wait_for_end_of(reading);
}

TEST_F(Depot, closes_what_did_not_go_in) {
    auto [reading, writing] = os::make_pipe();
    Queue<Descriptor> queue(1);
    queue.put(Descriptor());
    EXPECT_THROW(queue.put_nowait(writing), Full);
    writing.reset();
    wait_for_end_of(reading);
}

TEST_F(Depot, closes_what_a_dead_sender_had_not_put) {
    auto [reading, writing] = os::make_pipe();
    Queue<Descriptor> queue(1);
    queue.put(file_with("full"));  // the depot runs, and this process is in the roster
    ForkedChild child([&queue, end = writing.get()] { queue.put(Descriptor(::dup(end)), true); });
    writing.reset();
    while (open_in(depot()) < 7) std::this_thread::sleep_for(1ms);  // 3 streams, pipe, socket, this file, the child's
    child.kill();
    child.wait();
    shm::reap_tree();
    wait_for_end_of(reading);
    EXPECT_EQ(content_of(queue.get()), "full");
}

TEST_F(Depot, that_was_killed_is_replaced) {
    Queue<Descriptor> queue;
    queue.put(file_with("lost"));
    const pid_t first = depot();
    ::kill(first, SIGKILL);
    while (::kill(first, 0) == 0) std::this_thread::sleep_for(1ms);
    EXPECT_NE(error_text<Error>([&] { queue.get(); }).find("the process that kept them has ended"), std::string::npos);
    queue.put(file_with("kept"));
    EXPECT_NE(depot(), first);
    EXPECT_EQ(content_of(queue.get()), "kept");
}

TEST_F(Depot, ends_with_its_tree) {
    {
        Queue<Descriptor> queue;
        queue.put(file_with("x"));
        queue.get();
    }
    const pid_t pid = depot();
    process::leave_tree();
    EXPECT_EQ(shm::forget_tree(), "");
    while (::kill(pid, 0) == 0) std::this_thread::sleep_for(1ms);
}

TEST_F(Depot, is_one_for_many_that_begin_at_once) {
    Queue<Descriptor> queue;
    std::vector<ForkedChild> children;
    for (int i = 0; i != 8; ++i) children.emplace_back([&queue] { queue.put(file_with("x")); });
    for (ForkedChild& child : children) EXPECT_EQ(child.wait().exitcode(), 0);
    for (int i = 0; i != 8; ++i) EXPECT_EQ(content_of(queue.get()), "x");
}

}  // namespace
}  // namespace cohort::test
