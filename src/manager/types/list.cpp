// SPDX-License-Identifier: MIT
#include "manager/types/list.hpp"

#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/types/atomically.hpp"
#include "manager/types/slices.hpp"

#include <algorithm>
#include <utility>

namespace cohort::manager {

const Methods<ListReferent>& ListReferent::methods() {
    using Self = ListReferent;
    static const Methods<Self> all{
        {"__add__", &Self::add, slot(1)},
        {"__contains__", &Self::contains, slot(1)},
        {"__delitem__", &Self::delete_item, slot(1)},
        {"__getitem__", &Self::get_item, takes(1)},
        {"__imul__", &Self::multiply_in_place, slot(1)},
        {"__len__", &Self::length, slot(0)},
        {"__mul__", &Self::multiply, slot(1)},
        {"__reversed__", &Self::reversed, takes(0)},
        {"__rmul__", &Self::multiply, slot(1)},
        {"__setitem__", &Self::set_item, slot(2)},
        {"append", &Self::append, takes(1)},
        {"clear", &Self::clear, takes(0)},
        {"copy", &Self::copy, takes(0)},
        {"count", &Self::count, takes(1)},
        {"extend", &Self::extend, takes(1)},
        {"index", &Self::index, takes(1, 3)},
        {"insert", &Self::insert, takes(2)},
        {"pop", &Self::pop, takes(0, 1)},
        {"remove", &Self::remove, takes(1)},
        {"reverse", &Self::reverse, takes(0)},
        {"sort", &Self::sort, with_keywords()},
        {"#cohort.compare_exchange", &Self::compare_exchange, takes(3), false},
        {"#cohort.add", &Self::add_number, takes(2, 4), false},
    };
    return all;
}

const std::vector<std::string_view>& ListReferent::exposed() const {
    return methods().exposed();
}

void ListReferent::call(Call& call) {
    call.reply(methods().run(*this, call, "list"));
}

std::size_t ListReferent::place(const Object& index, const char* beyond) const {
    if (!is_int(index)) raise_type_error("list indices must be integers or slices, not " + index.type_name());
    const auto found = place_of(clamped_int(index), elements_.size());
    if (!found) raise_index_error(beyond);
    return *found;
}

Object ListReferent::add(const Parameters& given) {
    if (!given[0].is(Object::Kind::list))
        raise_type_error("can only concatenate list (not \"" + given[0].type_name() + "\") to list");
    std::vector<Object> sum = elements_;
    sum.insert(sum.end(), given[0].begin(), given[0].end());
    return Object::list(std::move(sum));
}

Object ListReferent::contains(const Parameters& given) {
    return std::ranges::any_of(elements_, [&](const Object& each) { return each == given[0]; });
}

Object ListReferent::delete_item(const Parameters& given) {
    if (given[0].is(Object::Kind::slice))
        delete_slice(elements_, given[0]);
    else
        elements_.erase(elements_.begin() +
                        static_cast<std::ptrdiff_t>(place(given[0], "list assignment index out of range")));
    return {};
}

Object ListReferent::get_item(const Parameters& given) {
    if (given[0].is(Object::Kind::slice)) return Object::list(take_slice(elements_, given[0]));
    return elements_[place(given[0], "list index out of range")];
}

Object ListReferent::set_item(const Parameters& given) {
    if (given[0].is(Object::Kind::slice))
        assign_slice(elements_, given[0], iterate(given[1]));
    else
        elements_[place(given[0], "list assignment index out of range")] = given[1];
    return {};
}

Object ListReferent::length(const Parameters&) {
    return elements_.size();
}

std::vector<Object> ListReferent::repeated(const Object& times) const {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(clamped_int(times), 0));
    if (!elements_.empty() && count > most_elements_made / elements_.size()) check_elements_made(kAnyNumber);
    std::vector<Object> result;
    result.reserve(count * elements_.size());
    for (std::size_t i = 0; i < count; ++i) result.insert(result.end(), elements_.begin(), elements_.end());
    return result;
}

