// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>
#include <cohort/serial/object.hpp>

namespace cohort::manager {

/// An address as Python has it: a path, or a tuple of host and port. With TLS, which Python's has not, the names of the
/// files follow in the tuple.
Object address_object(const Address& address);

/// @throws SerializationError  it is no address
Address address_from(const Object& object);

}  // namespace cohort::manager
