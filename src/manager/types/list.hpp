// SPDX-License-Identifier: MIT
#pragma once

#include "manager/types/methods.hpp"

#include <vector>

namespace cohort::manager {

/// Python's list.
class ListReferent final : public Referent {
public:
    explicit ListReferent(std::vector<Object> elements = {}) : elements_(std::move(elements)) {}

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'list'>"; }
    void call(Call& call) override;
    Object value() const override { return Object::list(elements_); }

private:
    static const Methods<ListReferent>& methods();

    Object add(const Parameters& given);
    Object contains(const Parameters& given);
    Object delete_item(const Parameters& given);
    Object get_item(const Parameters& given);
    Object set_item(const Parameters& given);
    Object length(const Parameters& given);
    Object multiply(const Parameters& given);
    Object multiply_in_place(const Parameters& given);
    Object reversed(const Parameters& given);
    Object append(const Parameters& given);
    Object clear(const Parameters& given);
    Object copy(const Parameters& given);
    Object count(const Parameters& given);
    Object extend(const Parameters& given);
    Object index(const Parameters& given);
    Object insert(const Parameters& given);
    Object pop(const Parameters& given);
    Object remove(const Parameters& given);
    Object reverse(const Parameters& given);
    Object sort(const Parameters& given);
    Object compare_exchange(const Parameters& given);
    Object add_number(const Parameters& given);

    std::size_t place(const Object& index, const char* beyond) const;
    std::vector<Object> repeated(const Object& times) const;

    std::vector<Object> elements_;
};

}  // namespace cohort::manager
