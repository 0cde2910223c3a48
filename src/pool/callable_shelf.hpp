// SPDX-License-Identifier: MIT
#pragma once

#include "shm/lending_arena.hpp"

#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cohort::pool {

/// Writes a callable as workers read it.
inline void write_callable(serial::Token body, std::span<const std::byte> captures, serial::Sink& sink) {
    serial::write_token(sink, body);
    sink.write(captures.data(), captures.size());
}

/// Whether two callables are the same: what is written of them, which is short.
class CallableKey {
public:
    /// @returns nothing if what is written is long
    static std::optional<CallableKey> of(serial::Token body, std::span<const std::byte> captures) noexcept {
        CallableKey key;
        if (captures.size() > key.captures_.size()) return std::nullopt;
        key.body_ = body;
        key.size_ = captures.size();
        std::copy(captures.begin(), captures.end(), key.captures_.begin());
        return key;
    }
    serial::Token body() const noexcept { return body_; }
    std::span<const std::byte> captures() const noexcept { return {captures_.data(), size_}; }
    friend bool operator==(const CallableKey&, const CallableKey&) = default;

private:
    serial::Token body_{};
    std::size_t size_ = 0;
    std::array<std::byte, 16> captures_{};  // the address of a function
};

/// A callable in the job table that many calls have in common.
struct ShelvedCallable {
    CallableKey key{};
    std::uint32_t line = 0;  ///< in the job table
    shm::BlockId block{};    ///< where it lies for the workers
    std::size_t users = 0;   ///< jobs that need it
    bool is_there = false;
};

/// The callables that single calls have used lately, so that not every message brings its own along.
///
/// Thread safety: none.
class CallableShelf {
public:
    /// Null if it is not there.
    ShelvedCallable* find(const CallableKey& key) noexcept {
        if (last_->is_there && last_->key == key) return last_;
        for (ShelvedCallable& each : places_)
            if (each.is_there && each.key == key) return last_ = &each;
        return nullptr;
    }
    /// A place that nobody needs, an empty one if there is one; null: there is none.
    ShelvedCallable* room() noexcept {
        ShelvedCallable* found = nullptr;
        for (ShelvedCallable& each : places_)
            if (each.users == 0 && (!found || found->is_there)) found = &each;
        return found;
    }

private:
    std::array<ShelvedCallable, 8> places_{};
    ShelvedCallable* last_ = places_.data();
};

}  // namespace cohort::pool
