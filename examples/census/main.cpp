// SPDX-License-Identifier: MIT
// Takes a census of a source tree with a pool of processes.
#include "catalogue.hpp"
#include "engines.hpp"
#include "options.hpp"
#include "report/json.hpp"
#include "report/names.hpp"
#include "report/reduction.hpp"
#include "report/table.hpp"
#include "walk.hpp"

#include <cohort/base/errors.hpp>

#include <exception>
#include <iostream>
#include <optional>
#include <system_error>
#include <utility>

namespace {

using namespace census;

constexpr int kFailure = 1;
constexpr int kNoDirectory = 2;

int fail(int status, const std::string& text) {
    std::cerr << "census: " << text << '\n';
    return status;
}

void report(const Summary& summary, const Options& options) {
    for (const Problem& problem : summary.problems)
        std::cerr << "census: " << readable(problem.path) << ": " << problem.reason << '\n';
    if (options.json)
        write_json(std::cout, summary, options.files);
    else
        write_tables(std::cout, summary, options.rows);
    if (!std::cout.flush()) throw std::runtime_error("the report could not be written");
}

int take_census(const Options& options) {
    Catalogue files;
    std::optional<Walk> walk;
    try {
        walk.emplace(options.directory, files);
    } catch (const std::system_error& error) {
        return fail(kNoDirectory, readable(options.directory) + ": " + error.code().message());
    }
    Reduction reduction(files);
    analyse_all(*walk, options, [&](BatchFacts facts) { reduction.add(std::move(facts)); });
    report(std::move(reduction).finish(options.directory, *walk, options.rows), options);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Command command = parse_command_line(argc, argv);
        return command.exit_status ? *command.exit_status : take_census(command.options);
    } catch (const cohort::Interrupted&) {
        throw;  // Ctrl-C: cohort ends the program as the signal would have done
    } catch (const std::exception& error) {
        return fail(kFailure, error.what());
    }
}
