// SPDX-License-Identifier: MIT
// Does with cohort what same_as_python.py does with multiprocessing, in the same order, and prints the same lines.
#include <cohort/base/log.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>

#include "conformance/start_methods.hpp"

#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using cohort::Process, cohort::ProcessOptions;

template <class T>
void say(const std::string& what, const T& result) {
    std::cout << what << " -> " << result << std::endl;
}
void say(const std::string& what, bool result) {
    say(what, result ? "True" : "False");
}
void say(const std::string& what, std::optional<int> result) {
    say(what, result ? std::to_string(*result) : "None");
}

template <class Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string shown(const Process& process) {
    std::ostringstream text;
    text << process;
    const std::string own = "parent=" + std::to_string(::getpid());
    const std::string pid = error_of([&] { process.pid(); }) == "no error" && process.pid()
                                ? "pid=" + std::to_string(*process.pid())
                                : "none";
    return replaced(replaced(text.str(), pid, "pid=PID"), own, "parent=PARENT");
}

std::string name_list() {
    std::string text = "[";
    for (const auto& child : cohort::active_children()) text += (text.size() > 1 ? ", '" : "'") + child.name + "'";
    return text + "]";
}

void nothing() {}

[[noreturn]] void wait() {
    for (;;) ::pause();
}

void end_by(int number) {
    ::kill(::getpid(), number);
    wait();
}

template <class... Call>
Process run(ProcessOptions options, Call&&... call) {
    Process process(std::move(options), std::forward<Call>(call)...);
    process.start();
    process.join();
    return process;
}

void exit_codes() {
    say("returns", run({}, nothing).exitcode());
    for (const int code : {0, 1, 3, 255, 256 + 7, -1})
        say("exit(" + std::to_string(code) + ")", run(
                                                      {}, [](int n) { std::exit(n); }, code)
                                                      .exitcode());
    for (const int number : {SIGKILL, SIGTERM, SIGINT, SIGSEGV, SIGUSR1, SIGALRM})
        say("signal " + std::to_string(number), run({}, end_by, number).exitcode());
}

void states() {
    Process process({.name = "worker"}, wait);
    say("initial", shown(process));
    say("initial, alive", process.is_alive());
    say("join before start", error_of([&] { process.join(); }));
    say("sentinel before start", error_of([&] { process.sentinel(); }));
    process.set_daemon(true);
    say("daemon", shown(process));
    process.start();
    say("started", shown(process));
    say("started, alive", process.is_alive());
    say("start twice", error_of([&] { process.start(); }));
    say("daemon after start", error_of([&] { process.set_daemon(false); }));
    say("close", error_of([&] { process.close(); }));
    say("children", name_list());
    process.terminate();
    process.join();
    say("stopped", shown(process));
    say("stopped, alive", process.is_alive());
    say("terminate again", error_of([&] { process.terminate(); }));
    say("children", name_list());
    process.close();
    say("closed", shown(process));
    say("closed, alive", error_of([&] { process.is_alive(); }));
    say("closed, join", error_of([&] { process.join(); }));
    say("closed, start", error_of([&] { process.start(); }));
}

void show_child() {
    say("name", cohort::current_process().name());
    say("name of a grandchild", Process(nothing).name());
    say("parent", cohort::parent_process().value().name());
}

void names() {
    say("main", cohort::current_process().name());
    say("main's parent", cohort::parent_process() ? "a process" : "None");
    run({.name = "Renamed"}, show_child);
    struct Mine : Process {
        void run() override { std::exit(9); }
    } process;
    process.set_name("a'b");
    say("subclass", shown(process));
    process.start();
    process.join();
    say("subclass ended", shown(process));
}

void daemons() {
    run({.daemon = true}, [] { say("child of a daemon", error_of([] { Process(nothing).start(); })); });
    run({.daemon = true}, [] { say("daemon", cohort::current_process().daemon()); });
}

void others() {
    Process process(wait);
    process.start();
    run({}, [&] { say("sibling, join", error_of([&] { process.join(); })); });
    run({}, [&] { say("sibling, alive", error_of([&] { process.is_alive(); })); });
    process.kill();
    process.join();
    Process unstarted(wait);
    run({}, [&] { say("sibling, start", error_of([&] { unstarted.start(); })); });
}

void uncaught() {
    const cohort::test::TemporaryFolder folder;
    auto fail_into = [](const std::string& path) {
        if (std::freopen(path.c_str(), "w", stderr)) throw std::runtime_error("MARKER");
    };
    say("uncaught", run({.name = "Failing"}, fail_into, folder.file("stderr")).exitcode());
    std::istringstream lines(cohort::test::text_of(folder.file("stderr")));
    std::string first, last;
    std::getline(lines, first);
    for (std::string line; std::getline(lines, line);) last = line;
    say("uncaught, first line", first);
    say("uncaught, text", last.substr(last.rfind(": ") + 2));
}

void logs() {
    auto& logger = cohort::log_to_stderr(cohort::LogLevel::info);
    logger.set_handler([](cohort::LogLevel, std::string_view line) { say("log", line); });
    logger.info("text ", 1);
    logger.debug("not wanted");
    logger.log(cohort::LogLevel{35}, "more");
    logger.set_level(cohort::LogLevel{50});
}

std::string listed(const std::vector<int>& numbers) {
    std::string text;
    for (const int number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
    return "[" + text + "]";
}

int absolute(int number) {
    return std::abs(number);
}

int power(int base, int exponent) {
    return static_cast<int>(std::pow(base, exponent));
}

void pools() {
    cohort::Pool pool(2);
    say("map", listed(pool.map(absolute, cohort::range(-5, 0))));
    say("map of nothing", listed(pool.map(absolute, std::vector<int>())));
    say("map, chunksize", listed(pool.map(absolute, cohort::range(-5, 0), {.chunksize = 2})));
    say("starmap", listed(pool.starmap(power, {std::pair(2, 3), std::pair(3, 2)})));
    say("apply", std::to_string(pool.apply(absolute, -3)));
    say("join while running", error_of([&] { pool.join(); }));
    pool.close();
    pool.close();
    say("after close", error_of([&] { pool.apply(absolute, -3); }));
    pool.join();
    cohort::Pool terminated(1);
    terminated.terminate();
    say("after terminate", error_of([&] { terminated.map(absolute, {1}); }));
    terminated.join();
}

}  // namespace

int main() {
    cohort::set_start_method(cohort::StartMethod::fork);
    say("start method", cohort::get_start_method());
    say("set again", error_of([] { cohort::set_start_method(cohort::StartMethod::spawn); }));
    exit_codes();
    states();
    names();
    daemons();
    others();
    uncaught();
    run({.name = "Logging"}, logs);
    pools();
}
