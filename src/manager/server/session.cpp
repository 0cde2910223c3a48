// SPDX-License-Identifier: MIT
#include "manager/server/session.hpp"

#include <cohort/base/errors.hpp>

#include "os/epoll.hpp"
#include "os/freed_memory.hpp"
#include "os/socket.hpp"
#include "os/unix_socket.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::size_t kHeader = 4;
constexpr int kReceivesAtOnce = 16;  // of one client's shared memory, before it is another's turn

// The message at the front, if it is there whole and not of the long form.
std::optional<std::span<const std::byte>> whole_message(std::span<const std::byte> bytes, std::size_t longest) {
    if (bytes.size() < kHeader) return {};
    std::size_t length = 0;
    for (const std::byte each : bytes.first(kHeader)) length = length << 8 | std::to_integer<std::size_t>(each);
    if (length > 0x7fffffff || length > longest || bytes.size() - kHeader < length) return {};
    return bytes.subspan(kHeader, length);
}

}  // namespace

Session::Session(SessionHost& host, channel::Wire wire, std::unique_ptr<channel::Newcomer> newcomer, std::string name,
                 Peer peer)
    : host_(host),
      wire_(std::move(wire)),
      newcomer_(std::move(newcomer)),
      name_(std::move(name)),
      peer_(std::move(peer)),
      watched_(EPOLLIN | EPOLLRDHUP) {
    peer_.memory = this;
}

void Session::on_event(std::uint32_t events) {
    try {
        if (newcomer_) return advance_handshake();
        if (shared_) return on_wake(events);
        if (events & EPOLLOUT) flush();
        if (may_read() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return receive();
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) end();  // nobody reads the answer
    } catch (const std::exception&) {
        end();  // the peer has broken off, or does not speak the protocol, or there is no memory for what it says
    }
}

void Session::advance_handshake() {
    if (!newcomer_->advance()) return;
    wire_ = newcomer_->release();
    newcomer_.reset();
    host_.authenticated(*this);
}

