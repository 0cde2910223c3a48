// SPDX-License-Identifier: MIT
#include "manager/types/dict.hpp"

#include <cohort/serial/object_instance.hpp>

#include "manager/types/atomically.hpp"
#include "manager/types/iterator.hpp"
#include "manager/types/slices.hpp"

#include <utility>

namespace cohort::manager {

namespace {

void insert_pairs(ObjectDict& items, const std::vector<Object>& pairs) {
    std::size_t at = 0;
    for (const Object& pair : pairs) {
        const std::string number = "#" + std::to_string(at++);
        std::vector<Object> parts;
        try {
            parts = iterate(pair);
        } catch (const PythonError&) {
            raise_type_error("cannot convert dictionary update sequence element " + number + " to a sequence");
        }
        if (parts.size() != 2)
            raise_value_error("dictionary update sequence element " + number + " has length " +
                              std::to_string(parts.size()) + "; 2 is required");
        items.assign(std::move(parts[0]), std::move(parts[1]));
    }
}

// What `dict.update()` takes: a mapping, or pairs.
void merge_one(ObjectDict& items, const Object& other) {
    const Object value = resolve(other);
    if (value.is(Object::Kind::dict)) {
        for (const auto& [key, element] : value.as_dict()) items.assign(key, element);
    } else if (value.is_instance() && !value.as_instance().dict_items.empty()) {
        for (const auto& [key, element] : value.as_instance().dict_items) items.assign(key, element);
    } else {
        insert_pairs(items, iterate(value));
    }
}

}  // namespace

const Methods<DictReferent>& DictReferent::methods() {
    using Self = DictReferent;
    static const Methods<Self> all{
        {"__contains__", &Self::contains, takes(1)},
        {"__delitem__", &Self::delete_item, slot(1)},
        {"__getitem__", &Self::get_item, takes(1)},
        {"__ior__", &Self::merge_in_place, slot(1)},
        {"__iter__", nullptr, slot(0)},
        {"__len__", &Self::length, slot(0)},
        {"__or__", &Self::merged, slot(1)},
        {"__reversed__", &Self::reversed, takes(0)},
        {"__ror__", &Self::merged_reversed, slot(1)},
        {"__setitem__", &Self::set_item, slot(2)},
        {"clear", &Self::clear, takes(0)},
        {"copy", &Self::copy, takes(0)},
        {"fromkeys", &Self::from_keys, takes(1, 2)},
        {"get", &Self::get, takes(1, 2)},
        {"items", &Self::item_list, takes(0)},
        {"keys", &Self::key_list, takes(0)},
        {"pop", &Self::pop, takes(1, 2)},
        {"popitem", &Self::pop_item, takes(0)},
        {"setdefault", &Self::set_default, takes(1, 2)},
        {"update", &Self::update, with_keywords()},
        {"values", &Self::value_list, takes(0)},
        {"#cohort.compare_exchange", &Self::compare_exchange, takes(3), false},
        {"#cohort.add", &Self::add_number, takes(2, 4), false},
    };
    return all;
}

std::shared_ptr<DictReferent> DictReferent::make(std::span<const Object> args, const Object& kwds) {
    auto made = std::make_shared<DictReferent>();
    made->merge(args, kwds, "dict");
    return made;
}

const std::vector<std::string_view>& DictReferent::exposed() const {
    return methods().exposed();
}

void DictReferent::call(Call& call) {
    if (call.method() != "__iter__") return call.reply(methods().run(*this, call, "dict"));
    const auto size = [dict = shared_from_this()] { return dict->items_.size(); };
    call.reply_proxy("Iterator", std::make_shared<KeyIterator>("dict", keys(), size));
}

std::vector<Object> DictReferent::keys() const {
    std::vector<Object> all;
    all.reserve(items_.size());
    for (const auto& item : items_) all.push_back(item.key());
    return all;
}

const Object& DictReferent::at(const Object& key) const {
    const Object* found = items_.find(key);
    if (!found) raise_key_error(key);
    return *found;
}

void DictReferent::merge(std::span<const Object> args, const Object& kwds, std::string_view method) {
    if (args.size() > 1)
        raise_type_error(std::string(method) + " expected at most 1 argument, got " + std::to_string(args.size()));
    if (!args.empty()) merge_one(items_, args[0]);
    for (const auto& [key, element] : kwds.as_dict()) items_.assign(key, element);
}

Object DictReferent::contains(const Parameters& given) {
    return items_.contains(given[0]);
}

Object DictReferent::delete_item(const Parameters& given) {
    if (!items_.erase(given[0])) raise_key_error(given[0]);
    return {};
}

Object DictReferent::get_item(const Parameters& given) {
    return at(given[0]);
}

Object DictReferent::set_item(const Parameters& given) {
    items_.assign(given[0], given[1]);
    return {};
}

Object DictReferent::length(const Parameters&) {
    return items_.size();
}

Object DictReferent::reversed(const Parameters&) {
    return iterator_over("reversed", keys());
}

Object DictReferent::clear(const Parameters&) {
    items_.clear();
    return {};
}

Object DictReferent::copy(const Parameters&) {
    return value();
}

Object DictReferent::from_keys(const Parameters& given) {
    ObjectDict made;
    for (Object& key : iterate(given[0])) made.assign(std::move(key), given.get(1));
    return Object::dict(std::move(made));
}

Object DictReferent::get(const Parameters& given) {
    const Object* found = items_.find(given[0]);
    return found ? *found : given.get(1);
}

Object DictReferent::item_list(const Parameters&) {
    std::vector<Object> pairs;
    pairs.reserve(items_.size());
    for (const auto& [key, element] : items_) pairs.push_back(Object::tuple({key, element}));
    return Object::list(std::move(pairs));
}

Object DictReferent::key_list(const Parameters&) {
    return Object::list(keys());
}

Object DictReferent::value_list(const Parameters&) {
    std::vector<Object> values;
    values.reserve(items_.size());
    for (const auto& [key, element] : items_) values.push_back(element);
    return Object::list(std::move(values));
}

Object DictReferent::merged(const Parameters& given) {
    const Object other = resolve(given[0]);
    if (!other.is(Object::Kind::dict)) return Object::global("builtins", "NotImplemented");
    ObjectDict both = items_;
    for (const auto& [key, element] : other.as_dict()) both.assign(key, element);
    return Object::dict(std::move(both));
}

Object DictReferent::merged_reversed(const Parameters& given) {
    const Object other = resolve(given[0]);
    if (!other.is(Object::Kind::dict)) return Object::global("builtins", "NotImplemented");
    ObjectDict both = other.as_dict();
    for (const auto& [key, element] : items_) both.assign(key, element);
    return Object::dict(std::move(both));
}

Object DictReferent::merge_in_place(const Parameters& given) {
    merge_one(items_, given[0]);
    return value();
}

Object DictReferent::pop(const Parameters& given) {
    if (auto taken = items_.take(given[0])) return std::move(*taken);
    if (given.size() < 2) raise_key_error(given[0]);
    return given[1];
}

Object DictReferent::pop_item(const Parameters&) {
    if (items_.empty()) raise_key_error("popitem(): dictionary is empty");
    auto [key, element] = items_.take_last();
    return Object::tuple({std::move(key), std::move(element)});
}

Object DictReferent::set_default(const Parameters& given) {
    return *items_.insert(given[0], given.get(1)).first;
}

Object DictReferent::update(const Parameters& given) {
    merge(given.all(), given.kwds(), "update");
    return {};
}

Object DictReferent::compare_exchange(const Parameters& given) {
    Object element = at(given[0]);
    Object answer = atomically::compare_exchange(element, given[1], given[2]);
    if (answer[0].as_bool()) items_.assign(given[0], std::move(element));
    return answer;
}

Object DictReferent::add_number(const Parameters& given) {
    Object result = atomically::sum(at(given[0]), given[1], given.get(2), given.get(3));
    items_.assign(given[0], result);
    return result;
}

}  // namespace cohort::manager
