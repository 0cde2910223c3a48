// SPDX-License-Identifier: MIT
#include "support/workload.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <thread>

#include "support/cores.hpp"

namespace bench {

namespace {

using Figures = std::map<std::string, std::vector<double>>;  // by case, one for each round

struct Spread {
    double median, low, high;
};

Spread spread_of(std::vector<double> figures) {
    std::sort(figures.begin(), figures.end());
    const std::size_t middle = figures.size() / 2;
    const double median = figures.size() % 2 == 1 ? figures[middle] : (figures[middle - 1] + figures[middle]) / 2;
    return {median, figures.front(), figures.back()};
}

/// Nanoseconds between the cores before and after a round.
struct Distance {
    double before = 0, after = 0;
    bool near() const { return std::max(before, after) < kFarNanoseconds; }
    bool far() const { return std::min(before, after) >= kFarNanoseconds; }
};
using Distances = std::vector<Distance>;  // one for each round, or none

const char* text_of(double distance) {
    return distance < kFarNanoseconds ? "near" : "far";
}

bool counts(const Goal& goal, std::size_t round, const Distances& distances) {
    if (goal.cores == Goal::Cores::any) return true;
    return goal.cores == Goal::Cores::near ? distances.at(round).near() : distances.at(round).far();
}

std::vector<double> ratios(const Goal& goal, const Figures& figures, const Distances& distances) {
    const std::vector<double>& of = figures.at(goal.of);
    std::vector<double> result;
    for (std::size_t i = 0; i < of.size(); ++i)
        if (counts(goal, i, distances)) result.push_back(goal.to.empty() ? of[i] : of[i] / figures.at(goal.to)[i]);
    return result;
}

nlohmann::json to_json(const Spread& spread) {
    return {{"median", spread.median}, {"min", spread.low}, {"max", spread.high}};
}

nlohmann::json machine() {
    std::string model = "unknown";
    std::ifstream information("/proc/cpuinfo");
    for (std::string line; std::getline(information, line);)
        if (line.starts_with("model name")) {
            model = line.substr(line.find(':') + 2);
            break;
        }
    return {{"processor", model}, {"cores", std::thread::hardware_concurrency()}, {"compiler", __VERSION__}};
}

nlohmann::json print_case(const Case& the_case, const std::vector<double>& figures) {
    const Spread spread = spread_of(figures);
    std::printf("%-52s %12.2f %-9s (%.2f–%.2f)\n", the_case.name.c_str(), spread.median, the_case.unit.c_str(),
                spread.low, spread.high);
    nlohmann::json json = to_json(spread);
    json["name"] = the_case.name;
    json["unit"] = the_case.unit;
    json["rounds"] = figures;
    return json;
}

nlohmann::json print_goal(const Goal& goal, const Figures& figures, const Distances& distances) {
    nlohmann::json json{{"name", goal.name}, {"of", goal.of}, {"to", goal.to}, {"bound", goal.bound}};
    const std::vector<double> values = ratios(goal, figures, distances);
    json["rounds"] = values;
    if (values.empty()) {
        std::printf("%-52s %12s no round with the cores %s\n", goal.name.c_str(), "-",
                    goal.cores == Goal::Cores::near ? "near" : "far");
        return json;
    }
    const Spread spread = spread_of(values);
    const bool at_most = goal.kind == Goal::Kind::at_most;
    const bool met = at_most ? spread.median <= goal.bound : spread.median >= goal.bound;
    std::printf("%-52s %12.2f %-9s (%.2f–%.2f), goal %s %.2f: %s\n", goal.name.c_str(), spread.median,
                goal.to.empty() ? "" : "x", spread.low, spread.high, at_most ? "<=" : ">=", goal.bound,
                met ? "met" : "MISSED");
    json.update(to_json(spread));
    json["met"] = met;
    json["kind"] = at_most ? "at_most" : "at_least";
    return json;
}

bool matches(const std::string& name, const std::vector<std::string>& texts) {
    return texts.empty() || std::any_of(texts.begin(), texts.end(),
                                        [&](const std::string& text) { return name.find(text) != std::string::npos; });
}

Distance run_round(int round, const std::vector<Case>& cases, bool watches_cores, Figures& figures) {
    Distance distance;
    if (watches_cores) distance.before = core_distance();
    for (const Case& one : cases) try {
            figures[one.name].push_back(one.run());
        } catch (const std::exception& error) {
            throw std::runtime_error(one.name + ": " + error.what());
        }
    if (!watches_cores) return distance;
    distance.after = core_distance();
    std::printf("round %d: a cache line from core to core takes %.0f ns before (%s), %.0f ns after (%s)\n", round + 1,
                distance.before, text_of(distance.before), distance.after, text_of(distance.after));
    std::fflush(stdout);
    return distance;
}

}  // namespace

Workload::Workload(std::string name, std::string description)
    : name_(std::move(name)), description_(std::move(description)) {}

int Workload::run(int argc, char** argv, int rounds) {
    std::vector<std::string> only;
    std::string json_file;
    bool list = false;
    CLI::App app(description_);
    app.add_option("--rounds", rounds, "how often each case runs, in turn with the others")->capture_default_str();
    app.add_option("--only", only, "only the cases whose name contains one of these");
    app.add_flag("--list", list, "print the names of the cases, and run none");
    app.add_option("--json", json_file, "write the figures to this file");
    CLI11_PARSE(app, argc, argv);

    std::erase_if(cases_, [&](const Case& one) { return !matches(one.name, only); });
    if (list) {
        for (const Case& one : cases_) std::puts(one.name.c_str());
        return 0;
    }
    Figures figures;
    Distances distances;
    try {
        for (int round = 0; round < rounds; ++round)
            distances.push_back(run_round(round, cases_, watches_cores_, figures));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name_.c_str(), error.what());
        return 1;
    }

    nlohmann::json json{{"workload", name_},
                        {"machine", machine()},
                        {"cases", nlohmann::json::array()},
                        {"goals", nlohmann::json::array()}};
    if (watches_cores_)
        for (const Distance& one : distances) json["core_distance_ns"].push_back({one.before, one.after});
    for (const Case& one : cases_) json["cases"].push_back(print_case(one, figures[one.name]));
    for (const Goal& goal : goals_)
        if (figures.contains(goal.of) && (goal.to.empty() || figures.contains(goal.to)))
            json["goals"].push_back(print_goal(goal, figures, distances));
    for (const auto& [name, reason] : skipped_) {
        std::printf("%-52s skipped: %s\n", name.c_str(), reason.c_str());
        json["skipped"].push_back({{"name", name}, {"reason", reason}});
    }
    if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << "\n";
    return 0;
}

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace bench
