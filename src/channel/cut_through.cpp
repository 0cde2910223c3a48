// SPDX-License-Identifier: MIT
#include "channel/cut_through.hpp"

#include "shm/fence.hpp"
#include "shm/spinner.hpp"
#include "shm/tree.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <thread>

namespace cohort::channel {

namespace {

// So much is read before the next look for an item.
constexpr std::size_t kReadAtOnce = std::size_t{1} << 20;
constexpr std::size_t kNowhere = ~std::size_t{0};

BlockFront& front_of(shm::BlockName block) noexcept {
    return *std::launder(reinterpret_cast<BlockFront*>(shm::tree_arena().data(block)));
}

std::byte* message_of(shm::BlockName block) noexcept {
    return shm::tree_arena().data(block) + sizeof(BlockFront);
}

// Where in the window a piece lies, counting those that went there.
std::size_t place_in_window(std::size_t number) noexcept {
    return number % cut_through_sizes.window * cut_through_sizes.piece;
}

/// A wait for a process that is about to do something, unless it has lost its core, is stopped or dead.
class BriefWait {
public:
    using Clock = std::chrono::steady_clock;

    explicit BriefWait(std::chrono::nanoseconds patience) noexcept : patience_(patience) {}

    /// Pauses, unless there is no patience. @returns false if the time is up: look once more
    bool goes_on() noexcept {
        if (begin_ == Clock::time_point{}) begin_ = Clock::now();
        const auto spent = Clock::now() - begin_;
        if (spent >= patience_) return false;
        if (spent > kSpin) {
            // No yield: where others have work, that gives the core away for milliseconds.
            std::this_thread::sleep_for(kSleep);
        } else {
            for (int i = 0; i != 4; ++i) shm::relax();
        }
        return true;
    }

private:
    // A page fault of the other one takes as long.
    static constexpr std::chrono::microseconds kSpin{300};
    static constexpr std::chrono::microseconds kSleep{20};
    std::chrono::nanoseconds patience_;
    Clock::time_point begin_{};
};

}  // namespace

constinit CutThroughSizes cut_through_sizes;

bool ShownBlock::show(shm::BlockName block, std::size_t size, std::size_t written, std::size_t window) noexcept {
    const ShownWord before = word();
    if (before.raw() != 0 && shm::tree_arena().exists(before.block())) return false;
    // Stores, as who has read of an earlier block in this place may still look.
    BlockFront& front = front_of(block);
    front.size.store(size, std::memory_order_relaxed);
    front.written.store(written, std::memory_order_relaxed);
    front.window.store(window, std::memory_order_relaxed);
    front.streamed.store(0, std::memory_order_relaxed);
    std::uint64_t shown = before.raw();
    // Release: who sees the word sees the front, what was written, and what this thread had put before.
    if (!queue_->shown().compare_exchange_strong(shown, ShownWord(block).raw(), std::memory_order_release,
                                                 std::memory_order_relaxed))
        return false;
    block_ = block;
    written_ = written;
    window_ = window;
    queue_->core().wake_takers();
    return true;
}

void ShownBlock::write(std::span<const std::byte> rest, const Deadline& deadline) noexcept {
    const Deadline head_start{cut_through_sizes.head_start};
    while (window_ != 0 && !head_start.passed() && !word().has_reader()) std::this_thread::yield();
    while (!rest.empty()) {
        if (may_stream()) {
            taken_ = stream(rest, deadline);
            return;
        }
        const auto piece = rest.first(std::min(cut_through_sizes.piece, rest.size()));
        std::memcpy(message_of(block_) + written_, piece.data(), piece.size());
        advance(written_ + piece.size());
        rest = rest.subspan(piece.size());
    }
}

void ShownBlock::advance(std::size_t written) noexcept {
    written_ = written;
    front_of(block_).written.store(written, std::memory_order_release);
    queue_->core().wake_takers();
}

bool ShownBlock::may_stream() const noexcept {
    return window_ != 0 && written_ <= cut_through_sizes.latest && word().has_reader();
}

// The rest, through the window where there is room. False: it is in its own places, all of it.
bool ShownBlock::stream(std::span<const std::byte> rest, const Deadline& deadline) noexcept {
    BlockFront& front = front_of(block_);
    front.window_begin.store(written_, std::memory_order_relaxed);  // before the first `streamed`
    std::byte* const own = message_of(block_) + written_;
    std::byte* const window = message_of(block_) + window_;
    std::byte* const in_window = window + cut_through_sizes.window_bytes();
    std::size_t through = 0;
    std::size_t stuck = kNowhere;
    const auto for_each_piece = [rest](auto&& visit) {
        for (std::size_t at = 0, index = 0; at != rest.size(); ++index) {
            const auto piece = rest.subspan(at, std::min(cut_through_sizes.piece, rest.size() - at));
            visit(index, at, piece);
            at += piece.size();
        }
    };
    for_each_piece([&](std::size_t index, std::size_t at, std::span<const std::byte> piece) {
        // Where the reader was waited for in vain it is not waited for again, until it goes on.
        const auto patience = read_ == stuck ? std::chrono::nanoseconds::zero() : cut_through_sizes.for_room;
        const bool room = through < cut_through_sizes.window ||
                          wait_for_reader(through + 1 - cut_through_sizes.window, patience, deadline);
        stuck = room ? kNowhere : read_;
        in_window[index] = std::byte{room};
        std::memcpy(room ? window + place_in_window(through) : own + at, piece.data(), piece.size());
        through += room ? 1 : 0;
        front.streamed.store(written_ + at + piece.size(), std::memory_order_release);
        queue_->core().wake_takers();
    });
    // To give up costs as much as what is to be written again: to wait as long makes it no worse than twice that.
    wait_for_reader(through + 1, cut_through_sizes.patience + through * cut_through_sizes.redo, deadline);
    if (leave()) return true;
    for_each_piece([&](std::size_t index, std::size_t at, std::span<const std::byte> piece) {
        if (in_window[index] != std::byte{0}) std::memcpy(own + at, piece.data(), piece.size());
    });
    advance(written_ + rest.size());
    return false;
}

// Until it has read so many pieces of the window, or taken the message. False: it has left, or makes no progress.
bool ShownBlock::wait_for_reader(std::size_t pieces, std::chrono::nanoseconds patience,
                                 const Deadline& deadline) noexcept {
    BriefWait wait(patience);
    for (bool last = false;; last = !wait.goes_on() || deadline.passed()) {
        const ShownWord seen = word();  // acquire: it has read them before they are written again
        if (!seen.has_reader()) return seen.is_taken();
        if (const std::size_t more = seen.pieces_beyond(read_); more != 0) {
            read_ += more;
            wait = BriefWait(patience);
            last = false;
        }
        if (read_ >= pieces) return true;
        if (last) return false;
    }
}

// Returns whether the reader has taken the message. If not, it will not.
bool ShownBlock::leave() noexcept {
    for (;;) {
        const ShownWord seen = word();
        if (!seen.has_reader()) return seen.is_taken();
        exchange(seen, seen.left().raw());
    }
}

void ShownBlock::withdraw() noexcept {
    if (!block_) return;
    for (ShownWord seen = word(); seen.block() == block_; seen = word()) exchange(seen, 0);
    block_ = {};
}

void ShownBlock::exchange(ShownWord from, std::uint64_t to) noexcept {
    std::uint64_t raw = from.raw();
    queue_->shown().compare_exchange_strong(raw, to, std::memory_order_relaxed);
}

bool CutThroughReader::ready() const noexcept {
    switch (state_) {
        case State::looking:
            return word().is_open();
        case State::seen:
            return true;
        case State::reading:
            return is_shown() && !next().bytes.empty();
        case State::over:
            break;
    }
    return false;
}

bool CutThroughReader::work(shm::RingStatus seen) noexcept {
    switch (state_) {
        case State::looking:
            look();
            break;
        case State::seen:
            attach(seen);
            break;
        case State::reading:
            return read_on();
        case State::over:
            break;
    }
    return false;
}

void CutThroughReader::look() noexcept {
    const ShownWord seen = word();
    if (!seen.is_open()) return;
    block_ = seen.block();
    state_ = shm::tree_arena().exists(block_) ? State::seen : State::over;
}

// The block was seen, then the queue: if that was empty, everything that was put before was taken before, and this
// message may be put and taken at once, whatever is put now. If it was not, an item comes first.
void CutThroughReader::attach(shm::RingStatus seen) noexcept {
    if (seen != shm::RingStatus::empty) {
        state_ = State::over;
        return;
    }
    state_ = State::looking;
    if (!exchange(ShownWord(block_), ShownWord(block_).with_reader(0))) return;
    state_ = State::reading;
    if (!begin()) leave();
}

bool CutThroughReader::begin() noexcept {
    const shm::Arena& arena = shm::tree_arena();
    const std::size_t room = arena.capacity(block_) - sizeof(BlockFront);
    const BlockFront& front = front_of(block_);
    size_ = front.size.load(std::memory_order_relaxed);
    window_ = front.window.load(std::memory_order_relaxed);
    // These are the front's if the block still is.
    if (!arena.exists(block_) || size_ > room || window_ > room ||
        (window_ != 0 && cut_through_sizes.bytes_behind(size_) > room - window_))
        return false;
    serial::Source message({message_of(block_), size_}, serial::Trust::channel);
    try {
        message_->begin(message);
    } catch (...) {
        message_->clear();  // whoever takes the message gets the error
        return false;
    }
    read_ = size_ - message.left();
    return true;
}

// The block may be gone by now, and used for something else: then what is read is forgotten, as it is never taken.
bool CutThroughReader::read_on() noexcept {
    while (!passed()) {
        const Part part = wait_for_next();
        if (part.bytes.empty()) return false;
        message_->append(part.bytes);
        read_ += part.bytes.size();
        if (part.from == From::place) return false;
        if (read_ == size_) return take();
        if (part.from == From::stream) continue;
        // It was read. Where the producer has left, that is of no use, and does nothing.
        exchange(reading(), ShownWord(block_).with_reader(pieces_ + 1));
        ++pieces_;
    }
    return false;
}

bool CutThroughReader::passed() const noexcept {
    return until_ && std::chrono::steady_clock::now() >= *until_;
}

CutThroughReader::Part CutThroughReader::next() const noexcept {
    const BlockFront& front = front_of(block_);
    const std::size_t written = std::min<std::size_t>(front.written.load(std::memory_order_acquire), size_);
    if (written > read_) return {{message_of(block_) + read_, std::min(written - read_, kReadAtOnce)}, From::place};
    const std::size_t streamed = std::min<std::size_t>(front.streamed.load(std::memory_order_acquire), size_);
    const std::size_t begin = front.window_begin.load(std::memory_order_relaxed);
    if (window_ == 0 || streamed <= read_ || begin > read_) return {};
    const std::size_t size = std::min(cut_through_sizes.piece, streamed - read_);
    const std::byte* const window = message_of(block_) + window_;
    const std::size_t index = (read_ - begin) / cut_through_sizes.piece;
    if (window[cut_through_sizes.window_bytes() + index] == std::byte{0})
        return {{message_of(block_) + read_, size}, From::stream};
    return {{window + place_in_window(pieces_), size}, From::window};
}

// In the window the producer is right ahead of us, or waits for us.
CutThroughReader::Part CutThroughReader::wait_for_next() const noexcept {
    BriefWait wait(cut_through_sizes.patience);
    for (bool last = false;; last = !wait.goes_on() || passed()) {
        const Part part = next();
        if (!part.bytes.empty() || last || word() != reading() ||
            front_of(block_).streamed.load(std::memory_order_relaxed) == 0)
            return part;
    }
}

bool CutThroughReader::take() noexcept {
    // Before the look at the block: if it is there still, it was there while its bytes were read.
    shm::full_fence();
    return shm::tree_arena().exists(block_) && exchange(reading(), ShownWord(block_).taken());
}

void CutThroughReader::leave() noexcept {
    if (state_ == State::reading) exchange(reading(), ShownWord(block_).left());
    state_ = State::over;
}

bool CutThroughReader::exchange(ShownWord from, ShownWord to) noexcept {
    std::uint64_t raw = from.raw();
    return queue_->shown().compare_exchange_strong(raw, to.raw(), std::memory_order_release, std::memory_order_relaxed);
}

std::size_t CutThroughReader::read_of(shm::BlockName block) noexcept {
    if (state_ == State::reading && block_ == block) return read_;
    leave();
    message_->clear();
    return 0;
}

}  // namespace cohort::channel
