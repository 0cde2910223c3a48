// SPDX-License-Identifier: MIT
// What docs/guides/subprocess.md quotes.
#include <cohort/cohort.hpp>

#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>

namespace {

namespace subprocess = cohort::subprocess;
using namespace std::chrono_literals;

void running() {
    // [run]
    const int status = subprocess::call({"sh", "-c", "exit 3"});
    const std::string sorted = subprocess::check_output({"sort"}, {.input = "pear\napple\n"});
    const auto both = subprocess::run({"sh", "-c", "echo out; echo err >&2"}, {.capture_output = true});
    std::cout << status << '\n' << sorted << both.out << both.err;
    // [/run]
}

void failing() {
    // [errors]
    try {
        subprocess::check_call({"sh", "-c", "kill -9 $$"});
    } catch (const subprocess::CalledProcessError& error) {
        std::cout << error.what() << '\n';
    }
    try {
        subprocess::run({"sh", "-c", "echo so far; sleep 60 & wait"},
                        {.capture_output = true, .timeout = 3s, .kill_group = true});
    } catch (const subprocess::TimeoutExpired& error) {
        std::cout << error.out;
    }
    try {
        subprocess::call({"no-such-program"});
    } catch (const std::system_error& error) {  // ENOENT
        std::cout << error.what() << '\n';
    }
    // [/errors]
}

void lines() {
    // [lines]
    int count = 0;
    subprocess::run({"seq", "1000"}, {.on_out = [&](std::string_view line) { count += line.ends_with('7'); }});
    std::cout << count << " lines end with 7\n";
    // [/lines]
}

void dialogue() {
    // [dialogue]
    using subprocess::PIPE;
    subprocess::Popen shell({"sh"}, {.in = PIPE, .out = PIPE});
    for (const std::string sum : {"1 + 2", "6 * 7"}) {
        shell.in().write("echo $((" + sum + "))\n");
        std::cout << sum << " = " << shell.out().read_line(10s).value() << '\n';
    }
    // [/dialogue]
}  // closes the pipes, and waits

void communicating() {
    // [communicate]
    subprocess::Popen program({"sort"}, {.in = subprocess::PIPE, .out = subprocess::PIPE});
    std::string output;
    try {
        output = program.communicate("b\na\n", 10s).first;
    } catch (const subprocess::TimeoutExpired&) {
        program.kill();
        output = program.communicate().first;  // all that has come
    }
    std::cout << output;
    // [/communicate]
}

void together() {
    // [pipeline]
    const auto words =
        subprocess::pipeline({{"printf", "b\\na\\nb\\n"}, {"sort"}, {"uniq"}}, {.out = subprocess::PIPE});
    std::cout << words.out();
    // [/pipeline]
    // [wait]
    subprocess::Popen fast({"true"});
    subprocess::Popen slow({"cat"}, {.in = subprocess::PIPE});
    const auto ended = cohort::wait({fast, slow});
    std::cout << ended.size() << " has ended, the fast one: " << (ended.front() == fast) << '\n';
    // [/wait]
}

void surroundings() {
    // [options]
    const std::string text = subprocess::check_output(
        {"sh", "-c", "echo $NAME in $PWD"},
        {.cwd = "/", .env = subprocess::Environment::extend({{"NAME", "cohort"}}), .death_signal = SIGKILL});
    // [/options]
    std::cout << text;
}

}  // namespace

int main() {
    running();
    failing();
    lines();
    dialogue();
    communicating();
    together();
    surroundings();
}
