// SPDX-License-Identifier: MIT
#pragma once

#include "manager/types/methods.hpp"

#include <vector>

namespace cohort::manager {

/// array.array: numbers of one type.
class ArrayReferent final : public Referent {
public:
    /// @param typecode  one of bBhHiIlLqQfd
    /// @throws PythonError  ValueError, TypeError, OverflowError, with array.array's texts
    ArrayReferent(const Object& typecode, const Object& sequence);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'array.array'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;

private:
    static const Methods<ArrayReferent>& methods();
    Object get_item(const Parameters& given);
    Object set_item(const Parameters& given);
    Object compare_exchange(const Parameters& given);
    Object add_number(const Parameters& given);
    Object length(const Parameters& given);

    Object checked(const Object& number) const;
    std::vector<Object> checked(std::vector<Object> numbers) const;
    Object array_of(std::vector<Object> numbers) const;
    std::size_t place(const Object& index, const char* beyond) const;

    char typecode_;
    std::vector<Object> numbers_;
};

}  // namespace cohort::manager
