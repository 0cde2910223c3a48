// SPDX-License-Identifier: MIT
#include "facts/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace census {

namespace {

void require(bool success) {
    if (!success) throw std::runtime_error("OpenSSL could not compute a SHA-256");
}

}  // namespace

void Digest::Free::operator()(evp_md_st* algorithm) const noexcept {
    EVP_MD_free(algorithm);
}
void Digest::Free::operator()(evp_md_ctx_st* context) const noexcept {
    EVP_MD_CTX_free(context);
}

// The algorithm is fetched here, since every start would otherwise look for it again, under a lock of OpenSSL's.
Digest::Digest() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    require(algorithm_ && context_);
}

void Digest::start() {
    require(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr));
}

void Digest::update(std::string_view bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Sha256 Digest::finish() {
    Sha256 value{};
    require(EVP_DigestFinal_ex(context_.get(), value.data(), nullptr));
    return value;
}

}  // namespace census
