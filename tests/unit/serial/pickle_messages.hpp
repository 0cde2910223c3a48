// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/pickle.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cohort_test {

using cohort::Object;

inline std::vector<std::byte> from_hex(std::string_view hex) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    return bytes;
}

inline Object loads_text(std::string_view bytes, const cohort::pickle::Limits& limits = {}) {
    return cohort::pickle::loads(std::as_bytes(std::span(bytes.data(), bytes.size())), limits);
}

struct Golden {
    std::string hex;
    Object value;
};

/// Messages of Python's managers and what they mean.
inline std::vector<Golden> golden_messages() {
    const Object none, empty = Object::tuple(), no_kwds = Object::dict();
    auto tuple = [](auto... parts) { return Object::tuple({Object(parts)...}); };
    Object token = Object::token("Iterator", tuple("127.0.0.1", 5000), "7f02");
    return {
        {"8004284e8c0564756d6d79297d2875742e", tuple(none, "dummy", empty, no_kwds)},
        {"8004284e8c066372656174658c0464696374857d2875742e", tuple(none, "create", tuple("dict"), no_kwds)},
        {"8004284e8c116163636570745f636f6e6e656374696f6e8c0b4d61696e50726f63657373857d2875742e",
         tuple(none, "accept_connection", tuple("MainProcess"), no_kwds)},
        {"8004284e8c06696e637265668c0437663031857d2875742e", tuple(none, "incref", tuple("7f01"), no_kwds)},
        {"8004288c04376630318c0b5f5f6765746974656d5f5f8c016b857d2875742e",
         tuple("7f01", "__getitem__", tuple("k"), no_kwds)},
        {"80048c072352455455524e4e862e", tuple("#RETURN", none)},
        {"80048c072352455455524e8c04376630318c036765748c037075748686862e",
         tuple("#RETURN", tuple("7f01", tuple("get", "put")))},
        {"80048c06234552524f528c0571756575658c05456d707479932952862e",
         tuple("#ERROR", Object::exception("queue", "Empty", {}))},
        {"80048c06234552524f528c086275696c74696e738c084b65794572726f72938c016b8552862e",
         tuple("#ERROR", Object::exception("KeyError", {"k"}))},
        {"80048c062350524f58598c085f5f6e6578745f5f858c186d756c746970726f63657373696e672e6d616e61676572738c05546f6b656e"
         "9329818c084974657261746f728c093132372e302e302e314d8813868c0437663032876286862e",
         tuple("#PROXY", tuple(tuple("__next__"), token))},
    };
}

}  // namespace cohort_test
