// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_dict.hpp>

#include "manager/types/methods.hpp"

#include <memory>
#include <vector>

namespace cohort::manager {

/// Python's set; with the methods of Python 3.14's proxy.
class SetReferent final : public Referent, public std::enable_shared_from_this<SetReferent> {
public:
    using Elements = ObjectDict;  // the keys; each has None

    explicit SetReferent(Elements elements = {}) : elements_(std::move(elements)) {}

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'set'>"; }
    void call(Call& call) override;
    Object value() const override { return to_object(elements_); }

    static Elements elements_of(const Object& iterable);

private:
    using Combination = Elements (*)(const Elements&, const Elements&);

    static const Methods<SetReferent>& methods();
    static Object to_object(const Elements& elements);

    // Of operators, which take sets only, and of methods, which take several of anything that can be iterated.
    template <Combination Combine>
    Object binary(const Parameters& given);
    template <Combination Combine>
    Object reflected(const Parameters& given);
    template <Combination Combine>
    Object in_place(const Parameters& given);
    template <Combination Combine>
    Object combined(const Parameters& given);
    template <Combination Combine>
    Object updated(const Parameters& given);

    Object contains(const Parameters& given);
    Object length(const Parameters& given);
    Object greater_equal(const Parameters& given);
    Object greater(const Parameters& given);
    Object less_equal(const Parameters& given);
    Object less(const Parameters& given);
    Object add(const Parameters& given);
    Object clear(const Parameters& given);
    Object copy(const Parameters& given);
    Object discard(const Parameters& given);
    Object is_disjoint(const Parameters& given);
    Object is_subset(const Parameters& given);
    Object is_superset(const Parameters& given);
    Object pop(const Parameters& given);
    Object remove(const Parameters& given);

    Elements elements_;
};

}  // namespace cohort::manager
