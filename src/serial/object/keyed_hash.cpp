// SPDX-License-Identifier: MIT
#include "serial/object/keyed_hash.hpp"

#include "os/random.hpp"

#include <bit>
#include <cstring>
#include <string>

namespace cohort::serial::detail {

namespace {

struct Key {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

const Key& process_key() {
    static const Key key = [] {
        const std::string random = os::random_bytes(sizeof(Key));
        Key drawn;
        std::memcpy(&drawn, random.data(), sizeof drawn);
        return drawn;
    }();
    return key;
}

class SipState {
public:
    explicit SipState(const Key& key) noexcept
        : a_(key.first ^ 0x736f6d6570736575),
          b_(key.second ^ 0x646f72616e646f6d),
          c_(key.first ^ 0x6c7967656e657261),
          d_(key.second ^ 0x7465646279746573) {}

    void add(std::uint64_t word) noexcept {
        d_ ^= word;
        round();
        a_ ^= word;
    }
    std::size_t finish() noexcept {
        c_ ^= 0xff;
        round();
        round();
        round();
        return a_ ^ b_ ^ c_ ^ d_;
    }

private:
    void round() noexcept {
        a_ += b_;
        b_ = std::rotl(b_, 13) ^ a_;
        a_ = std::rotl(a_, 32);
        c_ += d_;
        d_ = std::rotl(d_, 16) ^ c_;
        a_ += d_;
        d_ = std::rotl(d_, 21) ^ a_;
        c_ += b_;
        b_ = std::rotl(b_, 17) ^ c_;
        c_ = std::rotl(c_, 32);
    }

    std::uint64_t a_, b_, c_, d_;
};

}  // namespace

std::size_t keyed_hash(std::span<const std::byte> bytes) noexcept {
    SipState state(process_key());
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        state.add(word);
    }
    std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
    for (std::size_t i = 0; i < left; ++i) last |= std::to_integer<std::uint64_t>(at[i]) << (8 * i);
    state.add(last);
    return state.finish();
}

std::size_t keyed_hash(std::int64_t value) noexcept {
    SipState state(process_key());
    state.add(static_cast<std::uint64_t>(value));
    return state.finish();
}

}  // namespace cohort::serial::detail
