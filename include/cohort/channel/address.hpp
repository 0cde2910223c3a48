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

/// Where a Listener waits for connections and a Client finds it.
///
/// Thread safety: a value.
class COHORT_API Address {
public:
    /// None: a Listener chooses one.
    Address() noexcept = default;

    /// A host, by name or number (127.0.0.1, ::1), and a port.
    /// @param host  empty for a Listener: all addresses of this machine. Python's peers know IPv4 only
    /// @param port  0 for a Listener: a free one, which address() tells
    /// @throws ValueError  the port is not in 0..65535, or there is a zero byte in the host
    static Address tcp(std::string host, int port);
    /// A path in the file system, for processes of one machine.
    /// @param path  1 to 107 bytes. With a zero byte in front it is a name in the abstract namespace, as in Python
    /// @throws ValueError  an empty path, one with a zero byte elsewhere, or the name of a pipe of Windows
    static Address unix(std::string path);
    /// A name that is no file, and is gone with its Listener. Any user of the machine can connect to it.
    static Address abstract_unix(std::string_view name);
    /// The address that to_string() wrote: `host:port`, `[::1]:port`, a path with a slash, `@name`.
    /// @throws ValueError  the text is none of them
    static Address parse(std::string_view text);

    bool is_tcp() const noexcept { return family_ == Family::tcp; }
    bool is_unix() const noexcept { return family_ == Family::local; }
    /// Whether there is one.
    explicit operator bool() const noexcept { return family_ != Family::unset; }

    /// Empty for a unix address.
    std::string host() const { return is_tcp() ? name_ : std::string(); }
    /// 0 for a unix address.
    std::uint16_t port() const noexcept { return port_; }
    /// Empty for a TCP address, and for a client's socket, which has none.
    std::string path() const { return is_unix() ? name_ : std::string(); }

    /// `127.0.0.1:5000`, `[::1]:5000`, `/tmp/socket`, `@name` in the abstract namespace; empty without an address.
    std::string to_string() const;
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Address& address);
    friend bool operator==(const Address&, const Address&) noexcept = default;

private:
    friend serial::Codec<Address>;
    enum class Family : std::uint8_t { unset, tcp, local };

    Address(Family family, std::string name, std::uint16_t port) noexcept
        : family_(family), port_(port), name_(std::move(name)) {}

    Family family_ = Family::unset;
    std::uint16_t port_ = 0;
    std::string name_;
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
