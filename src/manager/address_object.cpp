// SPDX-License-Identifier: MIT
#include "manager/address_object.hpp"

#include <string>
#include <tuple>
#include <utility>

namespace cohort::manager {

Object address_object(const Address& address) {
    const TlsOptions& tls = address.tls();
    if (address.is_tls())
        return Object::tuple(
            {Object(address.host()), Object(address.port()), Object(tls.cert), Object(tls.key), Object(tls.ca)});
    if (address.is_tcp()) return Object::tuple({Object(address.host()), Object(address.port())});
    return Object(address.path());
}

Address address_from(const Object& object) {
    if (object.is(Object::Kind::str)) return Address::unix(std::string(object.as_str()));
    if (object.size() == 5) {
        auto [host, port, cert, key, ca] =
            object.to<std::tuple<std::string, int, std::string, std::string, std::string>>();
        return Address::tls(std::move(host), port, {std::move(cert), std::move(key), std::move(ca)});
    }
    const auto [host, port] = object.to<std::pair<std::string, int>>();
    return Address::tcp(host, port);
}

}  // namespace cohort::manager
