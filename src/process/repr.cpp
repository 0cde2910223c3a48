// SPDX-License-Identifier: MIT
#include <cohort/process/process.hpp>

#include <cohort/base/errors.hpp>

#include "base/text_repr.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "process/runtime.hpp"
#include "process/state.hpp"

#include <ostream>
#include <string>

namespace cohort {

namespace {

using detail::text_repr;
using process::State;

const char* status_of(const Process& process, const State& state) {
    if (state.kind == State::Kind::current) return "started";
    if (state.creator != os::current_pid()) return "unknown";
    if (!process.pid()) return "initial";
    return process.is_alive() ? "started" : "stopped";
}

std::string exitcode_text(int exitcode) {
    return exitcode < 0 ? "-" + os::signal_name(-exitcode) : std::to_string(exitcode);
}

/// Empty while there is no exit code.
std::string exitcode_text(const Process& process) {
    try {
        const auto exitcode = process.exitcode();
        return exitcode ? " exitcode=" + exitcode_text(*exitcode) : "";
    } catch (const Error&) {  // reaped by another part of the program
        return " exitcode=unknown";
    }
}

pid_t parent_of(const State& state) {
    return state.kind == State::Kind::current ? process::runtime().identity.parent_pid : state.creator;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Process& process) {
    if (!process.state_) return out << "<Process moved>";
    const State& state = process.state();
    std::string text = "<" + process.class_name() + " name=" + text_repr(process.name());
    if (state.closed) {
        text += " parent=" + std::to_string(state.creator) + " closed";
    } else {
        if (auto pid = process.pid(); pid && state.kind != State::Kind::current) text += " pid=" + std::to_string(*pid);
        if (auto parent = parent_of(state); parent != 0)
            text += " parent=" + std::to_string(parent);
        else
            text += " parent=None";
        text += std::string(" ") + status_of(process, state);
        text += exitcode_text(process);
    }
    if (process.daemon()) text += " daemon";
    return out << text + ">";
}

}  // namespace cohort
