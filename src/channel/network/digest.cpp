// SPDX-License-Identifier: MIT
#include "channel/network/digest.hpp"

#include <cohort/base/errors.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>

namespace cohort::channel {

namespace {

struct Known {
    std::string_view name;
    const EVP_MD* (*algorithm)();
};

// In the order of Digest.
constexpr std::array<Known, 5> kKnown{{{"md5", EVP_md5},
                                       {"sha256", EVP_sha256},
                                       {"sha384", EVP_sha384},
                                       {"sha3_256", EVP_sha3_256},
                                       {"sha3_384", EVP_sha3_384}}};

const Known& known(Digest digest) noexcept {
    return kKnown[static_cast<std::size_t>(digest)];
}

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<Digest> digest_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i != kKnown.size(); ++i)
        if (kKnown[i].name == name) return static_cast<Digest>(i);
    return {};
}

std::string_view name_of(Digest digest) noexcept {
    return known(digest).name;
}

std::string keyed_digest(Digest digest, std::string_view key, std::string_view message) {
    if (key.empty()) key = "";  // not null, which means the key of the call before
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    if (!::HMAC(known(digest).algorithm(), key.data(), static_cast<int>(key.size()), bytes_of(message), message.size(),
                code.data(), &size))
        throw AuthenticationError("HMAC-" + std::string(name_of(digest)) + " is not available on this machine");
    return {reinterpret_cast<const char*>(code.data()), size};
}

bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept {
    return one.size() == other.size() && ::CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace cohort::channel
