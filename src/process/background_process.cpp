// SPDX-License-Identifier: MIT
#include "process/background_process.hpp"

#include <cohort/base/errors.hpp>

#include "os/fork.hpp"
#include "os/signals.hpp"

#include <optional>
#include <span>
#include <system_error>

namespace cohort::process {

namespace {

os::Pidfd start(serial::Token (*image)(), BackgroundWork work, int descriptor) {
    if (can_start_image()) {
        const auto write = [&](serial::Sink& sink) {
            serial::write(sink, descriptor);
            return image();
        };
        return start_image(write, std::span(&descriptor, descriptor < 0 ? 0 : 1)).process;
    }
    auto forked = os::fork_process();
    if (forked.in_child()) work(descriptor);
    return std::move(forked.process);
}

}  // namespace

void start_background(serial::Token (*image)(), BackgroundWork work, int descriptor) {
    // The process has this mask and keeps it: Ctrl-C must not end it before it can ignore signals.
    std::optional<os::SignalBlock> blocked(std::in_place, os::SignalSet::all());
    const os::Pidfd process = start(image, work, descriptor);
    blocked.reset();
    try {
        const auto status = process.wait(forever);
        if (status->exitcode() != 0) throw Error("a background process of this program could not be started");
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_child_process) throw;
        // Somebody else in this program reaps all children.
    }
}

}  // namespace cohort::process
