// SPDX-License-Identifier: MIT
#include "channel/end.hpp"

#include <cohort/base/errors.hpp>

#include "channel/ends.hpp"
#include "channel/network/stream.hpp"
#include "channel/packet.hpp"
#include "os/process_identity.hpp"
#include "os/unix_socket.hpp"

#include <algorithm>

namespace cohort::channel {

namespace {

// The word of uses: pid in the upper half, so that what threads did that a child does not have is told apart; then the
// mark of a closed end; below it the number of calls under way.
constexpr int kPidShift = 32;
constexpr std::uint64_t kClosed = std::uint64_t{1} << 31;
constexpr std::uint64_t kCount = kClosed - 1;

/// The word as it counts in this process.
std::uint64_t here(std::uint64_t word) noexcept {
    const auto pid = static_cast<std::uint64_t>(os::current_pid());
    return word >> kPidShift == pid ? word : (pid << kPidShift | (word & kClosed));
}

[[noreturn]] void fail_closed() {
    throw ValueError("handle is closed");
}

}  // namespace

End::End(Descriptor descriptor, EndIdentity identity, EndRights rights, std::unique_ptr<const Stream> stream) noexcept
    : descriptor_(std::move(descriptor)),
      identity_(identity),
      rights_(rights),
      stream_(std::move(stream)),
      readable_(rights.readable),
      uses_(here(0)) {}

End::~End() {
    Ends::remove(*this);
}

bool End::closed() const noexcept {
    return (uses_.load(std::memory_order_relaxed) & kClosed) != 0;
}

void End::enter() {
    std::uint64_t word = uses_.load(std::memory_order_relaxed);
    do {
        if (word & kClosed) fail_closed();
    } while (!uses_.compare_exchange_weak(word, here(word) + 1, std::memory_order_acquire));
}

void End::leave() noexcept {
    const std::uint64_t before = uses_.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & (kClosed | kCount)) == (kClosed | 1)) Ends::close(*this);
}

void End::close() noexcept {
    Ends::close(*this);
}

// With the lock of Ends held: no fork falls between the mark and the close.
void End::close_listed() noexcept {
    std::uint64_t word = uses_.load(std::memory_order_relaxed);
    while (!uses_.compare_exchange_weak(word, here(word) | kClosed, std::memory_order_acq_rel)) {
    }
    if ((here(word) & kCount) == 0) close_descriptor();
}

void End::close_descriptor() noexcept {
    if (descriptor_ && stream_ && stream_->tls()) stream_->tls()->farewell();
    descriptor_.reset();
}

void End::stop_reading() noexcept {
    readable_.store(false, std::memory_order_relaxed);
    if (!rights_.writable) close();
}

void End::require_readable() const {
    if (closed()) fail_closed();
    if (!readable()) throw ValueError("connection is write-only");
}

void End::require_writable() const {
    if (closed()) fail_closed();
    if (!writable()) throw ValueError("connection is read-only");
}

std::size_t End::inline_limit(int descriptor) {
    std::size_t limit = inline_limit_.load(std::memory_order_relaxed);
    if (limit == 0) {
        limit = std::min(kLargestBody, os::send_buffer_bytes(descriptor) / 4);
        inline_limit_.store(limit, std::memory_order_relaxed);
    }
    return limit;
}

End& require(const std::shared_ptr<End>& end) {
    if (!end) fail_closed();
    return *end;
}

}  // namespace cohort::channel
