// SPDX-License-Identifier: MIT
#include "process/keeper_loop.hpp"

#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "os/exit.hpp"
#include "os/limits.hpp"
#include "os/pidfd.hpp"
#include "os/poll.hpp"
#include "os/unix_socket.hpp"
#include "process/image.hpp"
#include "process/parent_watch.hpp"

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <system_error>
#include <vector>

namespace cohort::process {

namespace {

pollfd readable(int descriptor) {
    return {.fd = descriptor, .events = POLLIN, .revents = 0};
}

/// The keeper. One thread.
///
/// Invariant: no child outlives the owner. A child (1) puts its pidfd into the queue of the socket, and then (2) looks
/// whether the owner still is its parent; if not, it ends. The kernel gives the children of a process to another parent
/// before the process's pidfd becomes readable. So if the owner was found at (2), the packet was in the queue before
/// this process could see the owner's end, and admit_the_rest(), which comes after that, finds it. The queue outlives
/// the owner, as this end is open; nobody waits for an answer.
class KeeperLoop {
public:
    /// @param owner  empty: it has ended already
    KeeperLoop(Descriptor socket, os::Pidfd owner) : socket_(std::move(socket)), owner_(std::move(owner)) {}

    void run() {
        while (owner_ && serve_once()) {
        }
        admit_the_rest();
        for (const os::Pidfd& child : children_) kill(child);
    }

private:
    /// @returns false when the owner has ended, or nobody is left to be kept and nobody can come
    bool serve_once() {
        std::vector<pollfd> entries{readable(owner_.get()), readable(socket_.get())};
        for (const os::Pidfd& child : children_) entries.push_back(readable(child.get()));
        os::poll(entries, Deadline(forever));
        if (entries[0].revents != 0) return false;
        std::size_t index = 2;
        std::erase_if(children_, [&](const os::Pidfd&) { return entries[index++].revents != 0; });
        if (entries[1].revents != 0) admit();
        return socket_ || !children_.empty();
    }

    void admit_the_rest() {
        while (socket_ && os::wait_readable(socket_.get(), Deadline(std::chrono::seconds(0)))) admit();
    }

    void admit() {
        try {
            std::byte nothing;
            auto received = os::receive_message(socket_.get(), {&nothing, 1});
            if (received.end) socket_.reset();
            for (Descriptor& child : received.descriptors) children_.emplace_back(std::move(child));
        } catch (const std::system_error& error) {
            std::fprintf(stderr, "cohort: a child may outlive its parent: %s\n", error.what());
        }
    }

    static void kill(const os::Pidfd& child) {
        try {
            child.send_signal(SIGKILL);
        } catch (const std::system_error&) {
            // It has become another user's. The others are to be killed nevertheless.
        }
    }

    Descriptor socket_;
    os::Pidfd owner_;
    std::vector<os::Pidfd> children_;
};

struct KeeperBody {
    static constexpr std::string_view kRole = kImageRole;

    static void run(serial::Source& in, void*) {
        Descriptor socket(serial::read<int>(in));
        const auto owner = serial::read<pid_t>(in);
        os::raise_descriptor_limit();  // as many children as the owner can have, which holds a descriptor of each
        KeeperLoop(std::move(socket), open_parent(owner)).run();
        os::exit_now(0);
    }
};

}  // namespace

serial::Token write_keeper(serial::Sink& sink, int socket, pid_t owner) {
    serial::write(sink, socket);
    serial::write(sink, owner);
    return serial::token_of<KeeperBody>();
}

}  // namespace cohort::process
