// SPDX-License-Identifier: MIT
#include "manager/types/set.hpp"

#include "manager/types/iterator.hpp"
#include "manager/types/slices.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cohort::manager {

namespace {

using Elements = SetReferent::Elements;

Elements union_of(const Elements& left, const Elements& right) {
    Elements result = left;
    for (const auto& item : right) result.insert(item.key(), {});
    return result;
}

Elements intersection_of(const Elements& left, const Elements& right) {
    Elements result;
    for (const auto& item : left)
        if (right.contains(item.key())) result.insert(item.key(), {});
    return result;
}

Elements difference_of(const Elements& left, const Elements& right) {
    Elements result;
    for (const auto& item : left)
        if (!right.contains(item.key())) result.insert(item.key(), {});
    return result;
}

Elements symmetric_difference_of(const Elements& left, const Elements& right) {
    return union_of(difference_of(left, right), difference_of(right, left));
}

bool is_subset_of(const Elements& left, const Elements& right) {
    return std::ranges::all_of(left, [&](const auto& item) { return right.contains(item.key()); });
}

Object not_implemented() {
    return Object::global("builtins", "NotImplemented");
}

// The other operand, if it is a set.
std::optional<Elements> set_operand(const Object& operand) {
    const Object value = resolve(operand);
    if (!value.is(Object::Kind::set) && !value.is(Object::Kind::frozenset)) return {};
    return SetReferent::elements_of(value);
}

}  // namespace

const Methods<SetReferent>& SetReferent::methods() {
    using Self = SetReferent;
    constexpr Arity kMany = takes(0, kAnyNumber);
    static const Methods<Self> all{
        {"__and__", &Self::binary<intersection_of>, slot(1)},
        {"__contains__", &Self::contains, takes(1)},
        {"__ge__", &Self::greater_equal, slot(1)},
        {"__gt__", &Self::greater, slot(1)},
        {"__iand__", &Self::in_place<intersection_of>, slot(1)},
        {"__ior__", &Self::in_place<union_of>, slot(1)},
        {"__isub__", &Self::in_place<difference_of>, slot(1)},
        {"__iter__", nullptr, slot(0)},
        {"__ixor__", &Self::in_place<symmetric_difference_of>, slot(1)},
        {"__le__", &Self::less_equal, slot(1)},
        {"__len__", &Self::length, slot(0)},
        {"__lt__", &Self::less, slot(1)},
        {"__or__", &Self::binary<union_of>, slot(1)},
        {"__rand__", &Self::reflected<intersection_of>, slot(1)},
        {"__ror__", &Self::reflected<union_of>, slot(1)},
        {"__rsub__", &Self::reflected<difference_of>, slot(1)},
        {"__rxor__", &Self::reflected<symmetric_difference_of>, slot(1)},
        {"__sub__", &Self::binary<difference_of>, slot(1)},
        {"__xor__", &Self::binary<symmetric_difference_of>, slot(1)},
        {"add", &Self::add, takes(1)},
        {"clear", &Self::clear, takes(0)},
        {"copy", &Self::copy, takes(0)},
        {"difference", &Self::combined<difference_of>, kMany},
        {"difference_update", &Self::updated<difference_of>, kMany},
        {"discard", &Self::discard, takes(1)},
        {"intersection", &Self::combined<intersection_of>, kMany},
        {"intersection_update", &Self::updated<intersection_of>, kMany},
        {"isdisjoint", &Self::is_disjoint, takes(1)},
        {"issubset", &Self::is_subset, takes(1)},
        {"issuperset", &Self::is_superset, takes(1)},
        {"pop", &Self::pop, takes(0)},
        {"remove", &Self::remove, takes(1)},
        {"symmetric_difference", &Self::combined<symmetric_difference_of>, takes(1)},
        {"symmetric_difference_update", &Self::updated<symmetric_difference_of>, takes(1)},
        {"union", &Self::combined<union_of>, kMany},
        {"update", &Self::updated<union_of>, kMany},
    };
    return all;
}

const std::vector<std::string_view>& SetReferent::exposed() const {
    return methods().exposed();
}

