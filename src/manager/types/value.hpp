// SPDX-License-Identifier: MIT
#pragma once

#include "manager/types/methods.hpp"

namespace cohort::manager {

/// multiprocessing.managers.Value: a type code, which is only shown, and a value.
class ValueReferent final : public Referent {
public:
    ValueReferent(Object typecode, Object value) : typecode_(std::move(typecode)), value_(std::move(value)) {}

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'multiprocessing.managers.Value'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "Value(" + typecode_.repr() + ", " + value_.repr() + ")"; }

private:
    static const Methods<ValueReferent>& methods();
    Object get(const Parameters& given);
    Object set(const Parameters& given);
    Object compare_exchange(const Parameters& given);
    Object add_number(const Parameters& given);

    Object typecode_;
    Object value_;
};

}  // namespace cohort::manager
