// SPDX-License-Identifier: MIT
#include "support/results.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

#include "support/cores.hpp"

namespace bench {

namespace {

struct Spread {
    double median, low, high;
};

Spread spread_of(std::vector<double> figures) {
    std::sort(figures.begin(), figures.end());
    const std::size_t middle = figures.size() / 2;
    const double median = figures.size() % 2 == 1 ? figures[middle] : (figures[middle - 1] + figures[middle]) / 2;
    return {median, figures.front(), figures.back()};
}

nlohmann::json to_json(const Spread& spread) {
    return {{"median", spread.median}, {"min", spread.low}, {"max", spread.high}};
}

bool is_near(double distance) {
    return distance < kFarNanoseconds;
}

const char* text_of(double distance) {
    return is_near(distance) ? "near" : "far";
}

// Whether the cores were so before and after a case of a round.
bool were(Goal::Cores cores, const Results& results, std::size_t round, const std::string& name) {
    const auto at = std::find(results.names.begin(), results.names.end(), name) - results.names.begin();
    const double* const around = results.distances.at(round).data() + at;
    const bool wanted = cores == Goal::Cores::near;
    return is_near(around[0]) == wanted && is_near(around[1]) == wanted;
}

bool counts(const Goal& goal, const Results& results, std::size_t round) {
    if (goal.cores == Goal::Cores::any) return true;
    return were(goal.cores, results, round, goal.of) && (goal.to.empty() || were(goal.cores, results, round, goal.to));
}

std::vector<double> ratios(const Goal& goal, const Results& results) {
    const std::vector<double>& of = results.figures.at(goal.of);
    std::vector<double> result;
    for (std::size_t i = 0; i < of.size(); ++i)
        if (counts(goal, results, i))
            result.push_back(goal.to.empty() ? of[i] : of[i] / results.figures.at(goal.to).at(i));
    return result;
}

}  // namespace

nlohmann::json report_case(const Case& the_case, const Results& results, int width) {
    const std::vector<double>& figures = results.figures.at(the_case.name);
    const Spread spread = spread_of(figures);
    std::printf("%-*s %12.2f %-9s (%.2f–%.2f)\n", width, the_case.name.c_str(), spread.median, the_case.unit.c_str(),
                spread.low, spread.high);
    nlohmann::json json = to_json(spread);
    json["name"] = the_case.name;
    json["unit"] = the_case.unit;
    json["rounds"] = figures;
    return json;
}

nlohmann::json report_goal(const Goal& goal, const Results& results, int width) {
    const bool at_most = goal.kind == Goal::Kind::at_most;
    nlohmann::json json{{"name", goal.name}, {"of", goal.of}, {"to", goal.to}, {"bound", goal.bound}};
    json["kind"] = at_most ? "at_most" : "at_least";
    const std::vector<double> values = ratios(goal, results);
    json["rounds"] = values;
    if (values.empty()) {
        std::printf("%-*s %12s           the cores were not %s in any round\n", width, goal.name.c_str(), "-",
                    goal.cores == Goal::Cores::near ? "near" : "far");
        return json;
    }
    const Spread spread = spread_of(values);
    const bool met = at_most ? spread.median <= goal.bound : spread.median >= goal.bound;
    std::printf("%-*s %12.2f %-9s (%.2f–%.2f), goal %s %.2f: %s\n", width, goal.name.c_str(), spread.median,
                goal.to.empty() ? "" : "x", spread.low, spread.high, at_most ? "<=" : ">=", goal.bound,
                met ? "met" : "MISSED");
    json.update(to_json(spread));
    json["met"] = met;
    return json;
}

void report_distances(const Results& results) {
    const std::vector<double>& looks = results.distances.back();
    std::printf(
        "round %zu: a cache line takes %.0f ns from core to core before (%s), %.0f ns after (%s); near in %td of %zu "
        "looks\n",
        results.distances.size(), looks.front(), text_of(looks.front()), looks.back(), text_of(looks.back()),
        std::count_if(looks.begin(), looks.end(), is_near), looks.size());
    std::fflush(stdout);
}

}  // namespace bench
