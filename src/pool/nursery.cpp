// SPDX-License-Identifier: MIT
#include "pool/nursery.hpp"

#include "os/file.hpp"
#include "os/unix_socket.hpp"
#include "shm/tree.hpp"

#include <cohort/base/timeout.hpp>

#include <algorithm>
#include <csignal>
#include <span>
#include <system_error>
#include <utility>

namespace cohort::pool {

namespace {

pollfd readable(int descriptor) {
    return {.fd = descriptor, .events = POLLIN, .revents = 0};
}

}  // namespace

Nursery::Nursery(Descriptor socket, os::Pidfd owner, const Memory& memory, WorkerLauncher& launcher)
    : socket_(std::move(socket)),
      owner_(std::move(owner)),
      memory_(memory),
      launcher_(launcher),
      roster_(memory.roster()),
      offered_(&memory.signals().spares[0]) {}

void Nursery::run() {
    while (serving_ && !(finishing_ && children_.empty())) serve_once();
    end_all(std::chrono::nanoseconds::zero());
}

void Nursery::serve_once() {
    std::vector<pollfd> entries = watched_children();
    entries.push_back(readable(owner_.get()));
    entries.push_back(readable(socket_.get()));
    const int events = os::poll(entries, Deadline(spare_due_ ? Timeout(*spare_due_) : Timeout(forever)));
    if (events == 0) return make_spare();
    const bool asked = entries.back().revents != 0;
    entries.pop_back();
    const bool orphaned = entries.back().revents != 0;
    entries.pop_back();
    reap(entries);
    if (orphaned)
        serving_ = false;
    else if (asked)
        obey_requests();
}

// As many as there are: to watch the children takes longer, the more they are. Each bunch is bounded by the socket.
void Nursery::obey_requests() {
    do {
        NurseryRequest request;
        const auto received = os::receive_message(socket_.get(), std::as_writable_bytes(std::span(&request, 1)));
        if (received.end || received.size != sizeof request)
            serving_ = false;  // the pool is gone
        else
            obey(request);
    } while (serving_ && os::wait_readable(socket_.get(), Deadline(std::chrono::seconds(0))));
}

void Nursery::obey(const NurseryRequest& request) {
    const auto owner = shm::Owner::from_raw(request.owner);
    switch (request.what) {
        case NurseryRequest::What::start:
            return start(request.place, owner);
        case NurseryRequest::What::kill:
            return kill(owner);
        case NurseryRequest::What::report:
            return report();
        case NurseryRequest::What::finish:
            finishing_ = true;
            return;
        case NurseryRequest::What::terminate:
            return end_all(kGrace);
    }
}

void Nursery::start(std::uint32_t place, shm::Owner owner) {
    if (launcher_.has_spares()) spare_due_ = spare_delay_;
    if (spare_ && offered_->owner() == owner) return employ_spare(owner);
    try {
        add(owner, launcher_.launch(place, owner, [&] { let_go(); }));
    } catch (const std::system_error& error) {
        fail_start(owner, error.code().value());
    } catch (const std::exception&) {
        fail_start(owner, ENOEXEC);
    }
}

void Nursery::add(shm::Owner owner, StartedWorker started) {
    Memory::note(roster_, owner, Note::pid).store(static_cast<std::uint64_t>(started.pid), std::memory_order_release);
    children_.push_back({owner, std::move(started.process)});
    memory_.signals().results.ring();
}

// It has its order already; it may even have been reaped.
void Nursery::employ_spare(shm::Owner owner) {
    StartedWorker worker = std::move(*spare_);
    spare_.reset();
    if (worker.process) add(owner, std::move(worker));
}

void Nursery::make_spare() {
    const auto delay = *std::exchange(spare_due_, std::nullopt);
    if (spare_ || finishing_) return;
    auto& spares = memory_.signals().spares;
    Spare& next = offered_ == &spares[0] ? spares[1] : spares[0];
    if (roster_.is_reserved(next.owner())) {  // who used the words has not read them yet; it may be stopped
        spare_due_ = std::max<std::chrono::nanoseconds>(2 * delay, kSpareDelay);
        return;
    }
    offered_ = &next;
    offered_->offer();
    try {
        spare_ = launcher_.launch_spare(*offered_, [&] { let_go(); });
    } catch (const std::exception&) {
        offered_->withdraw();  // employed meanwhile: the request starts another one; and then this is tried again
    }
}

void Nursery::reap_spare() {
    const auto status = spare_->process.wait(std::chrono::nanoseconds::zero());
    if (!status) return;
    spare_->process = {};
    if (offered_->withdraw())
        spare_.reset();
    else
        tell(offered_->owner(), *status);
}

// In a copy of the nursery, which has all its descriptors.
void Nursery::let_go() {
    std::vector<int> numbers{socket_.release(), owner_.release().release()};
    for (Child& child : children_) numbers.push_back(child.process.release().release());
    if (spare_ && spare_->process) numbers.push_back(spare_->process.release().release());
    os::close_all(numbers);
    children_.clear();
}

void Nursery::fail_start(shm::Owner owner, int error) {
    if (start_errno_ == 0) start_errno_ = error;
    Memory::note(roster_, owner, Note::start_errno).store(static_cast<std::uint64_t>(error), std::memory_order_relaxed);
    tell(owner, ExitStatus::exited(1));
}

void Nursery::kill(shm::Owner owner) {
    for (const Child& child : children_)
        if (child.owner == owner) child.process.send_signal(SIGKILL);
}

void Nursery::report() {
    spare_delay_ = std::chrono::nanoseconds::zero();  // whoever is started from now on replaces another one
    const NurseryReport report{start_errno_};
    try {
        os::send_message(socket_.get(), std::as_bytes(std::span(&report, 1)));
    } catch (const std::system_error&) {
        serving_ = false;
    }
}

std::vector<pollfd> Nursery::watched_children() const {
    std::vector<pollfd> entries;
    entries.reserve(children_.size() + 3);
    for (const Child& child : children_) entries.push_back(readable(child.process.get()));
    entries.push_back(readable(spare_ ? spare_->process.get() : -1));
    return entries;
}

// @param entries  of watched_children()
void Nursery::reap(std::span<const pollfd> entries) {
    auto entry = entries.begin();
    std::erase_if(children_, [&](const Child& child) {
        if ((entry++)->revents == 0) return false;
        const auto status = child.process.wait(std::chrono::nanoseconds::zero());
        if (status) tell(child.owner, *status);
        return status.has_value();
    });
    if (entry->revents != 0) reap_spare();
}

void Nursery::tell(shm::Owner owner, ExitStatus status) {
    roster_.bury(owner, status);
    shm::reap_tree();
    memory_.signals().ended.fetch_add(1, std::memory_order_release);
    memory_.signals().results.ring();
}

void Nursery::signal_all(int signal) {
    for (const Child& child : children_) child.process.send_signal(signal);
}

void Nursery::end_all(std::chrono::nanoseconds grace) {
    serving_ = false;
    if (spare_ && spare_->process) spare_->process.send_signal(SIGKILL);  // it has begun nothing
    const Deadline deadline(grace);
    if (!deadline.passed()) signal_all(SIGTERM);
    while (has_children() && !deadline.passed()) reap_within(deadline);
    signal_all(SIGKILL);
    while (has_children()) reap_within(Deadline(forever));
}

void Nursery::reap_within(const Deadline& deadline) {
    std::vector<pollfd> entries = watched_children();
    os::poll(entries, deadline);
    reap(entries);
}

}  // namespace cohort::pool
