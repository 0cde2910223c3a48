// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/channel/connection.hpp>

#include <string_view>

namespace cohort {

/// Has the other side of a connection prove that it has the key (multiprocessing.connection.deliver_challenge): it runs
/// answer_challenge() at the same time. A Listener with a key does both, and a Client the other way round: for
/// connections of another origin. Waits without a limit, as all calls of a Connection.
/// @param authkey      any bytes; an empty key is a key
/// @param digest_name  which digest the challenge asks for: md5, sha256, sha384, sha3_256 or sha3_384. A peer may
/// choose
///                     another one
/// @throws AuthenticationError  the other side has another key; it was told so
/// @throws ValueError           there is no such digest; what came is longer than 256 bytes
/// @throws EofError             the other side has closed
/// Thread safety: safe; nobody else may use the connection meanwhile.
COHORT_API void deliver_challenge(const Connection& connection, std::string_view authkey,
                                  std::string_view digest_name = "sha256");

/// Proves to the other side of a connection that this one has the key, with the digest that it asks for
/// (multiprocessing.connection.answer_challenge).
/// @throws AuthenticationError  the other side has another key, or asks for no digest that is known
/// @throws ValueError           what came is longer than 256 bytes
/// @throws EofError             the other side has closed
COHORT_API void answer_challenge(const Connection& connection, std::string_view authkey);

}  // namespace cohort
