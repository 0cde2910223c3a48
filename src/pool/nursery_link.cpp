// SPDX-License-Identifier: MIT
#include "pool/nursery_link.hpp"

#include "os/unix_socket.hpp"
#include "pool/nursery.hpp"
#include "pool/nursery_process.hpp"

#include <cohort/base/errors.hpp>

#include <csignal>
#include <span>
#include <system_error>
#include <utility>

namespace cohort::pool {

namespace {

// A nursery that was told to end needs its grace and a moment; then it is stopped, or somebody debugs it.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

NurseryLink::NurseryLink(const Memory& memory, const NurseryPlan& plan) : signals_(memory.signals()) {
    auto [ours, theirs] = os::socket_pair(os::SocketKind::seqpacket);
    NurseryPlan own = plan;
    held_ = {own.initializer.handles, own.exit.handles};
    if (plan.method == StartMethod::fork) {
        line_ = shm::ChildLine::reserve(shm::ChildLine::Start::copy);
        own.identity.line = line_.owner().raw();
    }
    process_ = start_nursery(memory, own, ours, theirs);
    socket_ = std::move(ours);
}

NurseryLink::~NurseryLink() {
    end();
}

void NurseryLink::end() noexcept {
    if (!process_) return;
    try {
        terminate();
        if (join(kPatience)) return;
        process_.send_signal(SIGKILL);
        join(forever);
    } catch (const std::exception&) {
        // The kernel refuses: the nursery ends when it sees the socket closed.
    }
}

void NurseryLink::start(std::uint32_t place, shm::Owner owner) {
    // If there is a spare, the nursery will see that it is this worker.
    for (Spare& spare : signals_.spares)
        if (spare.employ(place, owner)) break;
    send({NurseryRequest::What::start, place, owner.raw()});
}

void NurseryLink::kill(shm::Owner owner) {
    send({NurseryRequest::What::kill, 0, owner.raw()});
}

void NurseryLink::finish() {
    send({NurseryRequest::What::finish});
}

void NurseryLink::terminate() {
    send({NurseryRequest::What::terminate});
}

// To a nursery that has ended there is nothing to say: alive() tells.
void NurseryLink::send(const NurseryRequest& request) {
    std::lock_guard lock(mutex_);
    try {
        os::send_message(socket_.get(), std::as_bytes(std::span(&request, 1)));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::broken_pipe && error.code() != std::errc::connection_reset) throw;
    }
}

void NurseryLink::require_started() {
    send({NurseryRequest::What::report});
    NurseryReport report;
    const auto received = os::receive_message(socket_.get(), std::as_writable_bytes(std::span(&report, 1)));
    if (received.end) throw Error("cohort::Pool: the nursery ended before it could start the workers");
    if (report.start_errno != 0)
        throw std::system_error(report.start_errno, std::system_category(), "cohort::Pool: start of a worker");
}

bool NurseryLink::alive() {
    std::lock_guard lock(mutex_);
    return !ended_ && process_.alive();
}

bool NurseryLink::join(Timeout timeout) {
    {
        std::lock_guard lock(mutex_);
        if (ended_) return true;
    }
    // Reaped by whoever is first; to the others it is gone.
    if (!process_.wait_readable(timeout)) return false;
    std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return true;
    process_.wait_and_reap();
    line_.bury(ExitStatus::exited(0));
    return true;
}

void NurseryLink::release() noexcept {
    socket_.reset();
    process_ = {};
    line_.forget();
}

}  // namespace cohort::pool
