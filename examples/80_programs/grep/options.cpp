// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <regex>

namespace grep {

namespace {

std::string fault_of(const Query& query) {
    try {
        const Matcher ready(query);
        return {};
    } catch (const std::regex_error& error) {
        return error.what();
    }
}

}  // namespace

Options parse(int argc, char** argv) {
    Options options;
    double seconds = options.timeout.count();
    CLI::App app("Prints the lines of files, and of all files below directories, that match a pattern.");
    app.add_option("PATTERN", options.query.pattern, "an ECMAScript regular expression")->required();
    app.add_option("PATH", options.paths, "files and directories; the current directory if there are none");
    app.add_flag("-F", options.query.fixed, "the pattern is a text, no regular expression");
    app.add_flag("-i", options.query.ignore_case, "capital and small letters are the same");
    app.add_flag("-c", options.count, "print how many lines match instead of the lines");
    app.add_flag("-l", options.names_only, "print the names of files that match instead of the lines");
    app.add_flag("-n", options.line_numbers, "print the number of each line");
    app.add_option("-m", options.query.max_count, "stop after so many lines of a file");
    app.add_option("--processes", options.processes, "how many workers; as many as processors")
        ->check(CLI::Range(1, 2048));
    app.add_option("--timeout", seconds, "how many seconds a file may take")->check(CLI::PositiveNumber);
    app.add_option("--memory", options.memory, "how many MiB a worker may take")->check(CLI::Range(1, 1'000'000));
    try {
        app.parse(argc, argv);
        const std::string fault = fault_of(options.query);
        if (!fault.empty()) throw CLI::ValidationError("PATTERN", fault);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);  // NOLINT(concurrency-mt-unsafe): there is one thread
    }
    options.timeout = std::chrono::duration<double>(seconds);
    if (options.names_only) options.query.max_count = 1;
    return options;
}

}  // namespace grep
