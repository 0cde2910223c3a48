// SPDX-License-Identifier: MIT
#include <cohort/channel/address.hpp>

#include <cohort/base/errors.hpp>

#include <charconv>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>

namespace cohort {

namespace {

constexpr int kLastPort = 65535;
constexpr std::string_view kTls = "tls://";

std::optional<int> port_of(std::string_view text) {
    int port = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return port;
}

std::string_view without_brackets(std::string_view host) {
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

Address Address::tcp(std::string host, int port) {
    if (port < 0 || port > kLastPort) throw ValueError("a port is 0 to 65535, not " + std::to_string(port));
    if (host.find('\0') != std::string::npos) throw ValueError("a host's name has no zero byte");
    if (host.find('/') != std::string::npos || host.starts_with('@') || host.starts_with('\\'))
        throw ValueError("'" + host + "' is no host's name");
    return {Family::tcp, std::move(host), static_cast<std::uint16_t>(port)};
}

Address Address::tls(std::string host, int port, TlsOptions options) {
    Address address = tcp(std::move(host), port);
    address.family_ = Family::tls;
    address.tls_ = std::move(options);
    return address;
}

Address Address::unix(std::string path) {
    if (path.empty()) throw ValueError("the path of a socket is not empty");
    if (path.find('\0', 1) != std::string::npos)
        throw ValueError("the path of a socket has no zero byte behind the first");
    if (path.starts_with("\\\\"))
        throw ValueError("Family AF_PIPE is not recognized: '" + path + "' is a pipe of Windows");
    return {Family::local, std::move(path), 0};
}

Address Address::abstract_unix(std::string_view name) {
    return unix(std::string(1, '\0').append(name));
}

Address Address::checked(Family family, std::string name, std::uint16_t port) {
    switch (family) {
        case Family::tcp:
            return tcp(std::move(name), port);
        case Family::local:
            if (port == 0) return unix(std::move(name));
            break;
        case Family::tls:
            return tls(std::move(name), port);
        case Family::unset:
            if (name.empty() && port == 0) return {};
    }
    throw ValueError("an address of no known family");
}

Address Address::parse(std::string_view text) {
    if (text.starts_with(kTls)) {
        const Address address = parse(text.substr(kTls.size()));
        if (address.family_ == Family::tcp) return tls(address.name_, address.port_);
        throw ValueError("'" + std::string(text) + "' names no host and port");
    }
    if (text.starts_with('@')) return abstract_unix(text.substr(1));
    if (text.find('/') != std::string_view::npos || text.starts_with('\\')) return unix(std::string(text));
    const auto colon = text.rfind(':');
    const auto port = colon == std::string_view::npos ? std::nullopt : port_of(text.substr(colon + 1));
    if (!port)
        throw ValueError("address type of '" + std::string(text) +
                         "' unrecognized: it is host:port, a path with a slash, or @name");
    return tcp(std::string(without_brackets(text.substr(0, colon))), *port);
}

// What would be read back as something else is written as a path of the current folder.
std::string Address::path_text() const {
    if (name_.starts_with('\0')) return "@" + name_.substr(1);
    const bool is_plain = name_.find('/') != std::string::npos && !name_.starts_with('@') && !name_.starts_with(kTls);
    return is_plain || name_.starts_with('\\') ? name_ : "./" + name_;
}

std::string Address::to_string() const {
    if (is_unix()) return path_text();
    if (!is_tcp()) return {};
    const bool is_number_of_ipv6 = name_.find(':') != std::string::npos;
    const std::string host = is_number_of_ipv6 ? "[" + name_ + "]" : name_;
    return std::string(is_tls() ? kTls : "").append(host).append(":").append(std::to_string(port_));
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
    return out << address.to_string();
}

namespace serial {

void Codec<Address>::write(Sink& sink, const Address& address) {
    serial::write(sink, static_cast<std::uint8_t>(address.family_));
    serial::write(sink, address.port_);
    serial::write(sink, address.name_);
    if (!address.is_tls()) return;
    for (const std::string* file : {&address.tls_.cert, &address.tls_.key, &address.tls_.ca})
        serial::write(sink, *file);
}

Address Codec<Address>::read(Source& source) {
    const auto family = serial::read<std::uint8_t>(source);
    const auto port = serial::read<std::uint16_t>(source);
    auto name = serial::read<std::string>(source);
    try {
        Address address = Address::checked(static_cast<Address::Family>(family), std::move(name), port);
        if (!address.is_tls()) return address;
        for (std::string* file : {&address.tls_.cert, &address.tls_.key, &address.tls_.ca})
            *file = serial::read<std::string>(source);
        return address;
    } catch (const ValueError& error) {
        throw SerializationError("cohort::Address", error.what());
    }
}

}  // namespace serial
}  // namespace cohort
