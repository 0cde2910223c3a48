// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cohort/cohort.hpp>

#include <map>

namespace census {

namespace {

constexpr int kWrongUse = 2;
const CLI::Range kWorkers(std::size_t{1}, std::size_t{2048});

const char* const kNotes =
    "Lines and words are those of wc in the C locale. An identifier is a run of letters, digits and _ that does not\n"
    "begin with a digit, in text files of up to 64 MiB. Symbolic links are not followed.\n"
    "What cannot be read is listed on stderr and in the JSON, and the census goes on.\n"
    "Exit status: 0 a census was taken; 2 a wrong option, or no such directory; 130 Ctrl-C; 1 anything else.";

std::map<std::string, cohort::StartMethod> start_methods() {
    std::map<std::string, cohort::StartMethod> methods;
    for (const auto method : cohort::get_all_start_methods()) methods.emplace(to_string(method), method);
    return methods;
}

void describe(CLI::App& app, Options& options) {
    options.processes = static_cast<std::size_t>(cohort::cpu_count());
    app.footer(kNotes);
    app.add_option("DIR", options.directory, "The tree")->capture_default_str();
    auto* json = app.add_flag("--json", options.json, "Write JSON instead of tables");
    app.add_flag("--files", options.files, "List each file in the JSON")->needs(json);
    app.add_option("--top", options.rows, "How many identifiers, and rows of each table")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
    auto* processes = app.add_option("--processes", options.processes, "How many worker processes")
                          ->capture_default_str()
                          ->check(kWorkers);
    auto* start_method = app.add_option_function<std::string>(
        "--start-method", [&options](const std::string& name) { options.start_method = start_methods().at(name); },
        "How they are started");
    start_method->check(CLI::IsMember(start_methods()));
    auto* chaos = app.add_flag("--chaos", options.chaos, "Kill workers at random meanwhile; the result is the same");
    auto* threads =
        app.add_option("--threads", options.threads, "Work with threads instead of processes")->check(kWorkers);
    auto* serial = app.add_flag("--serial", options.serial, "Work in one thread");
    for (auto* of_pool : {processes, start_method, chaos}) threads->excludes(of_pool), serial->excludes(of_pool);
    serial->excludes(threads);
}

}  // namespace

Command parse_command_line(int argc, char** argv) {
    Command command;
    CLI::App app("Takes a census of a source tree: sizes, lines, words, identifiers and duplicate files.", "census");
    describe(app, command.options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        command.exit_status = app.exit(error) == 0 ? 0 : kWrongUse;
    }
    return command;
}

}  // namespace census
