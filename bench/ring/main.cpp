// SPDX-License-Identifier: MIT
// Messages of 56 bytes from producer processes to consumer processes, through each contender in turn.
#include "transport.hpp"

#include "os/fork.hpp"
#include "os/mapping.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bench {

namespace {

struct Options {
    std::uint64_t messages = 2'000'000;
    int rounds = 7;
    std::string only;
    std::string json;
};

struct Workload {
    const char* name;
    std::uint32_t producers;
    std::uint32_t consumers;
    bool pinned;  // producers on the first core, consumers on the second
};

constexpr Workload kWorkloads[] = {{"1P-1C, two cores", 1, 1, true},
                                   {"1P-1C, unpinned", 1, 1, false},
                                   {"1P-2C, unpinned", 1, 2, false},
                                   {"2P-1C, unpinned", 2, 1, false},
                                   {"2P-2C, unpinned", 2, 2, false}};

struct Row {
    const Workload* workload;
    const Contender* contender;
    std::vector<double> rates;  // millions of messages a second
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

// What the children of one run share with the parent.
struct Board {
    std::atomic<std::uint32_t> arrived;
    std::atomic<std::uint32_t> go;
    Received received[kMostProducers];
};

template <class Body>
cohort::os::Pidfd start_child(Board& board, const Workload& workload, int core, Body body) {
    auto forked = cohort::os::fork_process();
    if (!forked.in_child()) return std::move(forked.process);
    if (workload.pinned) pin(core);
    board.arrived.fetch_add(1);
    while (board.go.load() == 0) ::sched_yield();
    body();
    ::_exit(0);
}

void check(const Workload& workload, const Contender& contender, const Board& board, std::uint64_t each) {
    Received all;
    for (const Received& one : board.received) {
        all.count += one.count;
        all.sum += one.sum;
        all.disorder += one.disorder;
        all.torn += one.torn;
    }
    const std::uint64_t producers = workload.producers;
    if (all.count == each * producers && all.sum == each * (each + 1) / 2 * producers && all.disorder == 0 &&
        all.torn == 0)
        return;
    std::fprintf(stderr, "%s, %s: wrong: %llu messages, sum %llu, %llu out of order, %llu torn\n",
                 contender.name.c_str(), workload.name, static_cast<unsigned long long>(all.count),
                 static_cast<unsigned long long>(all.sum), static_cast<unsigned long long>(all.disorder),
                 static_cast<unsigned long long>(all.torn));
    std::exit(1);
}

double run(const Workload& workload, const Contender& contender, std::uint64_t messages) {
    const std::uint64_t each = messages / workload.producers;
    auto transport = contender.make();
    auto memory = cohort::os::Mapping::map_anonymous_shared(sizeof(Board));
    auto& board = *new (memory.data()) Board{};
    std::vector<cohort::os::Pidfd> producers;
    std::vector<cohort::os::Pidfd> consumers;
    for (std::uint32_t i = 0; i != workload.producers; ++i)
        producers.push_back(start_child(board, workload, 0, [&] { transport->produce(i, each); }));
    for (std::uint32_t i = 0; i != workload.consumers; ++i)
        consumers.push_back(start_child(board, workload, 1, [&] { board.received[i] = transport->consume(i); }));
    while (board.arrived.load() != workload.producers + workload.consumers) ::sched_yield();
    const auto begin = Clock::now();
    board.go.store(1);
    for (auto& child : producers) child.wait(cohort::forever);
    for (std::size_t i = 0; i != consumers.size(); ++i) transport->end();
    for (auto& child : consumers) child.wait(cohort::forever);
    const double time = seconds_since(begin);
    check(workload, contender, board, each);
    return static_cast<double>(each * workload.producers) / time / 1e6;
}

// Nanoseconds for a cache line to go from one core to the other: near or far decides all figures.
double core_distance() {
    auto memory = cohort::os::Mapping::map_anonymous_shared(128);
    auto& ball = *new (memory.data()) std::atomic<std::uint32_t>(0);
    constexpr std::uint32_t kTimes = 100'000;
    auto forked = cohort::os::fork_process();
    pin(forked.in_child() ? 1 : 0);
    const auto begin = Clock::now();
    const std::uint32_t mine = forked.in_child() ? 1 : 0;
    for (std::uint32_t i = mine; i < kTimes; i += 2) {
        while (ball.load(std::memory_order_acquire) != i) continue;
        ball.store(i + 1, std::memory_order_release);
    }
    if (forked.in_child()) ::_exit(0);
    const double time = seconds_since(begin);
    forked.process.wait(cohort::forever);
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    ::sched_setaffinity(0, sizeof all, &all);
    return time / kTimes * 1e9;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void print(const std::vector<Row>& rows) {
    std::printf("%-18s %-30s %s\n", "workload", "contender", "median (min-max), million messages a second");
    for (const Row& row : rows)
        std::printf("%-18s %-30s %6.2f (%.2f-%.2f)\n", row.workload->name, row.contender->name.c_str(),
                    median(row.rates), *std::min_element(row.rates.begin(), row.rates.end()),
                    *std::max_element(row.rates.begin(), row.rates.end()));
}

void write_json(const std::string& path, const std::vector<Row>& rows, const std::vector<double>& distances) {
    std::ofstream out(path);
    out << "{\"benchmark\": \"ring\", \"unit\": \"million messages a second\", \"core_distance_ns\": "
        << median(distances) << ", \"rows\": [";
    const char* separator = "\n";
    for (const Row& row : rows) {
        out << separator << "  {\"workload\": \"" << row.workload->name << "\", \"contender\": \""
            << row.contender->name << "\", \"median\": " << median(row.rates) << ", \"rates\": [";
        for (std::size_t i = 0; i != row.rates.size(); ++i) out << (i ? ", " : "") << row.rates[i];
        out << "]}";
        separator = ",\n";
    }
    out << "\n]}\n";
}

constexpr const char* kHelp =
    "Usage: bench_ring [--messages N] [--rounds N] [--only TEXT] [--json FILE]\n"
    "Moves messages of 56 bytes between processes through cohort's rings, bare rings without crash bookkeeping and\n"
    "Boost's message_queue; the contenders take turns, and what arrives is checked.\n"
    "  --messages N  how many in each run (default 2000000)\n"
    "  --rounds N    how often each contender has its turn (default 7)\n"
    "  --only TEXT   only contenders or workloads whose name contains TEXT\n"
    "  --json FILE   writes the figures to FILE\n";

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--help") {
            std::fputs(kHelp, stdout);
            std::exit(0);
        }
        if (i + 1 == argc) throw std::invalid_argument(name + ": unknown, or without a value; see --help");
        const std::string value = argv[++i];
        if (name == "--messages") {
            options.messages = std::stoull(value);
        } else if (name == "--rounds") {
            options.rounds = std::stoi(value);
        } else if (name == "--only") {
            options.only = value;
        } else if (name == "--json") {
            options.json = value;
        } else {
            throw std::invalid_argument(name + ": unknown; see --help");
        }
    }
    return options;
}

void run_all(const Options& options) {
    std::vector<Contender> contenders;
    for (auto list : {cohort_contenders(), queue_contenders(), bare_contenders(), boost_contenders()})
        contenders.insert(contenders.end(), list.begin(), list.end());
    if (boost_contenders().empty()) std::puts("Boost message_queue: not installed, skipped");
    std::vector<Row> rows;
    for (const Workload& workload : kWorkloads)
        for (const Contender& contender : contenders)
            if (workload.producers <= contender.most_producers && workload.consumers <= contender.most_consumers &&
                (workload.pinned || !contender.polls) &&
                (contender.name + "/" + workload.name).find(options.only) != std::string::npos)
                rows.push_back({&workload, &contender, {}});
    std::vector<double> distances;
    for (int round = 0; round != options.rounds; ++round) {
        distances.push_back(core_distance());
        for (Row& row : rows) row.rates.push_back(run(*row.workload, *row.contender, options.messages));
    }
    std::printf("a cache line from core to core: %.0f ns (over about 300 ns: the cores are far)\n", median(distances));
    print(rows);
    if (!options.json.empty()) write_json(options.json, rows, distances);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) try { bench::run_all(bench::parse(argc, argv)); } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ring: %s\n", error.what());
    return 2;
}
