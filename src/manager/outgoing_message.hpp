// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace cohort::manager {

/// A message on its way, as the frame that it is sent in: what is left of it in three pieces that stay where they are.
/// The second is a large part of the value itself, which would be copied for nothing.
///
/// Thread safety: none.
class OutgoingMessage {
public:
    using Bytes = std::span<const std::byte>;

    OutgoingMessage() noexcept = default;
    /// @param header  how many bytes of `front` are the frame's   @param value  keeps `large`
    OutgoingMessage(std::size_t header, Bytes front, Bytes large, Bytes back, Object value) noexcept
        : pieces_{front, large, back}, header_(header), value_(std::move(value)) {}

    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept { return pieces_[0].size() + pieces_[1].size() + pieces_[2].size(); }

    /// What is to be sent next, and what follows.
    Bytes head() const noexcept { return pieces_[first()]; }
    Bytes body() const noexcept { return first() == 2 ? Bytes() : pieces_[first() + 1]; }
    /// So much of it was sent.
    void drop_front(std::size_t sent) noexcept {
        for (Bytes& each : pieces_) {
            const std::size_t of_it = std::min(sent, each.size());
            each = each.subspan(of_it);
            sent -= of_it;
        }
    }

    /// Copies the pieces that stand in memory of others, as long as the value is kept.
    /// @param memory  where to; stays as it is until the message is sent
    void move_to(std::vector<std::byte>& memory) {
        memory.clear();
        memory.reserve(pieces_[0].size() + pieces_[2].size());
        for (Bytes* each : {&pieces_[0], &pieces_[2]}) {
            const Bytes copy(memory.data() + memory.size(), each->size());
            memory.insert(memory.end(), each->begin(), each->end());
            *each = copy;
        }
    }

    /// The message without its frame, in one piece. REQUIRES: nothing was sent.
    std::vector<std::byte> content() const {
        std::vector<std::byte> all;
        for (const Bytes& each : pieces_) all.insert(all.end(), each.begin(), each.end());
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(header_));
        return all;
    }
    /// What is not the large part.
    std::array<Bytes, 2> text() const noexcept { return {pieces_[0], pieces_[2]}; }

private:
    std::size_t first() const noexcept { return !pieces_[0].empty() ? 0 : !pieces_[1].empty() ? 1 : 2; }

    std::array<Bytes, 3> pieces_{};
    std::size_t header_ = 0;
    Object value_{};
};

}  // namespace cohort::manager
