// SPDX-License-Identifier: MIT
#include <cohort/subprocess/run.hpp>

#include <cohort/subprocess/popen.hpp>

#include "subprocess/run_options.hpp"

#include <tuple>
#include <utility>

namespace cohort::subprocess {

CompletedProcess run(std::vector<std::string> args, RunOptions options) {
    const bool check = options.check;
    const Timeout timeout = options.timeout;
    std::string input;
    if (options.input) input.swap(*options.input);
    Popen program(std::move(args), popen_options(std::move(options)));
    CompletedProcess completed;
    try {
        std::tie(completed.out, completed.err) = program.communicate(std::move(input), timeout);
    } catch (...) {
        program.kill();
        throw;
    }
    completed.args = program.args();
    completed.returncode = *program.returncode();
    completed.usage = *program.usage();
    if (check) completed.check_returncode();
    return completed;
}

int call(std::vector<std::string> args, RunOptions options) {
    return run(std::move(args), std::move(options)).returncode;
}

int check_call(std::vector<std::string> args, RunOptions options) {
    options.check = true;
    return call(std::move(args), std::move(options));
}

std::string check_output(std::vector<std::string> args, RunOptions options) {
    if (options.out.kind() != Target::Kind::inherited) throw ValueError("check_output() sets .out itself");
    options.check = true;
    options.out = options.capture_output ? Target() : PIPE;
    return run(std::move(args), std::move(options)).out;
}

std::pair<int, std::string> getstatusoutput(const std::string& script) {
    CompletedProcess shell = run({script}, {.out = PIPE, .err = STDOUT, .shell = true});
    if (shell.out.ends_with('\n')) shell.out.pop_back();
    return {shell.returncode, std::move(shell.out)};
}

std::string getoutput(const std::string& script) {
    return getstatusoutput(script).second;
}

}  // namespace cohort::subprocess
