// SPDX-License-Identifier: MIT
#include "process/forkserver_loop.hpp"

#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "os/exit.hpp"
#include "os/fork.hpp"
#include "os/memfd_message.hpp"
#include "os/pidfd.hpp"
#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/unix_socket.hpp"
#include "process/child.hpp"
#include "process/copies.hpp"
#include "process/forkserver_protocol.hpp"
#include "process/image.hpp"
#include "process/parent_watch.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/carried_descriptors.hpp"
#include "serial/resolve_ahead.hpp"

#include <csignal>
#include <cstring>
#include <filesystem>
#include <list>
#include <system_error>
#include <vector>

namespace cohort::process {

namespace {

using Preload = void (*)();

struct ServedChild {
    os::Pidfd process;
    Descriptor status;
};

pollfd readable(int descriptor) {
    return {.fd = descriptor, .events = POLLIN, .revents = 0};
}

// Empty if it is gone.
std::string working_directory() {
    std::error_code gone;
    return std::filesystem::current_path(gone).string();
}

/// The server. One thread, no state but its children: what a request needs, it carries.
class ForkserverLoop {
public:
    ForkserverLoop(Descriptor socket, os::Pidfd owner)
        : server_(os::current_pid()),
          directory_(working_directory()),
          socket_(std::move(socket)),
          owner_(std::make_shared<const ParentWatch>(std::move(owner))) {}

    void run() {
        while (serve_once()) {
        }
    }

private:
    bool serve_once() {
        std::vector<pollfd> entries{readable(socket_.get()), readable(owner_->descriptor())};
        for (const auto& child : children_) entries.push_back(readable(child.process.get()));
        os::poll(entries, Deadline(forever));
        if (entries[1].revents != 0) return false;
        std::size_t index = 2;
        for (auto child = children_.begin(); child != children_.end(); ++index)
            child = entries[index].revents != 0 ? bury(child) : std::next(child);
        return entries[0].revents == 0 || accept_request();
    }

    std::list<ServedChild>::iterator bury(std::list<ServedChild>::iterator child) {
        const auto status = child->process.wait(Timeout(std::chrono::seconds(0)));
        if (!status) return std::next(child);
        report(child->status.get(), {ForkReport::ended, status->exitcode()}, {});
        return children_.erase(child);
    }

    bool accept_request() {
        auto received = os::receive_packet(socket_.get());
        if (received.bytes.size() < sizeof(ForkRequest) || received.descriptors.empty()) return false;
        ForkRequest request;
        std::memcpy(&request, received.bytes.data(), sizeof(request));
        std::vector<std::byte> message;
        const bool in_memfd = request.in_memfd != 0;
        if (in_memfd) {
            message = os::memfd_content(received.descriptors.at(1).get()).value();
        } else {
            message.assign(received.bytes.begin() + sizeof(request), received.bytes.end());
        }
        Descriptor status = std::move(received.descriptors.front());
        received.descriptors.erase(received.descriptors.begin(), received.descriptors.begin() + (in_memfd ? 2 : 1));
        serial::IncomingDescriptors brought(std::move(received.descriptors));
        fork_child(message, brought, std::move(status));
        return true;
    }

    void fork_child(const std::vector<std::byte>& message, serial::IncomingDescriptors& brought, Descriptor status) {
        try {
            // What the child needs is made here: there, each page that is touched for the first time is copied.
            serial::Source source(message, serial::Trust::channel);
            source.set_carrier(&brought);
            auto record = record_of_child(source);
            serial::resolve_ahead(std::span(message).last(source.left()), cohort::detail::kTargetRole);
            flush_output();
            auto forked = os::fork_process();
            if (forked.in_child()) become_child(std::move(record), source, std::move(status));
            const int pidfd[] = {forked.process.get()};
            report(status.get(), {ForkReport::started, forked.pid}, pidfd);
            children_.push_back({std::move(forked.process), std::move(status)});
        } catch (const std::system_error& error) {
            report(status.get(), {ForkReport::failed, error.code().value()}, {});
        }
    }

    std::unique_ptr<Runtime> record_of_child(serial::Source& source) const {
        auto identity = serial::read<ChildIdentity>(source);
        identity.creator_pid = server_;
        identity.created_by_main_thread = true;
        if (identity.working_directory == directory_) identity.working_directory.clear();
        auto record = std::make_unique<Runtime>(std::move(identity));
        record->parent_watch = owner_;
        return record;
    }

    [[noreturn, gnu::hot]] void become_child(std::unique_ptr<Runtime> record, serial::Source& source,
                                             Descriptor status) {
        status.reset();
        socket_.reset();
        children_.clear();
        os::set_signal_action(SIGINT, SIG_DFL);
        renew_log(record->identity);
        const std::string directory = std::move(record->identity.working_directory);
        run_forked_child(std::move(record), [&] {
            if (!directory.empty()) std::filesystem::current_path(directory);
            const serial::Token token = serial::read_token(source);
            serial::resolve(token, cohort::detail::kTargetRole)(source, nullptr);
        });
    }

    static void report(int status, ForkReport report, std::span<const int> descriptors) noexcept {
        try {
            os::send_message(status, std::as_bytes(std::span(&report, 1)), descriptors);
        } catch (const std::system_error&) {
            // The owner has closed its end: it no longer wants to know.
        }
    }

    // Known before the fork: the server may be dead, and the child another's, when the child asks for its parent.
    const pid_t server_;
    const std::string directory_;
    Descriptor socket_;
    const std::shared_ptr<const ParentWatch> owner_;
    std::list<ServedChild> children_;
};

struct ForkserverBody {
    static constexpr std::string_view kRole = kImageRole;

    static void run(serial::Source& in, void*) {
        const auto socket = serial::read<int>(in);
        const auto owner = serial::read<pid_t>(in);
        const bool has_preload = serial::read<bool>(in);
        os::reset_signals();  // of the thread that happened to start it; SIGCHLD ignored would take the exit codes away
        os::set_signal_action(SIGINT, SIG_IGN);  // Ctrl-C is for the children; the server ends with its owner
        auto pidfd = open_parent(owner);
        if (!pidfd) os::exit_now(0);
        rule_program();  // each child would have to look for other copies of cohort itself
        if (has_preload) serial::read_callable<Preload>(in).get()();
        ForkserverLoop(Descriptor(socket), std::move(pidfd)).run();
        flush_output();
        os::exit_now(0);
    }
};

}  // namespace

serial::Token write_forkserver(serial::Sink& sink, int socket, pid_t owner, Preload preload) {
    serial::write(sink, socket);
    serial::write(sink, owner);
    serial::write(sink, preload != nullptr);
    if (preload) serial::write_callable(sink, preload, serial::Target::fresh);
    return serial::token_of<ForkserverBody>();
}

}  // namespace cohort::process
