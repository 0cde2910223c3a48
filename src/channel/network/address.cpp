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
    return {Family::tcp, std::move(host), static_cast<std::uint16_t>(port)};
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

Address Address::parse(std::string_view text) {
    if (text.starts_with('@')) return abstract_unix(text.substr(1));
    if (text.find('/') != std::string_view::npos || text.starts_with('\\')) return unix(std::string(text));
    const auto colon = text.rfind(':');
    const auto port = colon == std::string_view::npos ? std::nullopt : port_of(text.substr(colon + 1));
    if (!port)
        throw ValueError("address type of '" + std::string(text) +
                         "' unrecognized: it is host:port, a path with a slash, or @name");
    return tcp(std::string(without_brackets(text.substr(0, colon))), *port);
}

std::string Address::to_string() const {
    if (is_unix()) return name_.starts_with('\0') ? "@" + name_.substr(1) : name_;
    if (!is_tcp()) return {};
    const bool is_number_of_ipv6 = name_.find(':') != std::string::npos;
    const std::string host = is_number_of_ipv6 ? "[" + name_ + "]" : name_;
    return host + ":" + std::to_string(port_);
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
    return out << address.to_string();
}

namespace serial {

void Codec<Address>::write(Sink& sink, const Address& address) {
    serial::write(sink, static_cast<std::uint8_t>(address.family_));
    serial::write(sink, address.port_);
    serial::write(sink, address.name_);
}

Address Codec<Address>::read(Source& source) {
    const auto family = serial::read<std::uint8_t>(source);
    const auto port = serial::read<std::uint16_t>(source);
    auto name = serial::read<std::string>(source);
    if (family > static_cast<std::uint8_t>(Address::Family::local))
        throw SerializationError("cohort::Address", "an address of no known family");
    return {static_cast<Address::Family>(family), std::move(name), port};
}

}  // namespace serial
}  // namespace cohort
