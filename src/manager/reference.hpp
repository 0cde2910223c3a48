// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_instance.hpp>

#include "manager/referent.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cohort::manager {

class ObjectTable;

/// What a proxy of the server's own, in a value that is stored there, keeps alive. Copies of the value share it.
class Reference final : public ObjectAnchor {
public:
    /// Takes over a reference that was counted.
    Reference(std::weak_ptr<ObjectTable> table, std::string ident, std::shared_ptr<Referent> referent)
        : table_(std::move(table)), ident_(std::move(ident)), referent_(std::move(referent)) {}
    ~Reference() override;
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;

    const std::string& ident() const noexcept { return ident_; }
    const std::shared_ptr<Referent>& referent() const noexcept { return referent_; }

private:
    std::weak_ptr<ObjectTable> table_;
    std::string ident_;
    std::shared_ptr<Referent> referent_;
};

/// The object that a proxy refers to, if it is one of this server's; otherwise null.
std::shared_ptr<Referent> referent_of(const Object& value);

/// What the proxies that stand anywhere in a value keep alive here; one that stands there twice, twice.
std::vector<std::shared_ptr<const Reference>> references_in(const Object& value);

}  // namespace cohort::manager