void SetReferent::call(Call& call) {
    if (call.method() != "__iter__") return call.reply(methods().run(*this, call, "set"));
    std::vector<Object> elements;
    for (const auto& item : elements_) elements.push_back(item.key());
    const auto size = [set = shared_from_this()] { return set->elements_.size(); };
    call.reply_proxy("Iterator", std::make_shared<KeyIterator>("set", std::move(elements), size));
}

Elements SetReferent::elements_of(const Object& iterable) {
    Elements elements;
    for (Object& each : iterate(iterable)) elements.insert(std::move(each), {});
    return elements;
}

Object SetReferent::to_object(const Elements& elements) {
    std::vector<Object> list;
    list.reserve(elements.size());
    for (const auto& item : elements) list.push_back(item.key());
    return Object::set(std::move(list));
}

template <SetReferent::Combination Combine>
Object SetReferent::binary(const Parameters& given) {
    const auto other = set_operand(given[0]);
    return other ? to_object(Combine(elements_, *other)) : not_implemented();
}

template <SetReferent::Combination Combine>
Object SetReferent::reflected(const Parameters& given) {
    const auto other = set_operand(given[0]);
    if (!other) return not_implemented();
    Object result = to_object(Combine(*other, elements_));
    if (!resolve(given[0]).is(Object::Kind::frozenset)) return result;
    return Object::frozenset(std::vector<Object>(result.begin(), result.end()));
}

template <SetReferent::Combination Combine>
Object SetReferent::in_place(const Parameters& given) {
    const auto other = set_operand(given[0]);
    if (!other) return not_implemented();
    elements_ = Combine(elements_, *other);
    return value();
}

template <SetReferent::Combination Combine>
Object SetReferent::combined(const Parameters& given) {
    Elements result = elements_;
    for (const Object& each : given.all()) result = Combine(result, elements_of(each));
    return to_object(result);
}

template <SetReferent::Combination Combine>
Object SetReferent::updated(const Parameters& given) {
    for (const Object& each : given.all()) elements_ = Combine(elements_, elements_of(each));
    return {};
}

Object SetReferent::contains(const Parameters& given) {
    return elements_.contains(given[0]);
}

Object SetReferent::length(const Parameters&) {
    return elements_.size();
}

Object SetReferent::greater_equal(const Parameters& given) {
    const auto other = set_operand(given[0]);
    return other ? Object(is_subset_of(*other, elements_)) : not_implemented();
}

Object SetReferent::greater(const Parameters& given) {
    const auto other = set_operand(given[0]);
    return other ? Object(other->size() < elements_.size() && is_subset_of(*other, elements_)) : not_implemented();
}

Object SetReferent::less_equal(const Parameters& given) {
    const auto other = set_operand(given[0]);
    return other ? Object(is_subset_of(elements_, *other)) : not_implemented();
}

Object SetReferent::less(const Parameters& given) {
    const auto other = set_operand(given[0]);
    return other ? Object(elements_.size() < other->size() && is_subset_of(elements_, *other)) : not_implemented();
}

Object SetReferent::add(const Parameters& given) {
    elements_.insert(given[0], {});
    return {};
}

Object SetReferent::clear(const Parameters&) {
    elements_.clear();
    return {};
}

Object SetReferent::copy(const Parameters&) {
    return value();
}

Object SetReferent::discard(const Parameters& given) {
    elements_.erase(given[0]);
    return {};
}

Object SetReferent::is_disjoint(const Parameters& given) {
    return intersection_of(elements_, elements_of(given[0])).empty();
}

Object SetReferent::is_subset(const Parameters& given) {
    return is_subset_of(elements_, elements_of(given[0]));
}

Object SetReferent::is_superset(const Parameters& given) {
    return is_subset_of(elements_of(given[0]), elements_);
}

Object SetReferent::pop(const Parameters&) {
    if (elements_.empty()) raise_key_error("pop from an empty set");
    return elements_.take_last().first;
}

Object SetReferent::remove(const Parameters& given) {
    if (!elements_.erase(given[0])) raise_key_error(given[0]);
    return {};
}

}  // namespace cohort::manager