void Session::on_wake(std::uint32_t events) {
    std::optional<std::size_t> wakes;
    if (events & EPOLLIN) wakes = wire_.receive(host_.receive_buffer(), MSG_DONTWAIT, name_);
    shared_->awake();
    if (has_work()) work();  // also what a client sent before it went
    if (wakes == std::size_t{0} || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return end();
    host_.look_at(*this);
}

bool Session::has_work() const noexcept {
    return !ended_ && (output_.empty() ? !busy_ && shared_->readable() : shared_->writable());
}

void Session::work() noexcept {
    try {
        if (!output_.empty()) flush();
        for (int i = 0; i != kReceivesAtOnce && may_read() && shared_->readable(); ++i) receive();
        wake_client();
    } catch (const std::exception&) {
        end();
    }
}

bool Session::offer_memory() {
    if (has_memory() || !host_.may_share()) return false;
    try {
        offered_ = std::make_unique<SharedStream>(SharedStream::create());
    } catch (const std::exception&) {
        return false;  // there is no descriptor or no memory left
    }
    host_.shares();
    return true;
}

bool Session::use_memory() {
    switches_ = offered_ != nullptr;
    return switches_;
}

std::optional<std::size_t> Session::receive_some(std::span<std::byte> buffer) {
    if (!shared_) return wire_.receive(buffer, MSG_DONTWAIT, name_);
    return shared_->receive(buffer);
}

void Session::receive() {
    // The room for all is larger than a record of TLS: nothing of it is left where epoll would not see it.
    if (reader_ && !wire_.is_tls()) {
        const auto got = receive_some(reader_->room());
        if (!got) return;
        if (*got == 0) return end();
        if (reader_->add(*got)) handle_frame();
        return;
    }
    const std::span<std::byte> buffer = host_.receive_buffer();
    const auto got = receive_some(buffer);
    if (!got) return;
    if (*got == 0) return end();
    consume(buffer.first(*got));
}

void Session::consume(std::span<const std::byte> bytes) {
    while (!bytes.empty() && may_read()) {
        if (const auto message = reader_ ? std::nullopt : whole_message(bytes, host_.longest_message())) {
            handle(*message);
            bytes = bytes.subspan(kHeader + message->size());
        } else {
            bytes = read_frame(bytes);
        }
    }
    if (!ended_) behind_.assign(bytes.begin(), bytes.end());
}

// @returns what follows
std::span<const std::byte> Session::read_frame(std::span<const std::byte> bytes) {
    if (!reader_) {
        reader_ = std::make_unique<channel::FrameReader>();
        reader_->begin(host_.longest_message());
    }
    const bool whole = reader_->take(bytes);
    if (whole) handle_frame();
    return bytes;
}

void Session::handle_frame() {
    const auto whole = std::move(reader_);
    const auto message = whole->message();
    handle(message, whole->take_memory());
}

void Session::handle(std::span<const std::byte> message, std::shared_ptr<const void> memory) {
    os::keep_freed_blocks(message.size());
    busy_ = true;
    handling_ = true;
    host_.dispatcher().handle(message, peer_, shared_from_this(), std::move(memory));
    handling_ = false;
    after_answer();
}

void Session::take(Answer answer) {
    if (ended_) return;
    busy_ = false;
    try {
        send(host_.dispatcher().encode(std::move(answer), peer_));
        host_.dispatcher().answer_is_sent();
        if (handling_) return;
        after_answer();
        wake_client();
    } catch (const std::exception&) {
        end();
    }
}

void Session::after_answer() {
    if (ended_) return;
    if (!busy_ && output_.empty() && peer_.leaves) return end();
    watch_what_matters();
    if (may_read() && !behind_.empty() && !handling_) host_.go_on_later(*this);
}

void Session::go_on() {
    if (!may_read()) return;
    try {
        const auto bytes = std::exchange(behind_, {});
        consume(bytes);
        wake_client();
    } catch (const std::exception&) {
        end();
    }
}

void Session::send(OutgoingMessage message) {
    if (const Descriptor memory = offered_ ? offered_->take_descriptor() : Descriptor())
        return send_offer(message, memory);
    os::keep_freed_blocks(message.size());
    send_some(message);
    if (!message.empty()) {
        message.move_to(output_memory_);
        output_ = std::move(message);
    }
    if (!std::exchange(switches_, false)) return;
    if (!output_.empty()) return end();
    shared_ = std::move(offered_);
    host_.look_at(*this);
}

// A short message, to a client that waits for it: the socket takes it.
void Session::send_offer(const OutgoingMessage& message, const Descriptor& memory) {
    const int descriptor = memory.get();
    if (os::send_message(wire_.get(), message.head(), {&descriptor, 1}, MSG_DONTWAIT) != message.size()) end();
}

// As much as finds room.
void Session::send_some(OutgoingMessage& message) {
    for (bool room = true; room && !message.empty();) {
        const std::size_t wanted = message.head().size() + message.body().size();
        const std::size_t sent = send_some(message.head(), message.body());
        message.drop_front(sent);
        room = sent == wanted;
    }
}

std::size_t Session::send_some(std::span<const std::byte> head, std::span<const std::byte> body) {
    if (shared_) return shared_->send(head, body);
    try {
        return wire_.send(head, body, MSG_DONTWAIT, name_);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::resource_unavailable_try_again) throw;
        return 0;
    }
}

void Session::flush() {
    send_some(output_);
    if (!output_.empty()) return;
    output_ = {};
    output_memory_ = {};
    after_answer();
}

void Session::wake_client() {
    constexpr std::byte kWake{1};
    if (!ended_ && shared_ && shared_->takes_sleeper()) wire_.send({&kWake, 1}, {}, MSG_DONTWAIT, name_);
}

void Session::watch_what_matters() {
    std::uint32_t events = EPOLLRDHUP | EPOLLIN;
    if (!shared_) events = EPOLLRDHUP | (output_.empty() ? 0U : EPOLLOUT) | (may_read() ? EPOLLIN : 0U);
    if (std::exchange(watched_, events) != events) host_.watch(*this, events);
}

void Session::end() noexcept {
    if (std::exchange(ended_, true)) return;
    wire_.farewell();
    host_.ended(*this);
}

}  // namespace cohort::manager
