// SPDX-License-Identifier: MIT
#pragma once

#include "pool/memory.hpp"
#include "shm/lending_arena.hpp"

#include <cohort/serial/sink.hpp>

#include <cstddef>

namespace cohort::pool {

/// Writes the bytes of a Payload: in place while they are few, then into a block of an arena, straight from the object
/// that is written. A block that was not handed on by finish() is given back.
///
/// Thread safety: one thread at a time.
class PayloadSink : public serial::Sink {
public:
    PayloadSink(const Memory& memory, shm::LendingArena& arena) noexcept : memory_(memory), arena_(arena) {}
    /// For a payload whose place is known from the beginning.
    PayloadSink(const Memory& memory, shm::LendingArena& arena, Payload& payload) noexcept
        : PayloadSink(memory, arena) {
        payload_ = &payload;
        set_window(payload.bytes, 0, Payload::kInline);
    }
    ~PayloadSink() override {
        if (block_) [[unlikely]]
            drop_block();
    }

    /// Completes the payload. The block, if there is one, is the receiver's.
    void finish();
    /// Forgets what was written after the first `size` bytes.
    void rewind(std::size_t size) noexcept;
    /// Writes over what stands at an offset.
    void overwrite(std::size_t offset, const void* data, std::size_t size) noexcept;

protected:
    /// Where the payload lies: asked for when there is a first byte to write, or at the end.
    virtual Payload& place() = 0;
    /// After finish(): what is written next is another payload.
    void begin_next() noexcept {
        payload_ = nullptr;
        set_window(nullptr, 0, 0);
    }

private:
    void grow(std::size_t more) final;
    void move_to_block(std::size_t capacity);
    void drop_block() noexcept;
    std::byte* begin() const noexcept;

    const Memory& memory_;
    shm::LendingArena& arena_;
    Payload* payload_ = nullptr;
    shm::BlockId block_{};
};

}  // namespace cohort::pool
