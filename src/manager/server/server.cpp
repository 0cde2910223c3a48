// SPDX-License-Identifier: MIT
#include "manager/server/server.hpp"

#include "channel/network/connecting.hpp"
#include "manager/address_object.hpp"
#include "manager/spin_before_sleep.hpp"
#include "os/limits.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace cohort::manager {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReceiveBuffer = std::size_t{64} * 1024;
constexpr unsigned kLooksForOne = 16;  // looks at shared memory for one at the sockets, which is a system call
constexpr auto kFarewell = 500ms;
constexpr auto kRest = 100ms;  // from accepting, when there are no descriptors left

// Keys of the set; sessions have their number.
constexpr std::uint64_t kListens = 0;
constexpr std::uint64_t kWake = ~std::uint64_t{0};
constexpr std::uint64_t kFirstHolder = std::uint64_t{1} << 62;

// Of all servers of this process: they may share objects of the program.
ClientId next_client() noexcept {
    static std::atomic<ClientId> last{0};
    return ++last;
}

}  // namespace

Server::Server(const ServerOptions& options, const AddTypes& add_types)
    : options_(options),
      socket_(options.address, options.backlog, !channel::is_secret(options.authkey) && !options.allow_unauthenticated),
      buffer_(kReceiveBuffer),
      loans_(*this, options.loan_time),
      holders_(set_, kFirstHolder) {
    ServedTypes types = built_in_types(*this);
    if (add_types) add_types(types);
    add_pool_type(types, *this, *this);
    const Address named = address().is_tls() ? Address::tls(address().host(), address().port()) : address();
    dispatcher_.emplace(std::move(types), address_object(named),
                        Dispatcher::Services{*this, [this] { stopping_ = true; },
                                             options.keeps_segments ? &segments_ : nullptr, &loans_});
    set_.add(socket_.get(), EPOLLIN, kListens);
    set_.add(wake_.get(), EPOLLIN, kWake);
}

Server::~Server() {
    close();
    threads_.reset();
}

void Server::run() {
    Workers* const before = std::exchange(this_thread_workers(), static_cast<Workers*>(this));
    while (!stopping_) step();
    finish_calls();
    close();
    this_thread_workers() = before;
}

// Who has done something already is told: others may have seen it, and have ended the server for that.
void Server::finish_calls() {
    bool late = false;
    const Id timer = call_at(Deadline::Clock::now() + kFarewell, [&] { late = true; });
    while (!late && (running_ != 0 || has_output())) step();
    cancel(timer);
}

bool Server::has_output() const {
    return std::ranges::any_of(sessions_, [](const auto& each) { return each.second->has_output(); });
}

void Server::stop() noexcept {
    stopping_ = true;
    wake_.add();
}

void Server::close() noexcept {
    stopping_ = true;
    stop_listening();
    while (!sessions_.empty()) sessions_.begin()->second->end();
    segments_.unlink_all();
    looked_at_.clear();
    ended_.clear();
}

void Server::stop_listening() noexcept {
    try {
        if (socket_.get() >= 0) set_.remove(socket_.get());  // copies in other processes would keep it there
    } catch (const std::system_error&) {
    }
    socket_.close();
}

void Server::step() {
    std::array<epoll_event, 64> room;
    serve(wait(room));
    call_timers();
    end_late_handshakes();
    call_posted();
    bury_ended();
}

// Serves those with shared memory, or waits for the events of others: first with a short spin, as long as clients are
// quick.
std::span<epoll_event> Server::wait(std::span<epoll_event> room) {
    if (serve_shared()) {
        if (in_crowd_) yielder_.pause();  // one call of each, then it is their turn
        return ++looks_ % kLooksForOne == 0 ? set_.look(room) : room.first(0);
    }
    std::span<epoll_event> found;
    const auto look = [&]() noexcept {
        found = set_.look(room);
        return !found.empty();
    };
    const auto look_everywhere = [&]() noexcept {
        return shared_memory_has_work() || (++looks_ % kLooksForOne == 0 && look());
    };
    const bool awake = looked_at_.empty() ? wait_before_sleep(spinner_, yielder_, look)
                                          : wait_before_sleep(in_crowd_, spinner_, yielder_, look_everywhere);
    if (awake) return found;
    return fall_asleep() ? set_.wait(room, next_deadline()) : found;
}

