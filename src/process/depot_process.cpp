// SPDX-License-Identifier: MIT
#include "process/depot_process.hpp"

#include "os/background.hpp"
#include "os/exit.hpp"
#include "os/limits.hpp"
#include "os/pipe.hpp"
#include "os/poll.hpp"
#include "os/unix_socket.hpp"
#include "process/background_process.hpp"
#include "process/tree_pipe.hpp"
#include "shm/tree.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace cohort::process {

namespace {

using namespace std::chrono_literals;

constexpr int kBacklog = 128;
/// How often it looks for objects that were freed; only while it keeps something.
constexpr auto kLookEvery = 50ms;

/// The descriptors of a tree. One thread, in a process of its own, which holds no object and takes no mutex of the
/// arena: nobody waits for it, and it waits for nobody.
class Depot {
public:
    Depot(Descriptor pipe, Descriptor socket) : pipe_(std::move(pipe)), socket_(std::move(socket)) {}

    /// Until the last process of the tree has ended: of those that cohort has started the pipe tells, of others, which
    /// are copies made before there was a pipe, the roster.
    void serve() {
        while (wait()) {
            if (entries_[1].revents != 0) accept();
            for (std::size_t index = 2; index != entries_.size(); ++index)
                if (entries_[index].revents != 0) answer(clients_[index - 2]);
            std::erase_if(clients_, [](const Descriptor& client) { return !client; });
            std::erase_if(kept_, [](const auto& entry) { return !shm::tree_arena().exists(entry.first); });
        }
    }

private:
    struct Before {
        bool operator()(shm::BlockName a, shm::BlockName b) const noexcept {
            return std::pair(a.place, a.generation) < std::pair(b.place, b.generation);
        }
    };

    // False: the tree has ended.
    bool wait() {
        entries_.assign({{pipe_.get(), 0, 0}, {socket_.get(), POLLIN, 0}});
        for (const Descriptor& client : clients_) entries_.push_back({client.get(), POLLIN, 0});
        if (pipe_ended_) entries_[0].fd = -1;
        os::poll(entries_, kept_.empty() && !pipe_ended_ ? Deadline(forever) : Deadline(kLookEvery));
        if ((entries_[0].revents & (POLLHUP | POLLERR)) != 0) pipe_ended_ = true;
        return !pipe_ended_ || shm::tree_arena().roster().anybody_lives();
    }

    void accept() {
        Descriptor client = os::accept_from(socket_.get(), Deadline(0s));
        if (client && os::peer_is_own(client.get())) clients_.push_back(std::move(client));
    }

    void answer(Descriptor& client) try {
        DepotRequest request;
        auto received = os::receive_message(client.get(), std::as_writable_bytes(std::span(&request, 1)), MSG_DONTWAIT);
        if (received.size != sizeof request) return client.reset();
        if (request.kind == DepotRequest::leave)
            leave(client.get(), request.object, std::move(received.descriptors));
        else
            collect(client.get(), request.object, request.kind == DepotRequest::copy);
    } catch (const std::system_error& error) {
        const bool full = error.code().value() == EMFILE || error.code().value() == ENFILE;
        if (!full || !reply(client.get(), {error.code().value(), 0, 0}, {})) client.reset();
    }

    void leave(int client, shm::BlockName object, std::vector<Descriptor> descriptors) {
        auto& own = kept_[object];
        std::move(descriptors.begin(), descriptors.end(), std::back_inserter(own));
        reply(client, {0, 0, static_cast<std::uint32_t>(own.size())}, {});
    }

    void collect(int client, shm::BlockName object, bool only_copy) {
        const auto found = kept_.find(object);
        if (found == kept_.end()) {
            reply(client, {ENOENT, 0, 0}, {});
            return;
        }
        auto& own = found->second;
        const auto portion = static_cast<std::ptrdiff_t>(std::min(own.size(), kDepotPortion));
        std::vector<int> numbers;
        std::transform(own.begin(), own.begin() + portion, std::back_inserter(numbers),
                       [](const Descriptor& descriptor) { return descriptor.get(); });
        const auto left = own.size() - static_cast<std::size_t>(portion);
        reply(client, {0, static_cast<std::uint32_t>(portion), static_cast<std::uint32_t>(left)}, numbers);
        if (only_copy) return;
        own.erase(own.begin(), own.begin() + portion);
        if (own.empty()) kept_.erase(found);
    }

    static bool reply(int client, const DepotReply& answer, std::span<const int> descriptors) {
        const auto bytes = std::as_bytes(std::span(&answer, 1));
        return os::send_message(client, bytes, descriptors, MSG_DONTWAIT) == sizeof answer;
    }

    const Descriptor pipe_;
    const Descriptor socket_;
    bool pipe_ended_ = false;
    std::vector<pollfd> entries_;
    std::vector<Descriptor> clients_;
    std::map<shm::BlockName, std::vector<Descriptor>, Before> kept_;
};

std::optional<Descriptor> listen_as_depot() try {
    return os::unix_listen(depot_address(), kBacklog);
} catch (const std::system_error& error) {
    if (error.code() != std::errc::address_in_use) throw;
    return std::nullopt;
}

void run_depot(int) {
    try {
        Descriptor pipe = os::open_reading_end(tree_pipe());
        auto socket = listen_as_depot();
        if (!socket) os::exit_now(0);  // another process has started one at the same time
        os::raise_descriptor_limit();
        shm::tree_arena();
        std::array keep{pipe.get(), socket->get()};
        os::continue_in_background("cohort-depot", keep);
        Depot(std::move(pipe), std::move(*socket)).serve();
    } catch (const std::exception&) {
        os::exit_now(1);  // what it kept is lost; who collects it is told
    }
    os::exit_now(0);
}

}  // namespace

std::string depot_address() {
    return std::string("\0cohort-depot-", 14) + std::to_string(shm::tree_arena().id());
}

void start_depot() {
    start_background<run_depot>();
}

}  // namespace cohort::process
