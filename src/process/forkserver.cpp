// SPDX-License-Identifier: MIT
#include "process/forkserver.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/serial/codec.hpp>

#include "os/memfd_message.hpp"
#include "os/process_identity.hpp"
#include "os/unix_socket.hpp"
#include "process/forkserver_loop.hpp"
#include "process/forkserver_protocol.hpp"
#include "process/image.hpp"
#include "process/runtime.hpp"

#include <cstring>
#include <system_error>
#include <vector>

namespace cohort::process {

Forkserver::Forkserver(void (*preload)()) {
    auto [ours, theirs] = os::socket_pair(os::SocketKind::seqpacket);
    auto write = [&, socket = theirs.get()](serial::Sink& sink) {
        return write_forkserver(sink, socket, os::current_pid(), preload);
    };
    const int crossing[] = {theirs.get()};
    auto image = start_image(write, crossing);
    pid_ = image.pid;
    process_ = std::move(image.process);
    socket_ = std::move(ours);
    get_logger().info("started the forkserver, pid ", pid_);
}

Forkserver::~Forkserver() {
    socket_.reset();
    if (process_) process_.wait_and_reap();
}

void Forkserver::abandon() noexcept {
    socket_.reset();
    process_ = {};
}

namespace {

bool send_request(int socket, std::span<const std::byte> message, std::span<const int> crossing, int status_end) {
    const bool in_memfd = message.size() > kInlineBytes;
    const ForkRequest request{message.size(), in_memfd ? 1U : 0U, 0};
    std::vector<std::byte> packet(sizeof(request));
    std::memcpy(packet.data(), &request, sizeof(request));
    Descriptor memory;
    std::vector<int> descriptors{status_end};
    if (in_memfd) {
        memory = os::memfd_with("cohort-request", message);
        descriptors.push_back(memory.get());
    } else {
        packet.insert(packet.end(), message.begin(), message.end());
    }
    descriptors.insert(descriptors.end(), crossing.begin(), crossing.end());
    try {
        os::send_message(socket, packet, descriptors);
        return true;
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_reset) return false;
        throw;
    }
}

}  // namespace

std::shared_ptr<ChildHandle> Forkserver::launch(std::span<const std::byte> message, std::span<const int> descriptors) {
    auto [ours, theirs] = os::socket_pair(os::SocketKind::seqpacket);
    if (!send_request(socket_.get(), message, descriptors, theirs.get())) return nullptr;
    theirs.reset();
    os::Message received = os::receive_packet(ours.get());
    if (received.bytes.size() != sizeof(ForkReport)) return nullptr;  // the server died with the request in its hands
    ForkReport report;
    std::memcpy(&report, received.bytes.data(), sizeof(report));
    if (report.kind == ForkReport::failed)
        throw std::system_error(report.value, std::generic_category(), "forkserver: fork");
    if (received.descriptors.size() != 1) throw Error("forkserver: the child's process descriptor is missing");
    return std::make_shared<ChildHandle>(report.value, os::Pidfd(std::move(received.descriptors.front())),
                                         std::move(ours));
}

void stop_forkserver() {
    Runtime& own = runtime();
    std::unique_lock guard(own.mutex);
    auto server = std::move(own.forkserver);
    guard.unlock();
}

std::optional<pid_t> forkserver_pid() {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    return own.forkserver ? std::optional(own.forkserver->pid()) : std::nullopt;
}

}  // namespace cohort::process
