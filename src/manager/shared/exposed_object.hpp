// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/exposed_class.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace cohort::manager {

/// The classes of the program that a server exposes.
///
/// Thread safety: complete before the server serves, then unchanged.
class ExposedClasses : public std::enable_shared_from_this<ExposedClasses> {
public:
    /// @param type_id  what it is registered as
    void add(std::string type_id, detail::ExposedClass what);
    /// Makes an instance an object that clients use.
    /// @param type_id  of several for its class this one counts, otherwise the first
    /// @throws TypeError  its class is not exposed
    detail::Result resolve(detail::Result result, std::string_view type_id = {}) const;

    struct Entry {
        std::string type_id{};
        detail::ExposedClass what{};
        std::vector<std::string_view> methods{};  ///< that clients are told of
    };

private:
    const Entry* find(std::type_index type, std::string_view type_id) const;

    std::deque<Entry> entries_;
};

/// What a proxy of another server stands for, as an object of this one: calls are passed on.
std::shared_ptr<detail::SharedObject> forwarded(const ObjectProxy& proxy);

}  // namespace cohort::manager
