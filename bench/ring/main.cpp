// SPDX-License-Identifier: MIT
// Messages of 56 bytes from producer processes to consumer processes, through each contender in turn.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "ring/transport.hpp"
#include "support/cores.hpp"
#include "support/stream.hpp"

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
    Crowd crowd;
};

constexpr Workload kWorkloads[] = {{"1P-1C, two cores", {1, 1, true}},
                                   {"1P-1C, unpinned", {1, 1, false}},
                                   {"1P-2C, unpinned", {1, 2, false}},
                                   {"2P-1C, unpinned", {2, 1, false}},
                                   {"2P-2C, unpinned", {2, 2, false}}};

struct Row {
    const Workload* workload;
    const Contender* contender;
    std::vector<double> rates;  // millions of messages a second
};

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
    for (auto list : {cohort_contenders(), bare_contenders(), boost_contenders()})
        contenders.insert(contenders.end(), list.begin(), list.end());
    if (boost_contenders().empty()) std::puts("Boost message_queue: not installed, skipped");
    std::vector<Row> rows;
    for (const Workload& workload : kWorkloads)
        for (const Contender& contender : contenders)
            if (workload.crowd.producers <= contender.most_producers &&
                workload.crowd.consumers <= contender.most_consumers && (workload.crowd.pinned || !contender.polls) &&
                (contender.name + "/" + workload.name).find(options.only) != std::string::npos)
                rows.push_back({&workload, &contender, {}});
    std::vector<double> distances;
    for (int round = 0; round != options.rounds; ++round) {
        distances.push_back(core_distance());
        for (Row& row : rows)
            row.rates.push_back(run_stream(*row.contender->make(), row.workload->crowd, options.messages) / 1e6);
    }
    std::printf("a cache line from core to core: %.0f ns (over %.0f ns: the cores are far)\n", median(distances),
                kFarNanoseconds);
    print(rows);
    if (!options.json.empty()) write_json(options.json, rows, distances);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) try { bench::run_all(bench::parse(argc, argv)); } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ring: %s\n", error.what());
    return 2;
}
