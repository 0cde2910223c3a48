// SPDX-License-Identifier: MIT
#include "support/workload.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "support/cores.hpp"
#include "support/machine.hpp"
#include "support/results.hpp"

namespace bench {

namespace {

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm day{};
    ::gmtime_r(&now, &day);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%F", &day)};
}

bool matches(const std::string& name, const std::vector<std::string>& texts) {
    return texts.empty() || std::any_of(texts.begin(), texts.end(),
                                        [&](const std::string& text) { return name.find(text) != std::string::npos; });
}

double figure_of(const Case& one) {
    try {
        return one.run();
    } catch (const std::exception& error) {
        throw std::runtime_error(one.name + ": " + error.what());
    }
}

void run_round(const std::vector<Case>& cases, bool watches_cores, Results& results) {
    std::vector<double> distances;
    for (const Case& one : cases) {
        if (watches_cores) distances.push_back(core_distance());
        results.figures[one.name].push_back(figure_of(one));
    }
    if (!watches_cores) return;
    distances.push_back(core_distance());
    results.distances.push_back(distances);
    report_distances(results);
}

// Of the column of names.
int width_of(const std::vector<Case>& cases, const std::vector<Goal>& goals) {
    std::size_t width = 52;
    for (const Case& one : cases) width = std::max(width, one.name.size());
    for (const Goal& goal : goals) width = std::max(width, goal.name.size());
    return static_cast<int>(width);
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
    Results results;
    for (const Case& one : cases_) results.names.push_back(one.name);
    try {
        for (int round = 0; round < rounds; ++round) run_round(cases_, watches_cores_, results);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name_.c_str(), error.what());
        return 1;
    }

    std::erase_if(
        goals_, [&](const Goal& goal) { return !results.has(goal.of) || !(goal.to.empty() || results.has(goal.to)); });
    const int width = width_of(cases_, goals_);
    nlohmann::json json{{"workload", name_},
                        {"description", description_},
                        {"machine", machine()},
                        {"versions", versions()},
                        {"date", today()},
                        {"rounds", rounds},
                        {"cases", nlohmann::json::array()},
                        {"goals", nlohmann::json::array()}};
    if (watches_cores_) json["core_distance_ns"] = results.distances;
    for (const Case& one : cases_) json["cases"].push_back(report_case(one, results, width));
    for (const Goal& goal : goals_) json["goals"].push_back(report_goal(goal, results, width));
    for (const auto& [name, reason] : skipped_) {
        std::printf("%-*s skipped: %s\n", width, name.c_str(), reason.c_str());
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
