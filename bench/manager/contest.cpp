// SPDX-License-Identifier: MIT
#include "manager/contest.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <span>
#include <stdexcept>
#include <thread>

#include "support/child.hpp"
#include "support/cores.hpp"
#include "support/shared.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

constexpr std::chrono::milliseconds kCrowdTime{500};
constexpr std::chrono::milliseconds kUntilAsleep{300};
constexpr std::chrono::seconds kIdle{2};
constexpr int kMostClients = 100;

double processor_seconds(pid_t process) {
    clockid_t clock;
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("no processor time of a server");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void go_to(Place place, int core) {
    if (place != Place::anywhere) pin(place == Place::one_core ? 0 : core);
}

std::unique_ptr<Service> start_at(const Start& start, Place place) {
    go_to(place, 1);
    auto service = start();
    go_to(place, 0);
    return service;
}

void call(Client& client, const Calls& calls, const Value& value, int count) {
    for (int i = 0; i < count; ++i)
        if (calls.operation == Operation::set)
            client.set(value);
        else if (client.get().size() != value.size())
            throw std::runtime_error("wrong: the size of the value");
}

/// Sets and gets, then measures what `measure` does with the calls.
double measured(const Start& start, const Calls& calls,
                const std::function<double(Service&, const std::function<void()>&)>& measure) {
    return figure_apart([&] {
        const auto service = start_at(start, calls.place);
        const auto client = service->connect();
        const Value value(calls.bytes, std::byte{7});
        client->set(value);
        call(*client, calls, value, calls.count / 10);
        const double figure = measure(*service, [&] { call(*client, calls, value, calls.count); });
        if (client->get() != value) throw std::runtime_error("wrong: the value");
        return figure / calls.count * 1e6;
    });
}

struct Board {
    std::atomic<int> ready{0};
    std::atomic<bool> begin{false};
    std::atomic<bool> end{false};
    std::array<long, kMostClients> counts{};
};

void be_one_of_many(Service& service, Board& board, long& count) {
    const auto client = service.connect();
    client->get();
    board.ready.fetch_add(1);
    while (!board.begin.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (count = 0; !board.end.load(std::memory_order_relaxed); ++count) client->get();
}

/// Starts them, and returns when all have connected.
std::vector<Child> gather(Service& service, Board& board, int clients) {
    service.connect()->set(Value(32));
    std::vector<Child> children;
    for (int i = 0; i != clients; ++i)
        children.emplace_back([&, i] { be_one_of_many(service, board, board.counts[static_cast<std::size_t>(i)]); });
    while (board.ready.load() != clients) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return children;
}

void send_home(std::vector<Child>& children, Board& board) {
    board.begin = true;
    board.end = true;
    for (Child& child : children) child.wait();
}

}  // namespace

double time_of_calls(const Start& start, const Calls& calls) {
    return measured(start, calls, [](Service&, const std::function<void()>& work) { return seconds(work); });
}

double work_of_calls(const Start& start, const Calls& calls) {
    return measured(start, calls, [](Service& service, const std::function<void()>& work) {
        const double before = processor_seconds(service.pid()) + processor_seconds(::getpid());
        work();
        return processor_seconds(service.pid()) + processor_seconds(::getpid()) - before;
    });
}

CrowdResult run_crowd(const Start& start, int clients) {
    const Shared<CrowdResult> result;
    Child([&] {
        const auto service = start();
        const Shared<Board> board;
        auto children = gather(*service, *board, clients);
        const double time = seconds([&] {
            board->begin = true;
            std::this_thread::sleep_for(kCrowdTime);
            board->end = true;
        });
        for (Child& child : children) child.wait();
        const auto counts = std::span(board->counts).first(static_cast<std::size_t>(clients));
        long sum = 0;
        for (const long each : counts) sum += each;
        const auto [least, most] = std::ranges::minmax(counts);
        *result = {static_cast<double>(sum) / time / 1e3,
                   static_cast<double>(most) / static_cast<double>(std::max(least, 1L))};
    }).wait();
    return *result;
}

double idle_percent(const Start& start) {
    return figure_apart([&] {
        const auto service = start();
        const Shared<Board> board;
        auto children = gather(*service, *board, kMostClients);
        std::this_thread::sleep_for(kUntilAsleep);
        const double before = processor_seconds(service->pid());
        std::this_thread::sleep_for(kIdle);
        const double used = processor_seconds(service->pid()) - before;
        send_home(children, *board);
        return used / std::chrono::duration<double>(kIdle).count() * 100;
    });
}

}  // namespace bench
