// SPDX-License-Identifier: MIT
#include <cohort/serial/object_dict.hpp>

#include "serial/object/node.hpp"
#include "serial/pickle/python2_names.hpp"
#include "serial/pickle/reader.hpp"

#include <algorithm>

namespace cohort::pickle {

using serial::detail::DictNode;
using serial::detail::InstanceNode;
using serial::detail::ObjectAccess;
using serial::detail::ObjectNode;
using serial::detail::SequenceNode;
using Form = ObjectInstance::Form;

// What parts are added to. What was named again while it stood here is a part of these parts.
Object& Reader::top_to_change() {
    Object& object = top();
    if (ObjectAccess::has_node(object) && ObjectAccess::node(object)->repeated)
        fail("the value holds itself, which is not supported");
    if (object.is_instance() && object.as_instance().state) fail("parts are added to a finished object");
    return object;
}

void Reader::append(std::vector<Object> elements) {
    Object& target = top_to_change();
    if (!target.is(Kind::list) && !target.is_instance()) fail(target.type_name() + " is no list");
    ObjectNode& node = *ObjectAccess::node(target);
    for (const Object& each : elements) ObjectAccess::raise_depth(node, ObjectAccess::depth(each));
    auto& into = target.is(Kind::list) ? ObjectAccess::node<SequenceNode>(target).elements
                                       : ObjectAccess::node<InstanceNode>(target).parts.list_items;
    if (into.empty())
        into = std::move(elements);
    else
        into.insert(into.end(), std::make_move_iterator(elements.begin()), std::make_move_iterator(elements.end()));
    if (target.is_instance()) ObjectAccess::classify(target);
}

namespace {

// Whether Python may tell apart what looks the same here: objects of classes that only Python knows.
bool is_identity(const Object& key) {
    if (key.is(Object::Kind::tuple) || key.is(Object::Kind::frozenset))
        return std::any_of(key.begin(), key.end(), is_identity);
    return key.is(Object::Kind::instance) || key.is(Object::Kind::exception);
}

// They take time, so there may be few of them.
constexpr int kMostLookalikes = 100;

void set_item(ObjectDict& dict, Object key, Object value, int& lookalikes) {
    const bool has_parts = key.is(Object::Kind::tuple) || key.is(Object::Kind::frozenset) || key.is_instance();
    // The parts of parts are looked through where it matters only: at each level they would be once more.
    if (!has_parts || !dict.contains(key) || !is_identity(key)) {
        dict.assign(std::move(key), std::move(value));
        return;
    }
    if (++lookalikes > kMostLookalikes) throw ValueError("too many keys of a dict or set look the same");
    ObjectAccess::add_distinct(dict, std::move(key), std::move(value));
}

void add_all(ObjectDict& set, std::vector<Object> elements, int& lookalikes) {
    set.reserve(set.size() + elements.size());
    for (Object& each : elements) set_item(set, std::move(each), Object(), lookalikes);
}

}  // namespace

void Reader::set_items(std::vector<Object> keys_and_values) {
    Object& target = top_to_change();
    if (!target.is(Kind::dict) && !target.is_instance()) fail(target.type_name() + " is no dict");
    if (keys_and_values.size() % 2 != 0) fail("a key has no value");
    ObjectNode& node = *ObjectAccess::node(target);
    for (const Object& each : keys_and_values) ObjectAccess::raise_depth(node, ObjectAccess::depth(each));
    if (target.is(Kind::dict)) {
        ObjectDict& dict = ObjectAccess::node<DictNode>(target).items;
        dict.reserve(dict.size() + keys_and_values.size() / 2);
        for (std::size_t i = 0; i < keys_and_values.size(); i += 2)
            set_item(dict, std::move(keys_and_values[i]), std::move(keys_and_values[i + 1]), lookalikes_);
        return;
    }
    auto& items = ObjectAccess::node<InstanceNode>(target).parts.dict_items;
    for (std::size_t i = 0; i < keys_and_values.size(); i += 2)
        items.emplace_back(std::move(keys_and_values[i]), std::move(keys_and_values[i + 1]));
    ObjectAccess::classify(target);
}

void Reader::make_dict(std::vector<Object> keys_and_values) {
    push(Object::dict());
    set_items(std::move(keys_and_values));
}

void Reader::add_items(std::vector<Object> elements) {
    Object& target = top_to_change();
    if (!target.is(Kind::set)) fail(target.type_name() + " is no set");
    ObjectNode& node = *ObjectAccess::node(target);
    for (const Object& each : elements) ObjectAccess::raise_depth(node, ObjectAccess::depth(each));
    add_all(ObjectAccess::node<DictNode>(target).items, std::move(elements), lookalikes_);
}

void Reader::make_frozenset(std::vector<Object> elements) {
    ObjectDict keys;
    add_all(keys, std::move(elements), lookalikes_);
    push(ObjectAccess::make_dict(Kind::frozenset, std::move(keys)));
}

// Python takes objects off the stack only where it found that a tuple holds itself, and after calls that change an
// object by a function of its own: neither can be followed.
void Reader::pop_one() {
    if (!marks_.empty() && stack_.size() == marks_.back())
        marks_.pop_back();
    else if (pop().is_instance())
        fail("the result of a call is thrown away");
}

// --- Classes and calls. ---

void Reader::global(std::string_view module, std::string_view name) {
    for (std::string_view each : {module, name})
        if (serial::detail::valid_utf8(each) != each.size()) fail("a name is not UTF-8");
    GlobalName full{std::string(module), std::string(name)};
    if (protocol_ < 3) full = name_since_python2(module, name);
    push_global(std::move(full));
}

void Reader::push_global(GlobalName name) {
    names_proxies_ |= name.qualname == "RebuildProxy";
    push(Object::global(std::move(name.module), std::move(name.qualname)));
}

void Reader::stack_global() {
    Object name = pop(), module = pop();
    if (!name.is(Kind::str) || !module.is(Kind::str)) fail("a name is no str");
    push_global({std::string(module.as_str()), std::string(name.as_str())});
}

// A call copies the elements of its arguments. Python gives each call arguments of its own: all copies together are no
// larger than what was read (text of protocol 0 takes two bytes for one that was read).
void Reader::charge_copy(std::span<const Object> args) {
    for (const Object& each : args) {
        if (each.is(Kind::list) || each.is(Kind::tuple))
            copied_ += each.size();
        else if (each.is(Kind::str) || each.is(Kind::bytes))
            copied_ += ObjectAccess::text(each).size() / 2;
    }
    if (copied_ > at_) fail("the value is too large: the message copies the same parts too often");
}

void Reader::call() {
    Object args = pop(), callable = pop();
    if (!args.is(Kind::tuple)) fail("the arguments are no tuple");
    Object result;
    if (callable.is(Kind::global) && is_known_call(callable.as_global())) {
        charge_copy(args.as_sequence());
        if (call_known(callable.as_global(), args.as_sequence(), result)) return push(std::move(result));
    }
    ObjectInstance parts;
    parts.callable = std::move(callable);
    parts.args = std::move(args);
    push(Object::instance(std::move(parts)));
}

void Reader::make(ObjectInstance::Form form) {
    ObjectInstance parts;
    parts.form = form;
    if (form == Form::new_kwds) parts.kwds = pop();
    parts.args = pop();
    parts.callable = pop();
    push(Object::instance(std::move(parts)));
}

// INST and OBJ: a class without arguments is not called.
void Reader::make_old(Object callable, std::vector<Object> args) {
    ObjectInstance parts;
    parts.form = args.empty() ? Form::new_call : Form::call;
    parts.callable = std::move(callable);
    parts.args = Object::tuple(std::move(args));
    push(Object::instance(std::move(parts)));
}

void Reader::build() {
    Object state = pop();
    Object& target = top_to_change();
    if (!target.is_instance()) fail(target.type_name() + " takes no state");
    ObjectAccess::raise_depth(*ObjectAccess::node(target), ObjectAccess::depth(state));
    ObjectAccess::node<InstanceNode>(target).parts.state = std::move(state);
    ObjectAccess::classify(target);
}

namespace {

using Kind = Object::Kind;
using Args = std::span<const Object>;

// Each gives None if the arguments are others: the call stays a call then.
Object make_list(Args args) {
    if (args.empty()) return Object::list();
    if (args.size() != 1 || (!args[0].is(Kind::list) && !args[0].is(Kind::tuple))) return {};
    Args elements = args[0].as_sequence();
    return Object::list(std::vector<Object>(elements.begin(), elements.end()));
}

Object make_set_of_kind(Args args, Kind kind) {
    std::vector<Object> elements;
    if (args.size() == 1 && (args[0].is(Kind::list) || args[0].is(Kind::tuple)))
        elements.assign(args[0].begin(), args[0].end());
    else if (!args.empty())
        return {};
    ObjectDict keys;
    int lookalikes = 0;
    add_all(keys, std::move(elements), lookalikes);
    return ObjectAccess::make_dict(kind, std::move(keys));
}

Object make_set(Args args) {
    return make_set_of_kind(args, Kind::set);
}
Object make_frozenset(Args args) {
    return make_set_of_kind(args, Kind::frozenset);
}

// The bytes of text of which each character is a byte; false if one is none.
bool latin1_bytes(Args args, std::string& bytes) {
    if (args.size() != 2 || !args[0].is(Kind::str) || !args[1].is(Kind::str)) return false;
    if (args[1].as_str() != "latin1" && args[1].as_str() != "latin-1") return false;
    std::string_view text = args[0].as_str();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            bytes += text[i];
        } else if (lead < 0xc4) {
            bytes += static_cast<char>((lead << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
        } else {
            return false;
        }
    }
    return true;
}

Object encode(Args args) {
    std::string bytes;
    if (!latin1_bytes(args, bytes)) return {};
    return Object::bytes(bytes);
}

Object make_bytes(Args args) {
    return args.empty() ? Object::bytes("") : Object();
}

Object make_bytearray(Args args) {
    std::string bytes;
    if (args.size() == 1 && args[0].is(Kind::bytes))
        bytes = ObjectAccess::text(args[0]);
    else if (!args.empty() && !latin1_bytes(args, bytes))
        return {};
    return ObjectAccess::make_bytes(Kind::bytearray, bytes);
}

Object make_complex(Args args) {
    if (args.size() != 2 || !args[0].is(Kind::floating) || !args[1].is(Kind::floating)) return {};
    return std::complex<double>(args[0].as_float(), args[1].as_float());
}

struct KnownCall {
    std::string_view module;
    std::string_view name;
    Object (*make)(Args);
};

constexpr KnownCall kKnownCalls[] = {
    {"builtins", "list", make_list},
    {"builtins", "set", make_set},
    {"builtins", "frozenset", make_frozenset},
    {"builtins", "bytes", make_bytes},
    {"builtins", "bytearray", make_bytearray},
    {"builtins", "complex", make_complex},
    {"_codecs", "encode", encode},
};

const KnownCall* find_known_call(const GlobalName& callable) noexcept {
    const auto* found = std::ranges::find_if(kKnownCalls, [&](const KnownCall& each) {
        return each.name == callable.qualname && each.module == callable.module;
    });
    return found == std::ranges::end(kKnownCalls) ? nullptr : found;
}

}  // namespace

bool is_known_call(const GlobalName& callable) noexcept {
    return find_known_call(callable) != nullptr;
}

bool call_known(const GlobalName& callable, std::span<const Object> args, Object& result) {
    const KnownCall* known = find_known_call(callable);
    Object made = known ? known->make(args) : Object();
    if (made.is_none()) return false;
    result = std::move(made);
    return true;
}

}  // namespace cohort::pickle
