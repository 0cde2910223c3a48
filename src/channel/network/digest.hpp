// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cohort::channel {

/// The digests that peers may ask for.
enum class Digest { md5, sha256, sha384, sha3_256, sha3_384 };

/// The digest of this name, as CPython writes it.
std::optional<Digest> digest_named(std::string_view name) noexcept;

std::string_view name_of(Digest digest) noexcept;

/// The keyed digest (HMAC) of a message.
/// @throws AuthenticationError  the cryptographic library does not offer the digest (MD5 where FIPS rules)
std::string keyed_digest(Digest digest, std::string_view key, std::string_view message);

/// Whether both are the same, in a time that does not tell where they differ.
bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept;

}  // namespace cohort::channel