bool Server::serve_shared() {
    bool any = false;
    for (std::size_t i = 0; i != looked_at_.size(); ++i) {
        if (!looked_at_[i]->has_work()) continue;
        looked_at_[i]->work();
        any = true;
    }
    return any;
}

bool Server::shared_memory_has_work() const noexcept {
    return std::ranges::any_of(looked_at_, [](const auto& each) { return each->has_work(); });
}

// From now on the clients wake this thread. False: one was quicker.
bool Server::fall_asleep() noexcept {
    if (looked_at_.empty()) return true;
    for (const auto& each : looked_at_) each->announce_sleep();
    shm::full_fence();
    if (shared_memory_has_work()) {
        for (const auto& each : looked_at_) each->awake();
        return false;
    }
    looked_at_.clear();
    in_crowd_ = false;
    return true;
}

// Who has no core of its own must not spin on that of another. Those whose memory nobody looks at are not told.
void Server::tell_crowd() noexcept {
    in_crowd_ = looked_at_.size() > 1 && looked_at_.size() >= processors_;
    for (const auto& each : looked_at_) each->tell_crowd(in_crowd_);
}

bool Server::may_share() const noexcept {
    return address().is_unix() && sharing_ < options_.most_sharing;
}

void Server::look_at(Session& session) {
    if (!session.has_ended() &&
        std::ranges::none_of(looked_at_, [&](const auto& each) { return each.get() == &session; })) {
        looked_at_.push_back(session.shared_from_this());
        tell_crowd();
    }
}

// Calls first. While there are any, one event of strangers is taken, of each in turn: the others are told again.
void Server::serve(std::span<epoll_event> events) {
    const auto first_stranger = std::partition(events.begin(), events.end(), [this](const epoll_event& event) {
        const std::uint64_t key = event.data.u64;  // the event is packed: no reference to what is in it
        return key != kListens && !handshakes_.contains(key);
    });
    const auto calls = events.first(static_cast<std::size_t>(first_stranger - events.begin()));
    auto strangers = events.subspan(calls.size());
    if (!calls.empty() && !strangers.empty()) strangers = strangers.subspan(turn_++ % strangers.size(), 1);
    for (const epoll_event& event : calls) on_event(event.data.u64, event.events);
    for (const epoll_event& event : strangers) on_event(event.data.u64, event.events);
}

void Server::on_event(std::uint64_t key, std::uint32_t events) {
    if (key == kListens) return admit();
    if (key == kWake) return static_cast<void>(wake_.take());
    if (key > kFirstHolder) {
        if (const HolderId holder = holders_.take_end(key)) {
            end_sessions_of(holder);
            bury_ended();
            objects().holder_gone(holder);
        }
        return;
    }
    if (const auto found = sessions_.find(key); found != sessions_.end()) {
        const auto session = found->second;
        session->on_event(events);
    }
}

void Server::admit() {
    os::SocketAddress from;
    Descriptor socket;
    try {
        socket = os::accept_from(socket_.get(), Deadline(0s), &from);
    } catch (const std::system_error&) {
        return rest_from_accepting();
    }
    if (!socket) return;
    const Address peer = channel::address_of(from);
    try {
        begin_session(socket_.wire(std::move(socket)), peer.is_tcp()
                                                           ? channel::name_in_errors(peer)
                                                           : "a client of " + channel::name_in_errors(address()));
    } catch (const std::exception&) {
        // The peer has gone already, or there is no memory for it.
    }
}

// A peer that has not proved itself makes room; without one, others have to close something first.
void Server::rest_from_accepting() {
    if (!handshakes_.empty()) return end_session(handshakes_.begin()->first);
    set_.modify(socket_.get(), 0, kListens);
    call_at(Deadline::Clock::now() + kRest, [this] { set_.modify(socket_.get(), EPOLLIN, kListens); });
}

void Server::begin_session(channel::Wire wire, const std::string& name) {
    using channel::Handshake;
    const ClientId client = next_client();
    Peer peer{.client = client};
    if (address().is_unix()) peer.holder = holders_.of(os::peer_pid(wire.get()));
    std::unique_ptr<channel::Newcomer> newcomer;
    channel::Wire proved;
    const bool has_to_prove = options_.authkey || wire.is_tls();
    if (has_to_prove) {
        make_room();
        std::optional<Handshake> handshake;
        if (options_.authkey) handshake.emplace(Handshake::Side::listener, *options_.authkey, options_.allow_md5);
        newcomer = std::make_unique<channel::Newcomer>(std::move(wire), name, std::move(handshake),
                                                       options_.handshake_timeout);
    } else {
        proved = std::move(wire);
    }
    const auto session =
        std::make_shared<Session>(static_cast<SessionHost&>(*this), std::move(proved), std::move(newcomer), name, peer);
    set_.add(session->descriptor(), session->watched(), client);
    sessions_.emplace(client, session);
    if (!has_to_prove) return;
    handshakes_.emplace(client, Deadline(options_.handshake_timeout));
}