Object ListReferent::multiply(const Parameters& given) {
    return Object::list(repeated(given[0]));
}

// The answer would be the whole list, of which Python's proxies make no use.
Object ListReferent::multiply_in_place(const Parameters& given) {
    elements_ = repeated(given[0]);
    return value();
}

Object ListReferent::reversed(const Parameters&) {
    ObjectInstance iterator;
    iterator.callable = Object::global("builtins", "reversed");
    iterator.args = Object::tuple({value()});
    return Object::instance(std::move(iterator));
}

Object ListReferent::append(const Parameters& given) {
    elements_.push_back(given[0]);
    return {};
}

Object ListReferent::clear(const Parameters&) {
    std::vector<Object>().swap(elements_);
    return {};
}

Object ListReferent::copy(const Parameters&) {
    return value();
}

Object ListReferent::count(const Parameters& given) {
    return std::ranges::count_if(elements_, [&](const Object& each) { return each == given[0]; });
}

Object ListReferent::extend(const Parameters& given) {
    std::vector<Object> more = iterate(given[0]);
    elements_.insert(elements_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return {};
}

Object ListReferent::index(const Parameters& given) {
    const std::size_t from = given.size() > 1 ? clamped_place(clamped_int(given[1]), elements_.size()) : 0;
    const std::size_t to = given.size() > 2 ? clamped_place(clamped_int(given[2]), elements_.size()) : elements_.size();
    for (std::size_t i = from; i < to; ++i)
        if (elements_[i] == given[0]) return i;
    raise_value_error(given[0].repr() + " is not in list");
}

Object ListReferent::insert(const Parameters& given) {
    const std::size_t at = clamped_place(clamped_int(given[0]), elements_.size());
    elements_.insert(elements_.begin() + static_cast<std::ptrdiff_t>(at), given[1]);
    return {};
}

Object ListReferent::pop(const Parameters& given) {
    if (elements_.empty()) raise_index_error("pop from empty list");
    const auto at = place_of(given.size() ? clamped_int(given[0]) : -1, elements_.size());
    if (!at) raise_index_error("pop index out of range");
    Object taken = std::move(elements_[*at]);
    elements_.erase(elements_.begin() + static_cast<std::ptrdiff_t>(*at));
    return taken;
}

Object ListReferent::remove(const Parameters& given) {
    const auto found = std::ranges::find_if(elements_, [&](const Object& each) { return each == given[0]; });
    if (found == elements_.end()) raise_value_error("list.remove(x): x not in list");
    elements_.erase(found);
    return {};
}

Object ListReferent::reverse(const Parameters&) {
    std::ranges::reverse(elements_);
    return {};
}

Object ListReferent::sort(const Parameters& given) {
    if (given.size()) raise_type_error("sort() takes no positional arguments");
    bool backwards = false;
    for (const auto& [name, argument] : given.kwds().as_dict()) {
        if (name == Object("reverse"))
            backwards = argument.truth();
        else if (name != Object("key"))
            raise_type_error("sort() got an unexpected keyword argument '" + name.str() + "'");
        else if (!argument.is_none())
            raise_type_error("sort(key=...): this server is no Python program and cannot call a function");
    }
    std::vector<Object> sorted = elements_;  // which stays as it is when two cannot be compared
    if (backwards)
        std::ranges::stable_sort(sorted, [](const Object& a, const Object& b) { return b < a; });
    else
        std::ranges::stable_sort(sorted, [](const Object& a, const Object& b) { return a < b; });
    elements_ = std::move(sorted);
    return {};
}

Object ListReferent::compare_exchange(const Parameters& given) {
    Object& element = elements_[place(given[0], "list index out of range")];
    return atomically::compare_exchange(element, given[1], given[2]);
}

Object ListReferent::add_number(const Parameters& given) {
    Object& element = elements_[place(given[0], "list index out of range")];
    element = atomically::sum(element, given[1], given.get(2), given.get(3));
    return element;
}

}  // namespace cohort::manager
