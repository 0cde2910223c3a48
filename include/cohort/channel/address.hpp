// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/codec.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

// GNU dialects define it, and a name of a function is meant here.
#ifdef unix
#undef unix
#endif

namespace cohort {

/// The keyword arguments of Address::tls(): files in PEM form. Their order is API (designated initializers).
struct TlsOptions {
    std::string cert{};  ///< this side's certificate, and those between it and its authority; a Listener needs one
    std::string key{};   ///< its key, without a password; none: it stands in `.cert`
    std::string ca{};  ///< the authorities whose certificates are trusted. None: a Client trusts those of the machine;
                       ///< a Listener asks its peers for no certificate
    friend bool operator==(const TlsOptions&, const TlsOptions&) noexcept = default;
};

/// Where a Listener waits for connections and a Client finds it.
///
/// Thread safety: a value.
class COHORT_API Address {
public:
    /// None: a Listener chooses one.
    Address() noexcept = default;

    /// A host, by name or number (127.0.0.1, ::1), and a port.
    /// @param host  empty: for a Listener all addresses of this machine, for a Client the machine it runs on. Python's
    /// peers know IPv4 only
    /// @param port  0 for a Listener: a free one, which address() tells
    /// @throws ValueError  the port is not in 0..65535, or the host has a zero byte or a slash in it
    static Address tcp(std::string host, int port);
    /// A host and a port, and TLS 1.3 between programs of cohort (Python's wire has none). The Client looks whether the
    /// Listener's certificate is for `host`, a name or a number; with `.ca` the Listener refuses clients without a
    /// certificate that it trusts, and needs no authkey then.
    /// @param options  files that are read by each process that uses the address: it travels with their names
    /// @throws ValueError  as tcp()
    static Address tls(std::string host, int port, TlsOptions options = {});
    /// A path in the file system, for processes of one machine.
    /// @param path  1 to 107 bytes. With a zero byte in front it is a name in the abstract namespace, as in Python
    /// @throws ValueError  an empty path, one with a zero byte elsewhere, or the name of a pipe of Windows
    static Address unix(std::string path);
    /// A name that is no file, and is gone with its Listener. Any user of the machine can connect to it.
    static Address abstract_unix(std::string_view name);
    /// The address that to_string() wrote: `host:port`, `[::1]:port`, a path with a slash, `@name`; `tls://host:port`,
    /// whose files are not written.
    /// @throws ValueError  the text is none of them
    static Address parse(std::string_view text);

    /// Whether it has a host and a port, with or without TLS.
    bool is_tcp() const noexcept { return family_ == Family::tcp || is_tls(); }
    /// TCP with TLS.
    bool is_tls() const noexcept { return family_ == Family::tls; }
    /// A path, or a name in the abstract namespace.
    bool is_unix() const noexcept { return family_ == Family::local; }
    /// Whether there is one.
    explicit operator bool() const noexcept { return family_ != Family::unset; }

    /// Empty for a unix address.
    std::string host() const { return is_tcp() ? name_ : std::string(); }
    /// 0 for a unix address.
    std::uint16_t port() const noexcept { return port_; }
    /// The files that tls() was given.
    const TlsOptions& tls() const noexcept { return tls_; }
    /// Empty for a TCP address, and for a client's socket, which has none.
    std::string path() const { return is_unix() ? name_ : std::string(); }

    /// `127.0.0.1:5000`, `[::1]:5000`, `tls://host:5000`, `/tmp/socket`, `@name` in the abstract namespace; empty
    /// without an address. A path without a slash has `./` in front.
    std::string to_string() const;
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Address& address);
    friend bool operator==(const Address&, const Address&) noexcept = default;

private:
    friend serial::Codec<Address>;
    enum class Family : std::uint8_t { unset, tcp, local, tls };

    static Address checked(Family family, std::string name, std::uint16_t port);
    std::string path_text() const;

    Address(Family family, std::string name, std::uint16_t port) noexcept
        : family_(family), port_(port), name_(std::move(name)) {}

    Family family_ = Family::unset;
    std::uint16_t port_ = 0;
    std::string name_;
    TlsOptions tls_;
};

namespace serial {

/// An address travels as its text.
template <>
struct COHORT_API Codec<Address> {
    static void write(Sink& sink, const Address& address);
    static Address read(Source& source);
};

}  // namespace serial
}  // namespace cohort
