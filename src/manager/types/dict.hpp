// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_dict.hpp>

#include "manager/types/methods.hpp"

#include <memory>
#include <vector>

namespace cohort::manager {

/// Python's dict.
class DictReferent final : public Referent, public std::enable_shared_from_this<DictReferent> {
public:
    explicit DictReferent(ObjectDict items = {}) : items_(std::move(items)) {}
    /// As Python's dict(): of nothing, a mapping, or pairs; and keyword arguments.
    static std::shared_ptr<DictReferent> make(std::span<const Object> args, const Object& kwds);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'dict'>"; }
    void call(Call& call) override;
    Object value() const override { return Object::dict(items_); }

private:
    static const Methods<DictReferent>& methods();

    Object contains(const Parameters& given);
    Object delete_item(const Parameters& given);
    Object get_item(const Parameters& given);
    Object set_item(const Parameters& given);
    Object length(const Parameters& given);
    Object reversed(const Parameters& given);
    Object clear(const Parameters& given);
    Object copy(const Parameters& given);
    Object from_keys(const Parameters& given);
    Object get(const Parameters& given);
    Object item_list(const Parameters& given);
    Object key_list(const Parameters& given);
    Object value_list(const Parameters& given);
    Object merged(const Parameters& given);
    Object merge_in_place(const Parameters& given);
    Object merged_reversed(const Parameters& given);
    Object pop(const Parameters& given);
    Object pop_item(const Parameters& given);
    Object set_default(const Parameters& given);
    Object update(const Parameters& given);
    Object compare_exchange(const Parameters& given);
    Object add_number(const Parameters& given);

    std::vector<Object> keys() const;
    const Object& at(const Object& key) const;
    void merge(std::span<const Object> args, const Object& kwds, std::string_view method);

    ObjectDict items_;
};

}  // namespace cohort::manager
