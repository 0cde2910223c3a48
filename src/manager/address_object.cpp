// SPDX-License-Identifier: MIT
#include "manager/address_object.hpp"

#include <string>
#include <utility>

namespace cohort::manager {

Object address_object(const Address& address) {
    if (address.is_tcp()) return Object::tuple({Object(address.host()), Object(address.port())});
    return Object(address.path());
}

Address address_from(const Object& object) {
    if (object.is(Object::Kind::str)) return Address::unix(std::string(object.as_str()));
    const auto [host, port] = object.to<std::pair<std::string, int>>();
    return Address::tcp(host, port);
}

}  // namespace cohort::manager
