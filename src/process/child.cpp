// SPDX-License-Identifier: MIT
#include "process/child.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/base/type_name.hpp>

#include "os/death_signal.hpp"
#include "os/exit.hpp"
#include "os/process_identity.hpp"
#include "process/describe_error.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/exception_record.hpp"
#include "serial/throw_trace.hpp"
#include "shm/tree.hpp"

#include <cxxabi.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace cohort::process {

namespace {

void (*write_coverage)() = nullptr;  // set before main

/// The last of the child's own exit handlers: below it lie only the parent's, which must not run here.
[[gnu::hot, gnu::section(".text.hot")]] void leave(int status) {
    flush_output();
    if (write_coverage) write_coverage();
    os::exit_now(status);
}

void report(const std::exception_ptr& error, const std::string& trace) {
    std::string text = "Process " + runtime().identity.name + ":\n";
    if (!trace.empty()) text += trace + (trace.back() == '\n' ? "" : "\n");
    text += describe_error(error) + "\n";
    std::fflush(stdout);
    std::fputs(text.c_str(), stderr);  // one call: whole lines, also when several children fail at once
    std::fflush(stderr);
}

}  // namespace

[[gnu::hot]] int run_reporting(detail::FunctionRef<void()> body) {
    std::string trace;
    try {
        serial::run_traced(body, &trace);
        return EXIT_SUCCESS;
    } catch (const Interrupted&) {
        flush_output();
        os::die_by_signal(SIGINT);
    } catch (...) {
        report(caught_error(), trace);
        return EXIT_FAILURE;
    }
}

std::exception_ptr caught_error() {
    try {
        throw;
    } catch (abi::__forced_unwind&) {
        std::exit(EXIT_SUCCESS);  // NOLINT(concurrency-mt-unsafe): the end of the process
    } catch (...) {
        const auto error = std::current_exception();
        return error ? error : std::make_exception_ptr(std::runtime_error("an exception of another language"));
    }
}

void set_coverage_writer(void (*write)()) noexcept {
    write_coverage = write;
}

[[gnu::hot]] void die_with_parent(const ChildIdentity& identity) {
    if (identity.detached) return;
    os::die_with_parent(identity.creator_pid, identity.created_by_main_thread);
}

namespace {

[[gnu::hot]] void begin(std::unique_ptr<Runtime> record) {
    die_with_parent(record->identity);
    shm::become(shm::Owner::from_raw(record->identity.line));
    // Nobody drops what it holds for it, should its parent die before it comes to use it.
    if (record->identity.detached && record->identity.line != 0) shm::this_process();
    renew_runtime(std::move(record));
    replace_stdin();
}

void begin(ChildIdentity identity) {
    auto record = std::make_unique<Runtime>(std::move(identity));
    renew_log(record->identity);
    begin(std::move(record));
}

// Until a debugger, or SIGCONT, lets it go on.
void wait_for_debugger() {
    const char* wanted = std::getenv("COHORT_DEBUG_WAIT");  // NOLINT(concurrency-mt-unsafe): nobody sets it here
    const std::string& name = runtime().identity.name;
    if (!wanted || name != wanted) return;
    std::fprintf(stderr, "cohort: %s, process %d, waits for a debugger: gdb -p %d, then continue; or kill -CONT %d\n",
                 name.c_str(), os::read_pid(), os::read_pid(), os::read_pid());
    std::fflush(stderr);
    os::stop_here();
}

[[noreturn, gnu::hot]] void live(detail::FunctionRef<void()> body) {
    wait_for_debugger();
    get_logger().info("child process calling run()");
    const int code = run_reporting(body);
    get_logger().info("process exiting with exitcode ", code);
    std::exit(code);  // NOLINT(concurrency-mt-unsafe): the end of the process
}

}  // namespace

[[noreturn, gnu::hot]] void run_forked_child(std::unique_ptr<Runtime> record, detail::FunctionRef<void()> body) {
    os::call_at_exit(leave);
    begin(std::move(record));
    live(body);
}

[[noreturn]] void run_forked_child(ChildIdentity identity, detail::FunctionRef<void()> wait,
                                   detail::FunctionRef<void()> body) {
    os::call_at_exit(leave);
    begin(std::move(identity));
    wait();
    live(body);
}

[[noreturn]] void run_forked_child(ChildIdentity identity, detail::FunctionRef<void()> body) {
    run_forked_child(
        std::move(identity), [] {}, body);
}

[[noreturn]] void run_fresh_child(ChildIdentity identity, detail::FunctionRef<void()> body) {
    begin(std::move(identity));
    live(body);
}

}  // namespace cohort::process