// Who has had the longest time of all.
void Server::make_room() {
    const std::size_t most = os::strangers_allowed(options_.most_handshakes);
    while (handshakes_.size() >= most) end_session(handshakes_.begin()->first);
}

void Server::end_session(ClientId client) noexcept {
    handshakes_.erase(client);
    if (const auto found = sessions_.find(client); found != sessions_.end()) found->second->end();
}

// A child may have copies of the sockets, so that they do not end with the process.
void Server::end_sessions_of(HolderId holder) noexcept {
    std::vector<std::shared_ptr<Session>> left;
    for (const auto& [client, session] : sessions_)
        if (session->holder() == holder) left.push_back(session);
    for (const auto& session : left) session->end();
}

void Server::authenticated(Session& session) {
    handshakes_.erase(session.client());
}

void Server::watch(Session& session, std::uint32_t events) {
    set_.modify(session.descriptor(), events, session.client());
}

void Server::go_on_later(Session& session) {
    post([weak = session.weak_from_this()] {
        if (const auto alive = weak.lock()) alive->go_on();
    });
}

void Server::ended(Session& session) noexcept {
    handshakes_.erase(session.client());
    try {
        set_.remove(session.descriptor());
    } catch (const std::system_error&) {  // it is not there
    }
    os::shut_down(session.descriptor());
    if (session.has_memory()) --sharing_;
    if (auto taken = sessions_.extract(session.client())) ended_.push_back(std::move(taken.mapped()));
}

// Not where they end: that may be within an answer, in the middle of an object's call.
void Server::bury_ended() {
    while (!ended_.empty()) {
        const auto session = std::move(ended_.back());
        ended_.pop_back();
        if (std::erase(looked_at_, session) != 0) tell_crowd();
        objects().client_gone(session->client());
        if (!holders_.watches(session->holder())) objects().holder_gone(session->holder());
    }
}

Timers::Id Server::call_at(Deadline::Clock::time_point when, std::function<void()> callback) {
    const Id id = ++last_timer_;
    timers_.emplace(std::pair(when, id), std::move(callback));
    due_.emplace(id, when);
    return id;
}

void Server::cancel(Id id) noexcept {
    const auto found = due_.find(id);
    if (found == due_.end()) return;
    timers_.erase(std::pair(found->second, id));
    due_.erase(found);
}

Deadline Server::next_deadline() const {
    auto next = Deadline::Clock::time_point::max();
    if (!timers_.empty()) next = timers_.begin()->first.first;
    if (!handshakes_.empty()) next = std::min(next, handshakes_.begin()->second.at().value_or(next));
    return next == Deadline::Clock::time_point::max() ? Deadline(forever) : Deadline(next - Deadline::Clock::now());
}

void Server::call_timers() {
    while (!timers_.empty() && timers_.begin()->first.first <= Deadline::Clock::now()) {
        const auto timer = timers_.extract(timers_.begin());
        due_.erase(timer.key().second);
        timer.mapped()();
    }
}

void Server::end_late_handshakes() {
    while (!handshakes_.empty() && handshakes_.begin()->second.passed()) end_session(handshakes_.begin()->first);
}

void Server::call_posted() {
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard guard(posted_mutex_);
        work.swap(posted_);
    }
    for (const auto& each : work) each();
}

void Server::post(std::function<void()> work) {
    {
        const std::lock_guard guard(posted_mutex_);
        posted_.push_back(std::move(work));
    }
    wake_.add();
}

void Server::run(std::function<std::function<void()>()> work) {
    if (!threads_) return static_cast<void>(work());
    threads_->run([this, work = std::move(work)]() mutable {
        auto finish = work();
        work = nullptr;  // what it holds ends in the server's thread
        post([this, finish = std::move(finish)] {
            --running_;
            finish();
        });
    });
    ++running_;
}

}  // namespace cohort::manager
