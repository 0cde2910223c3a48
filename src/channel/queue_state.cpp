// SPDX-License-Identifier: MIT
#include <cohort/channel/detail/queue_state.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/source.hpp>

#include "channel/cut_through.hpp"
#include "channel/item_sink.hpp"
#include "channel/queue_end.hpp"
#include "channel/thread_spare.hpp"
#include "serial/carried_descriptors.hpp"
#include "shm/descriptor_depot.hpp"
#include "shm/parcel.hpp"
#include "shm/tree.hpp"
#include "shm/until.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace cohort::channel::detail {

using shm::RingStatus;

namespace {

constexpr std::uint32_t kMostAtOnce = 32;

std::uint64_t bound(std::ptrdiff_t maxsize) {
    return maxsize > 0 ? std::min(static_cast<std::uint64_t>(maxsize), shm::QueueCore::kMostItems) : 0;
}

[[noreturn]] void throw_closed() {
    throw ValueError("the queue is closed");
}

// False: the time is up.
bool check_claim(RingStatus status) {
    if (status == RingStatus::ended) throw_closed();
    return status == RingStatus::done;
}

bool check_take(RingStatus status) {
    if (status == RingStatus::ended) throw EofError("the queue is closed, and nothing is left in it");
    return status == RingStatus::done;
}

// Gives back the cells whose items nobody got, from one on: they are gone, and nobody will say that they are done.
void drop(shm::QueueCore& core, const shm::QueueCore::Stretch& taken, std::uint32_t from) {
    for (std::uint32_t i = from; i != taken.count; ++i) {
        core.release(taken, i);
        if (core.joinable()) core.task_done(shm::this_process());
    }
}

std::uint32_t at_once(std::size_t most) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(most, kMostAtOnce));
}

std::size_t read_plain(shm::QueueCore& core, const shm::QueueCore::Stretch& taken, QueueState::ReadPlain read) {
    for (std::uint32_t i = 0; i != taken.count; ++i) {
        try {
            read(core.data(taken, i));
        } catch (...) {
            drop(core, taken, i);
            throw;
        }
        core.release(taken, i);
    }
    return taken.count;
}

/// A message on its way: its bytes, where they are longer than a cell a block with them, and the parcel of its objects.
/// All is this process's until it is handed over.
class ItemToPut {
public:
    ItemToPut(QueueEnd& queue, const Deadline& deadline)
        : memory_(ThreadSpare<ItemSink::Memory>::take()), sink_(*memory_, queue, deadline) {}
    ~ItemToPut() {
        memory_->handles.clear();
        ThreadSpare<ItemSink::Memory>::give_back(memory_, true);
    }
    ItemToPut(const ItemToPut&) = delete;
    ItemToPut& operator=(const ItemToPut&) = delete;

    void write(QueueState::WriteMessage write, std::size_t room) {
        write(sink_);
        if (sink_.taken()) return;
        if (!memory_->handles.list().empty()) leave_descriptors();
        sink_.settle(room);
        if (!memory_->handles.objects().empty()) parcel_ = shm::Parcel(memory_->handles.objects());
    }

    /// Whether a consumer has got it already.
    bool taken() const noexcept { return sink_.taken(); }

    // Into a claimed cell: from now on it is the queue's.
    void hand_over(std::byte* cell, std::uint32_t queue, std::uint64_t ticket) {
        const auto bytes = sink_.bytes();
        const MessageHead head{bytes.size() | flags_, sink_.block(), parcel_.name()};
        std::memcpy(cell, &head, sizeof head);
        if (!head.block) std::memcpy(cell + sizeof head, bytes.data(), bytes.size());
        const std::uint64_t tag = shm::BlockTag::queued_in(queue, ticket).raw();
        for (const shm::BlockName block : {head.block, head.parcel})
            if (block) shm::tree_arena().tag(block).store(tag, std::memory_order_release);
        sink_.forget_block();
        parcel_.forget();
    }

private:
    // The message holds the object: when that is gone, the depot closes what it keeps for it.
    void leave_descriptors() {
        auto object = shm::create_object(1);
        const shm::BlockName name = object->name();
        shm::descriptor_depot().leave(name, memory_->handles.list());
        memory_->handles.add_object(std::move(object));
        sink_.write(&name, sizeof name);
        flags_ = MessageHead::kBringsDescriptors;
    }

