// SPDX-License-Identifier: MIT
#include "process/launcher.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>

#include "process/forkserver.hpp"
#include "process/runtime.hpp"
#include "serial/carried_descriptors.hpp"

#include <filesystem>
#include <system_error>

namespace cohort::process {

namespace {

std::shared_ptr<Forkserver> current_server() {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    if (!own.forkserver) own.forkserver = std::make_shared<Forkserver>(own.forkserver_preload);
    return own.forkserver;
}

void discard(const std::shared_ptr<Forkserver>& dead) {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    if (own.forkserver == dead) own.forkserver.reset();
}

}  // namespace

std::shared_ptr<ChildHandle> launch_by_forkserver(LaunchRequest& request) {
    serial::BufferSink call;
    serial::OutgoingDescriptors crossing(false);
    call.set_carrier(&crossing);
    const serial::Token token = request.write(call);
    for (const auto& object : crossing.objects()) request.line.hold(*object);
    // The server's is that of the moment when it was started. A directory that is gone has no name: then it stays so.
    std::error_code gone;
    request.identity.working_directory = std::filesystem::current_path(gone).string();
    serial::BufferSink message;
    serial::write(message, request.identity);
    serial::write_token(message, token);
    message.write(call.bytes().data(), call.bytes().size());

    // A server that was killed is replaced, once: one that dies again at once has a reason that a third would share.
    for (int attempt = 0; attempt < 2; ++attempt) {
        auto server = current_server();
        if (auto child = server->launch(message.bytes(), crossing.list())) return child;
        discard(server);
    }
    throw Error("the forkserver died while it started a child, twice in a row");
}

}  // namespace cohort::process
