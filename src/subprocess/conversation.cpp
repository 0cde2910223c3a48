// SPDX-License-Identifier: MIT
#include "subprocess/conversation.hpp"

#include <cohort/base/scope_guard.hpp>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

namespace cohort::subprocess {

void Conversation::tell(StreamWriter& to, std::string input) {
    telling_ = {.to = &to, .input = std::move(input)};
    if (telling_.input.empty()) to.close();
}

void Conversation::listen(StreamReader& from, const LineFunction& on_line) {
    from.forget_taken();
    listening_.push_back({.from = &from, .on_line = on_line ? &on_line : nullptr});
}

bool Conversation::done() const noexcept {
    return (!telling_.to || telling_.to->closed()) &&
           std::all_of(listening_.begin(), listening_.end(), [](const auto& each) { return each.from->closed(); });
}

bool Conversation::only_listens_to_one() const noexcept {
    const auto open =
        std::count_if(listening_.begin(), listening_.end(), [](const auto& each) { return !each.from->closed(); });
    return open == 1 && (!telling_.to || telling_.to->closed());
}

bool Conversation::go_on(const Deadline& deadline) {
    const bool is_done = exchange(deadline);
    if (telling_.to && !telling_.to->closed()) telling_.to->set_nonblocking(false);
    return is_done;
}

bool Conversation::exchange(const Deadline& deadline) {
    for (Listening& each : listening_) {
        each.searched = 0;                                     // the program may have read from the stream since
        if (each.on_line) deliver(each, each.from->closed());  // the lines behind one whose function has thrown
    }
    while (!done()) {
        const bool waits_in_read = deadline.is_forever() && only_listens_to_one();
        if (!waits_in_read && !wait(deadline)) return false;
        for (std::size_t i = 0; i != listening_.size(); ++i)
            if (!listening_[i].from->closed() && (waits_in_read || entries_[i].revents)) read(listening_[i]);
        if (!waits_in_read && entries_.back().revents) write();
        if (deadline.passed() && !done()) return false;
    }
    return true;
}

/// Until something can be read or written. False when the time is up.
bool Conversation::wait(const Deadline& deadline) {
    entries_.clear();
    // poll() passes over negative numbers.
    for (const Listening& each : listening_)
        entries_.push_back({.fd = each.from->pipe_.get(), .events = POLLIN, .revents = 0});
    entries_.push_back({.fd = telling_.to ? telling_.to->pipe_.get() : -1, .events = POLLOUT, .revents = 0});
    return os::poll(entries_, deadline) != 0;
}

void Conversation::write() {
    telling_.to->set_nonblocking(true);
    try {
        telling_.written += telling_.to->write_some(std::string_view(telling_.input).substr(telling_.written));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::broken_pipe) throw;
        telling_.written = telling_.input.size();  // the program does not want to read the rest
    }
    if (telling_.written != telling_.input.size()) return;
    telling_.to->close();
    telling_.input = {};
}

void Conversation::read(Listening& listening) {
    const bool at_end = !listening.from->receive();
    if (at_end) listening.from->pipe_.reset();
    if (listening.on_line) deliver(listening, at_end);
}

void Conversation::deliver(Listening& listening, bool at_end) {
    // Not in the stream meanwhile, which the function may use.
    listening.from->forget_taken();
    std::string text = std::exchange(listening.from->buffer_, {});
    std::size_t begin = 0;
    const std::size_t searched = std::exchange(listening.searched, 0);  // which an exception leaves so
    detail::ScopeGuard put_rest_back([&] {
        listening.from->forget_taken();
        text.erase(0, begin);
        listening.from->buffer_.swap(text);
        listening.from->buffer_.append(text);
    });
    const std::string_view all = text;
    for (std::size_t end; (end = all.find('\n', std::max(begin, searched))) != all.npos;) {
        const std::string_view line = all.substr(begin, end - begin);
        begin = end + 1;
        (*listening.on_line)(line);
    }
    if (at_end && begin != all.size()) {
        const std::string_view line = all.substr(std::exchange(begin, all.size()));
        (*listening.on_line)(line);
    }
    listening.searched = all.size() - begin;
}

}  // namespace cohort::subprocess