    ItemSink::Memory* const memory_;
    ItemSink sink_;
    shm::Parcel parcel_;
    std::uint64_t flags_ = 0;
};

/// A message that was taken, in its cell. What it has in blocks is this process's until its end.
class TakenItem {
public:
    explicit TakenItem(const std::byte* cell) : short_message_(cell + sizeof head_) {
        std::memcpy(&head_, cell, sizeof head_);
        brings_descriptors_ = (head_.size & MessageHead::kBringsDescriptors) != 0;
        head_.size &= ~MessageHead::kBringsDescriptors;
        const std::uint64_t mine = shm::BlockTag::owned_by(shm::this_process()).raw();
        for (const shm::BlockName block : {head_.block, head_.parcel})
            if (block) shm::tree_arena().tag(block).store(mine, std::memory_order_release);
    }
    TakenItem(const TakenItem&) = delete;
    TakenItem& operator=(const TakenItem&) = delete;
    ~TakenItem() {
        if (head_.block) shm::tree_arena().free(head_.block);
        if (head_.parcel) shm::tree_arena().free(head_.parcel);
    }

    /// Where it was, if it was long.
    shm::BlockName block() const noexcept { return head_.block; }

    /// Calls `read` with the message from this byte on. REQUIRES: the cell is still held.
    void read(QueueState::ReadMessage read, std::size_t from) const {
        std::span<const std::byte> message{
            head_.block ? shm::tree_arena().data(head_.block) + sizeof(BlockFront) : short_message_,
            static_cast<std::size_t>(head_.size)};
        serial::IncomingDescriptors handles;
        if (brings_descriptors_) {
            shm::BlockName object;
            std::memcpy(&object, message.last(sizeof object).data(), sizeof object);
            message = message.first(message.size() - sizeof object);
            handles = serial::IncomingDescriptors(shm::descriptor_depot().collect(object));
        }
        serial::Source source(message.subspan(from), serial::Trust::channel);
        source.set_carrier(&handles);
        read(source);
    }

private:
    MessageHead head_{};
    bool brings_descriptors_;
    const std::byte* short_message_;
};

void read_taken(shm::QueueCore& core, const shm::QueueCore::Stretch& taken, QueueState::ReadMessage read,
                CutThroughReader* early = nullptr) {
    const shm::Owner me = shm::this_process();
    const TakenItem item(core.data(taken));
    const std::size_t from = early ? early->read_of(item.block()) : 0;
    // The user's code reads, and may throw, die or take its time: nobody waits for it. The cell is held meanwhile, so
    // that the item counts as lost if this process dies; a put that comes to it goes on in another ring.
    core.tell_room(taken);
    const auto free_cell = [&] {
        if (shm::this_process() == me) core.free_cell(taken);  // not by a child that was forked in between
    };
    try {
        item.read(read, from);
    } catch (...) {
        free_cell();
        if (core.joinable()) core.task_done(shm::this_process());
        throw;
    }
    free_cell();
}

}  // namespace

QueueState::QueueState(std::ptrdiff_t maxsize, std::size_t plain_size, bool joinable)
    : QueueState(QueueEnd::create(bound(maxsize), plain_size, joinable)) {}

QueueState::QueueState(std::shared_ptr<shm::Object> object)
    : SharedHandle(std::move(object)), end_(std::make_shared<QueueEnd>(this->object())) {}

QueueEnd& QueueState::end() const {
    memory();  // checks the handle
    return *end_;
}

bool QueueState::put_plain(const void* item, Timeout timeout) const {
    QueueEnd& queue = end();
    return queue.core().put_at_once(shm::this_process(), item, queue.plain_size()) ||
           put_plain_many(item, 1, timeout) == 1;
}

bool QueueState::take_plain(void* item, Timeout timeout) const {
    QueueEnd& queue = end();
    const std::size_t size = queue.plain_size();
    return queue.core().take_at_once(shm::this_process(), item, size) ||
           get_plain([&](const std::byte* bytes) { std::memcpy(item, bytes, size); }, 1, timeout) == 1;
}

