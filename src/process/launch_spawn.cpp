// SPDX-License-Identifier: MIT
#include "process/launcher.hpp"

#include <cohort/process/target.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "os/file.hpp"
#include "process/child.hpp"
#include "process/image.hpp"
#include "process/keeper.hpp"
#include "process/runtime.hpp"
#include "serial/carried_descriptors.hpp"

#include <vector>

namespace cohort::process {

namespace {

/// The descriptors that crossed under the numbers they had before.
serial::IncomingDescriptors take_crossed(const std::vector<int>& numbers) {
    std::vector<Descriptor> crossed;
    for (const int number : numbers) {
        os::set_close_on_exec(number);
        crossed.emplace_back(number);
    }
    return serial::IncomingDescriptors(std::move(crossed));
}

struct SpawnedChild {
    static constexpr std::string_view kRole = kImageRole;

    static void run(serial::Source& in, void*) {
        if (const auto keeper = serial::read<int>(in); keeper >= 0) enroll(Descriptor(keeper).get());
        auto identity = serial::read<ChildIdentity>(in);
        auto crossed = take_crossed(serial::read<std::vector<int>>(in));
        in.set_carrier(&crossed);
        run_fresh_child(std::move(identity), [&] {
            const serial::Token token = serial::read_token(in);
            serial::resolve(token, cohort::detail::kTargetRole)(in, nullptr);
        });
    }
};

std::shared_ptr<Keeper> current_keeper(const ChildIdentity& identity) {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    return keeper_for(own, identity);
}

}  // namespace

std::shared_ptr<ChildHandle> launch_by_spawn(LaunchRequest& request) {
    const auto keeper = current_keeper(request.identity);
    serial::BufferSink call;
    serial::OutgoingDescriptors carried(false);
    call.set_carrier(&carried);
    const serial::Token token = request.write(call);
    for (const auto& object : carried.objects()) request.line.hold(*object);
    auto write = [&](serial::Sink& sink) {
        serial::write(sink, keeper ? keeper->socket() : -1);
        serial::write(sink, request.identity);
        serial::write(sink, std::vector(carried.list().begin(), carried.list().end()));
        serial::write_token(sink, token);
        sink.write(call.bytes().data(), call.bytes().size());
        return serial::token_of<SpawnedChild>();
    };
    std::vector<int> crossing(carried.list().begin(), carried.list().end());
    if (keeper) crossing.push_back(keeper->socket());
    auto image = start_image(write, crossing);
    return std::make_shared<ChildHandle>(image.pid, std::move(image.process), keeper);
}

}  // namespace cohort::process
