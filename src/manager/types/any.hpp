// SPDX-License-Identifier: MIT
#pragma once

#include "manager/referent.hpp"

namespace cohort::manager {

/// A value of any type, of which clients can have a copy.
class AnyReferent final : public Referent {
public:
    explicit AnyReferent(Object value) : value_(std::move(value)), type_("<class '" + value_.type_name() + "'>") {}

    const std::vector<std::string_view>& exposed() const override {
        static const std::vector<std::string_view> none;
        return none;
    }
    std::string_view type_name() const override { return type_; }
    void call(Call&) override { throw NoSuchMethod(); }
    Object value() const override { return value_; }
    std::string str() const override { return value_.str(); }

private:
    const Object value_;
    const std::string type_;
};

}  // namespace cohort::manager
