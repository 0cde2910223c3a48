// SPDX-License-Identifier: MIT
#include "manager/server/session.hpp"

#include <cohort/base/errors.hpp>

#include "os/epoll.hpp"
#include "os/socket.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::size_t kHeader = 4;

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
      peer_(peer),
      watched_(EPOLLIN | EPOLLRDHUP) {}

void Session::on_event(std::uint32_t events) {
    try {
        if (newcomer_) return advance_handshake();
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

void Session::receive() {
    // The room for all is larger than a record of TLS: nothing of it is left where epoll would not see it.
    if (reader_ && !wire_.is_tls()) {
        const auto got = wire_.receive(reader_->room(), MSG_DONTWAIT, name_);
        if (!got) return;
        if (*got == 0) return end();
        if (reader_->add(*got)) {
            const auto whole = std::move(reader_);
            handle(whole->message());
        }
        return;
    }
    const std::span<std::byte> buffer = host_.receive_buffer();
    const auto got = wire_.receive(buffer, MSG_DONTWAIT, name_);
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
    bool whole = false;
    while (!whole && !bytes.empty()) {
        const std::span<std::byte> room = reader_->room();
        const std::size_t count = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), count);
        bytes = bytes.subspan(count);
        whole = reader_->add(count);
    }
    if (whole) {
        const auto taken = std::move(reader_);
        handle(taken->message());
    }
    return bytes;
}

void Session::handle(std::span<const std::byte> message) {
    busy_ = true;
    handling_ = true;
    host_.dispatcher().handle(message, peer_, shared_from_this());
    handling_ = false;
    after_answer();
}

void Session::take(Answer answer) {
    if (ended_) return;
    busy_ = false;
    try {
        send(host_.dispatcher().encode(std::move(answer), peer_.holder));
        if (!handling_) after_answer();
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
    } catch (const std::exception&) {
        end();
    }
}

void Session::send(std::vector<std::byte> message) {
    const channel::FrameHeader header(message.size());
    std::size_t sent = 0;
    try {
        sent = wire_.send(header.bytes(), message, MSG_DONTWAIT, name_);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::resource_unavailable_try_again) throw;
    }
    if (sent == header.bytes().size() + message.size()) return;
    message.insert(message.begin(), header.bytes().begin(), header.bytes().end());
    output_ = std::move(message);
    sent_ = sent;
}

void Session::flush() {
    try {
        sent_ += wire_.send(std::span(output_).subspan(sent_), {}, MSG_DONTWAIT, name_);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::resource_unavailable_try_again) throw;
    }
    if (sent_ != output_.size()) return;
    output_ = {};
    after_answer();
}

void Session::watch_what_matters() {
    const std::uint32_t events = EPOLLRDHUP | (output_.empty() ? 0U : EPOLLOUT) | (may_read() ? EPOLLIN : 0U);
    if (std::exchange(watched_, events) != events) host_.watch(*this, events);
}

void Session::end() noexcept {
    if (std::exchange(ended_, true)) return;
    wire_.farewell();
    host_.ended(*this);
}

}  // namespace cohort::manager