std::size_t QueueState::put_plain_many(const void* items, std::size_t count, Timeout timeout) const {
    QueueEnd& queue = end();
    shm::QueueCore& core = queue.core();
    const shm::Owner me = shm::this_process();
    const auto end = shm::until(timeout);
    const std::size_t size = queue.plain_size();
    const auto* from = static_cast<const std::byte*>(items);
    std::size_t put = 0;
    while (put != count) {
        const auto claimed = core.claim(me, end, at_once(count - put));
        // Closed meanwhile: those that are in are told; the next call throws.
        if (claimed.status == RingStatus::ended && put != 0) break;
        if (!check_claim(claimed.status)) break;
        for (std::uint32_t i = 0; i != claimed.count; ++i, from += size) {
            std::memcpy(core.data(claimed, i), from, size);
            core.publish(claimed, i);
        }
        core.finish(claimed, claimed.count);
        put += claimed.count;
    }
    return put;
}

bool QueueState::put_message(WriteMessage write, Timeout timeout) const {
    QueueEnd& queue = end();
    const Deadline deadline(timeout);  // of all that follows: memory, a reader on the way, a cell
    ItemToPut item(queue, deadline);
    item.write(write, queue.message_room());
    if (item.taken()) return true;
    const auto claimed = queue.core().claim(shm::this_process(), shm::until(deadline.timeout()));
    if (!check_claim(claimed.status)) return false;
    item.hand_over(queue.core().data(claimed), queue.place(), claimed.ticket);
    queue.core().commit(claimed);
    return true;
}

std::size_t QueueState::get_plain(ReadPlain read, std::size_t most, Timeout timeout) const {
    shm::QueueCore& core = end().core();
    const auto taken = core.take(shm::this_process(), shm::until(timeout), at_once(most));
    return check_take(taken.status) ? read_plain(core, taken, read) : 0;
}

std::size_t QueueState::get_more_plain(ReadPlain read, std::size_t most) const {
    shm::QueueCore& core = end().core();
    const auto taken = core.take(shm::this_process(), shm::until(std::chrono::seconds(0)), at_once(most));
    return taken ? read_plain(core, taken, read) : 0;
}

bool QueueState::get_message(ReadMessage read, Timeout timeout, serial::GrowingMessage* growing) const {
    QueueEnd& queue = end();
    shm::QueueCore& core = queue.core();
    const auto end = shm::until(timeout);
    std::optional<CutThroughReader> early;
    if (growing) early.emplace(queue, *growing, end);
    const auto cells = core.take(shm::this_process(), end, 1, early ? &*early : nullptr);
    if (!check_take(cells.status)) return false;
    if (cells.count != 0) {
        read_taken(core, cells, read, early ? &*early : nullptr);
    } else {
        serial::Source nothing_left({}, serial::Trust::channel);
        read(nothing_left);
    }
    return true;
}

bool QueueState::get_another_message(ReadMessage read) const {
    shm::QueueCore& core = end().core();
    const auto cells = core.take(shm::this_process(), shm::until(std::chrono::seconds(0)));
    if (cells) read_taken(core, cells, read);
    return cells.status == RingStatus::done;
}

std::size_t QueueState::qsize() const {
    return end().core().size();
}

bool QueueState::readable() const {
    return end().core().may_have_item();
}

bool QueueState::full() const {
    const std::size_t most = maxsize();
    return most != 0 && qsize() >= most;
}

std::size_t QueueState::maxsize() const {
    return end().core().maxsize();
}

bool QueueState::closed() const {
    return end().core().closed();
}

void QueueState::check_open() const {
    if (closed()) throw_closed();
}

void QueueState::close(bool immediate) const {
    QueueEnd& queue = end();
    if (!immediate) return queue.core().close(shm::this_process());
    const bool plain = queue.plain_size() != 0;
    queue.core().close_and_discard(shm::this_process(), plain ? nullptr : &QueueEnd::free_item, &queue, {});
}

std::size_t QueueState::lost() const {
    return end().core().lost();
}

void QueueState::task_done() const {
    if (!end().core().task_done(shm::this_process()))
        throw ValueError("task_done() called too many times: no item that was taken from the queue is open");
}

bool QueueState::join(Timeout timeout) const {
    return end().core().join(shm::until(timeout));
}

std::shared_ptr<MemoryEvent> QueueState::event() const {
    end();  // checks the handle
    return end_;
}

void QueueState::throw_full() {
    throw Full();
}

void QueueState::throw_empty() {
    throw Empty();
}

}  // namespace cohort::channel::detail
