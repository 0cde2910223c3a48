// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace cohort::test {

/// Authorities, and certificates that they issue, for tests of TLS. The files are removed with this object.
class Certificates {
public:
    Certificates();
    ~Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    struct Request {
        std::string names = "DNS:localhost,IP:127.0.0.1";  ///< what it is for
        long valid_until = 3600;                           ///< seconds from now; negative: expired
        bool by_another = false;                           ///< issued by an authority that nobody trusts
    };
    /// A certificate with its key; `.ca` is the authority that is trusted.
    TlsOptions issue(const Request& request) const;
    TlsOptions issue() const { return issue(Request{}); }
    /// What a client has that needs no certificate.
    TlsOptions trusting() const;

private:
    struct Authority;

    const std::filesystem::path folder_;
    std::unique_ptr<Authority> trusted_;
    std::unique_ptr<Authority> other_;
    mutable int issued_ = 0;
};

}  // namespace cohort::test
