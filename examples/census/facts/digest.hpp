// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

struct evp_md_st;
struct evp_md_ctx_st;

namespace census {

using Sha256 = std::array<std::uint8_t, 32>;

/// Computes the SHA-256 of one file after the other. Creating one is dear, restarting it is not.
class Digest {
public:
    /// Throws std::runtime_error when OpenSSL has no SHA-256 to give.
    Digest();

    void start();
    void update(std::string_view bytes);
    Sha256 finish();

private:
    struct Free {
        void operator()(evp_md_st* algorithm) const noexcept;
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    std::unique_ptr<evp_md_st, Free> algorithm_;
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace census
