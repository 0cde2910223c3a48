// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/object_proxy.hpp>

#include "manager/client/handle.hpp"

#include <memory>
#include <utility>

namespace cohort::manager {

/// Makes proxies.
struct ProxyMaker {
    static ObjectProxy make(std::shared_ptr<const Handle> handle) {
        ObjectProxy proxy;
        proxy.handle_ = std::move(handle);
        return proxy;
    }
};

}  // namespace cohort::manager
