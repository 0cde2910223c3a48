// SPDX-License-Identifier: MIT
#include "process/launcher.hpp"

#include <cohort/process/target.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "process/child.hpp"
#include "process/image.hpp"

namespace cohort::process {

namespace {

struct SpawnedChild {
    static constexpr std::string_view kRole = kImageRole;

    static void run(serial::Source& in, void*) {
        auto identity = serial::read<ChildIdentity>(in);
        run_fresh_child(std::move(identity), [&] {
            const serial::Token token = serial::read_token(in);
            serial::resolve(token, cohort::detail::kTargetRole)(in, nullptr);
        });
    }
};

}  // namespace

std::shared_ptr<ChildHandle> launch_by_spawn(LaunchRequest& request) {
    auto write = [&](serial::Sink& sink) {
        serial::BufferSink call;
        const serial::Token token = request.write(call);
        serial::write(sink, request.identity);
        serial::write_token(sink, token);
        sink.write(call.bytes().data(), call.bytes().size());
        return serial::token_of<SpawnedChild>();
    };
    auto image = start_image(write, {});
    return std::make_shared<ChildHandle>(image.pid, std::move(image.process));
}

}  // namespace cohort::process
