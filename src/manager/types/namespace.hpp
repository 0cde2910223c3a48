// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_dict.hpp>

#include "manager/types/methods.hpp"

namespace cohort::manager {

/// multiprocessing.managers.Namespace: attributes.
class NamespaceReferent final : public Referent {
public:
    explicit NamespaceReferent(ObjectDict attributes = {}) : attributes_(std::move(attributes)) {}

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'multiprocessing.managers.Namespace'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;

private:
    static const Methods<NamespaceReferent>& methods();
    Object get_attribute(const Parameters& given);
    Object set_attribute(const Parameters& given);
    Object delete_attribute(const Parameters& given);

    ObjectDict attributes_;
};

}  // namespace cohort::manager
