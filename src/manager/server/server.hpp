// SPDX-License-Identifier: MIT
#pragma once

#include "channel/network/listening_socket.hpp"
#include "manager/server/dispatcher.hpp"
#include "manager/server/holders.hpp"
#include "manager/server/loans.hpp"
#include "manager/server/segments.hpp"
#include "manager/server/server_options.hpp"
#include "manager/server/session.hpp"
#include "manager/server/worker_threads.hpp"
#include "manager/timers.hpp"
#include "manager/yielder.hpp"
#include "os/epoll.hpp"
#include "os/eventfd.hpp"
#include "os/limits.hpp"
#include "shm/spinner.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace cohort::manager {

/// A server of shared objects, for Python's clients and cohort's. All connections and all built-in objects are one
/// thread's: so each call of them is atomic, and an idle connection costs some hundred bytes. What may wait keeps its
/// call and answers it later; code of the program runs in threads of its own.
///
/// Thread safety: run() is one thread's; stop() is safe.
/// FORK: the child has no use for it, and must not destroy it.
/// DEATH: clients see the end of their connections, and that nobody listens.
class Server final : private Timers, private Workers, private SessionHost {
public:
    /// What the program adds to the built-in types.
    using AddTypes = std::function<void(ServedTypes&)>;

    /// Listens; clients can connect from now on.
    /// @throws as Listener
    explicit Server(const ServerOptions& options, const AddTypes& add_types = {});
    ~Server() override;

    const Address& address() const noexcept { return socket_.address(); }
    /// Serves until stop(), or a client's shutdown.
    void run();
    void stop() noexcept;
    /// Listens no more, and ends all connections.
    void close() noexcept;

    ObjectTable& objects() noexcept { return dispatcher_->objects(); }

private:
    // Timers
    Id call_at(Deadline::Clock::time_point when, std::function<void()> callback) override;
    void cancel(Id id) noexcept override;
    // Workers
    void run(std::function<std::function<void()>()> work) override;
    const std::atomic<bool>& ends() const noexcept override { return stopping_; }
    // SessionHost
    Dispatcher& dispatcher() noexcept override { return *dispatcher_; }
    std::span<std::byte> receive_buffer() noexcept override { return buffer_; }
    std::size_t longest_message() const noexcept override { return options_.longest_message; }
    void authenticated(Session& session) override;
    void watch(Session& session, std::uint32_t events) override;
    void go_on_later(Session& session) override;
    void ended(Session& session) noexcept override;
    bool may_share() const noexcept override;
    void shares() noexcept override { ++sharing_; }
    void look_at(Session& session) override;

    void finish_calls();
    bool has_output() const;
    void step();
    std::span<epoll_event> wait(std::span<epoll_event> room);
    bool serve_shared();
    bool shared_memory_has_work() const noexcept;
    bool fall_asleep() noexcept;
    void tell_crowd() noexcept;
    void stop_listening() noexcept;
    void serve(std::span<epoll_event> events);
    void on_event(std::uint64_t key, std::uint32_t events);
    void admit();
    void rest_from_accepting();
    void begin_session(channel::Wire wire, const std::string& name);
    void make_room();
    void end_session(ClientId client) noexcept;
    void end_sessions_of(HolderId holder) noexcept;
    void bury_ended();
    Deadline next_deadline() const;
    void call_timers();
    void end_late_handshakes();
    void call_posted();
    void post(std::function<void()> work);

    std::optional<WorkerThreads> threads_{std::in_place};  // first: what ends later runs without them
    std::size_t running_ = 0;                              // calls in threads of their own
    const ServerOptions options_;
    channel::ListeningSocket socket_;
    os::Epoll set_;
    os::Eventfd wake_;
    std::atomic<bool> stopping_{false};
    std::vector<std::byte> buffer_;
    shm::Spinner spinner_;
    Yielder yielder_;

    std::vector<std::shared_ptr<Session>> looked_at_;  // whose clients need not wake this thread
    std::size_t sharing_ = 0;                          // sessions with shared memory
    const std::size_t processors_ = os::affinity_cpus();
    bool in_crowd_ = false;  // clients that are looked at and this thread are more than processors
    unsigned looks_ = 0;

    std::map<std::pair<Deadline::Clock::time_point, Id>, std::function<void()>> timers_;
    std::unordered_map<Id, Deadline::Clock::time_point> due_;  // of each timer
    Id last_timer_ = 0;

    std::unordered_map<ClientId, std::shared_ptr<Session>> sessions_;
    std::map<ClientId, Deadline> handshakes_;  // the oldest first
    std::size_t turn_ = 0;                     // of those within a handshake and the socket that listens
    std::vector<std::shared_ptr<Session>> ended_;

    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;

    Segments segments_;
    std::optional<Dispatcher> dispatcher_;
    Loans loans_;  // what it holds is the dispatcher's
    Holders holders_;
};

}  // namespace cohort::manager
