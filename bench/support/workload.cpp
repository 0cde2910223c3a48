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
#include <thread>

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

std::vector<double> ratios(const std::vector<double>& of, const std::vector<double>& to) {
    std::vector<double> result;
    for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) result.push_back(of[i] / to[i]);
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

nlohmann::json print_goal(const Goal& goal, const Figures& figures) {
    const Spread spread = spread_of(ratios(figures.at(goal.of), figures.at(goal.to)));
    const bool at_most = goal.kind == Goal::Kind::at_most;
    const bool met = at_most ? spread.median <= goal.bound : spread.median >= goal.bound;
    std::printf("%-52s %12.2f x         (%.2f–%.2f), goal %s %.2f: %s\n", goal.name.c_str(), spread.median, spread.low,
                spread.high, at_most ? "<=" : ">=", goal.bound, met ? "met" : "MISSED");
    nlohmann::json json = to_json(spread);
    json.update({{"name", goal.name}, {"of", goal.of}, {"to", goal.to}, {"bound", goal.bound}, {"met", met}});
    json["kind"] = at_most ? "at_most" : "at_least";
    return json;
}

}  // namespace

Workload::Workload(std::string name, std::string description)
    : name_(std::move(name)), description_(std::move(description)) {}

int Workload::run(int argc, char** argv, int rounds) {
    std::string only;
    std::string json_file;
    CLI::App app(description_);
    app.add_option("--rounds", rounds, "how often each case runs, in turn with the others")->capture_default_str();
    app.add_option("--only", only, "only the cases whose name contains this");
    app.add_option("--json", json_file, "write the figures to this file");
    CLI11_PARSE(app, argc, argv);

    std::erase_if(cases_, [&](const Case& one) { return one.name.find(only) == std::string::npos; });
    Figures figures;
    try {
        for (int round = 0; round < rounds; ++round)
            for (const Case& one : cases_) figures[one.name].push_back(one.run());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name_.c_str(), error.what());
        return 1;
    }

    nlohmann::json json{{"workload", name_},
                        {"machine", machine()},
                        {"cases", nlohmann::json::array()},
                        {"goals", nlohmann::json::array()}};
    for (const Case& one : cases_) json["cases"].push_back(print_case(one, figures[one.name]));
    for (const Goal& goal : goals_)
        if (figures.contains(goal.of) && figures.contains(goal.to)) json["goals"].push_back(print_goal(goal, figures));
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
