// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/acquirer_proxy.hpp>

#include <utility>

namespace cohort {

/// Stands for a Lock in a manager's server: not recursive, and anybody may release it.
///
/// Thread safety, FORK: as ObjectProxy. DEATH: of the client that holds it: on a server of cohort the next one gets it,
/// and abandoned() tells it. The client is the process where the server sees its end, over a Unix socket; else it is
/// the connection, which ends with the thread.
class LockProxy : public AcquirerProxy {
public:
    LockProxy() noexcept = default;
    /// @param proxy  of a Lock
    explicit LockProxy(ObjectProxy proxy) noexcept : AcquirerProxy(std::move(proxy)) {}
    static LockProxy from_object(const Object& object) { return LockProxy(ObjectProxy::from_object(object)); }
};

/// Stands for an RLock in a manager's server: the thread that holds it may take it again, and it alone releases it, as
/// often.
///
/// Thread safety, FORK: as ObjectProxy; a child holds nothing. DEATH: as LockProxy; and a thread that ends releases
/// what it holds.
class RLockProxy : public AcquirerProxy {
public:
    RLockProxy() noexcept = default;
    /// @param proxy  of an RLock
    explicit RLockProxy(ObjectProxy proxy) noexcept : AcquirerProxy(std::move(proxy)) {}
    static RLockProxy from_object(const Object& object) { return RLockProxy(ObjectProxy::from_object(object)); }
};

namespace manager::detail {

/// The lock that an object in a server has of its own.
/// @throws Error  the server is Python's, whose objects have none
COHORT_API RLockProxy own_lock(const ObjectProxy& proxy);

}  // namespace manager::detail
}  // namespace cohort
