// SPDX-License-Identifier: MIT
// grep in several processes: a file that takes too long, or too much memory, costs itself and no other.
#include "options.hpp"
#include "search.hpp"

#include <cohort/cohort.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using grep::Found;
using grep::Options;

/// What is printed, and what is known at the end.
class Report {
public:
    Report(const Options& options, bool with_names) : options_(options), with_names_(with_names) {}

    void add(const std::string& path, const Found& found);
    void add_problem(const std::string& path, const std::string& reason) {
        std::cerr << "parallel_grep: " << path << ": " << reason << std::endl;
        problems_ = true;
    }
    /// As grep's: 0 if a line matches, 1 if none does, 2 if there was a problem.
    int exit_code() const {
        if (problems_) return 2;
        return matches_ ? 0 : 1;
    }

private:
    void print_lines(const std::string& path, const Found& found) const;
    std::string prefix(const std::string& path) const { return with_names_ ? path + ":" : ""; }

    const Options& options_;
    bool with_names_;
    bool matches_ = false;
    bool problems_ = false;
};

void Report::add(const std::string& path, const Found& found) {
    if (options_.count && !options_.names_only) std::cout << prefix(path) << found.lines.size() << '\n';
    if (found.lines.empty()) return;
    matches_ = true;
    if (options_.names_only)
        std::cout << path << '\n';
    else if (!options_.count)
        print_lines(path, found);
}

void Report::print_lines(const std::string& path, const Found& found) const {
    if (found.binary) {
        std::cout << "Binary file " << path << " matches\n";
        return;
    }
    for (const grep::Line& line : found.lines) {
        std::cout << prefix(path);
        if (options_.line_numbers) std::cout << line.number << ':';
        std::cout << line.text << '\n';
    }
}

void add_files_below(const std::string& directory, std::vector<std::string>& files, Report& report) {
    std::error_code error;
    fs::recursive_directory_iterator entry(directory, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code vanished;
        if (entry->symlink_status(vanished).type() == fs::file_type::regular) files.push_back(entry->path());
    }
    if (error) report.add_problem(directory, error.message());
}

std::vector<std::string> files_of(const std::vector<std::string>& paths, Report& report) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        if (std::error_code missing; fs::is_directory(path, missing))
            add_files_below(path, files, report);
        else
            files.push_back(path);
    }
    return files;
}

// [pool]
void search_all(const Options& options, const std::vector<std::string>& files, Report& report) {
    cohort::Pool pool({.processes = options.processes, .memory_limit = options.memory << 20U, .name = "grep"});
    auto results = pool.imap(cohort::partial(grep::search, options.query), files, {.timeout = options.timeout});
    for (const std::string& path : files) {
        try {
            report.add(path, results.next().value());  // in the order of the files
        } catch (const cohort::Interrupted&) {
            throw;
        } catch (const cohort::BrokenPoolError&) {
            throw;
        } catch (const cohort::TimeoutError&) {
            report.add_problem(path, "takes too long");
        } catch (const cohort::MemoryLimitError&) {
            report.add_problem(path, "takes too much memory");
        } catch (const std::exception& error) {  // it cannot be read, or its worker has died
            report.add_problem(path, error.what());
        }
    }
}
// [/pool]

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = grep::parse(argc, argv);
        std::error_code missing;
        Report report(options, options.paths.size() > 1 || fs::is_directory(options.paths.front(), missing));
        search_all(options, files_of(options.paths, report), report);
        return report.exit_code();
    } catch (const cohort::Interrupted&) {
        throw;  // Ctrl-C: cohort ends the program as the signal would have done
    } catch (const std::exception& error) {
        std::cerr << "parallel_grep: " << error.what() << '\n';
        return 2;
    }
}
