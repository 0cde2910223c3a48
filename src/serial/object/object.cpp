// SPDX-License-Identifier: MIT
#include <cohort/serial/object.hpp>

#include "serial/object/known_classes.hpp"
#include "serial/object/node.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace cohort {

ObjectAnchor::~ObjectAnchor() = default;

using serial::BigInteger;
using serial::detail::BytesNode;
using serial::detail::ComplexNode;
using serial::detail::DictNode;
using serial::detail::GlobalNode;
using serial::detail::InstanceNode;
using serial::detail::IntegerNode;
using serial::detail::ObjectAccess;
using serial::detail::ObjectNode;
using serial::detail::SequenceNode;

namespace serial::detail {

namespace {

// How many bytes a character that begins with `lead` has; 0 if none does.
std::size_t utf8_length(unsigned char lead) noexcept {
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return 2;
    if (lead < 0xf0) return 3;
    return lead < 0xf5 ? 4 : 0;
}

bool is_character(const unsigned char* at, std::size_t length) noexcept {
    for (std::size_t i = 1; i < length; ++i)
        if ((at[i] & 0xc0) != 0x80) return false;
    if (at[0] == 0xe0) return at[1] >= 0xa0;  // else it would be shorter
    if (at[0] == 0xf0) return at[1] >= 0x90;
    return at[0] != 0xf4 || at[1] < 0x90;
}

}  // namespace

std::size_t valid_utf8(std::string_view text) noexcept {
    const auto* begin = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t eight = 0;
        if (text.size() - at >= sizeof eight) std::memcpy(&eight, begin + at, sizeof eight);
        if (text.size() - at >= sizeof eight && (eight & 0x8080808080808080) == 0) {
            at += sizeof eight;
            continue;
        }
        std::size_t length = utf8_length(begin[at]);
        if (length == 0 || text.size() - at < length || !is_character(begin + at, length)) return at;
        at += length;
    }
    return at;
}

void fail_object_depth() {
    throw SerializationError("", "a value nests more than " + std::to_string(Object::kMaxDepth) + " levels deep");
}

void ObjectAccess::raise_depth(ObjectNode& node, int part) {
    if (part >= Object::kMaxDepth) fail_object_depth();
    node.depth = std::max(node.depth, static_cast<std::uint16_t>(part + 1));
}

Object ObjectAccess::make_bytes(Kind kind, std::string_view content) {
    void* memory = ::operator new(sizeof(BytesNode) + content.size());
    auto* node = new (memory) BytesNode(content.size());
    if (!content.empty()) std::memcpy(node->data(), content.data(), content.size());
    return make(kind, node);
}

Object ObjectAccess::make_shared_bytes(Kind kind, std::string_view content, std::shared_ptr<const void> memory) {
    return make(kind, new SharedBytesNode(content, std::move(memory)));
}

Object ObjectAccess::make_str(std::string_view text) {
    return text.size() <= kSmall ? make_small(text) : make_bytes(Kind::str, text);
}

Object ObjectAccess::make_integer(BigInteger value) {
    if (auto small = value.to_int64()) return *small;
    return make(Kind::integer, new IntegerNode(std::move(value)));
}

Object ObjectAccess::make_sequence(Kind kind, std::vector<Object> elements) {
    int deepest = 0;
    for (const Object& each : elements) deepest = std::max(deepest, depth(each));
    Object object = make(kind, new SequenceNode(std::move(elements)));
    raise_depth(*node(object), deepest);
    return object;
}

Object ObjectAccess::make_dict(Kind kind, ObjectDict items) {
    const int deepest = depth(items);
    Object object = make(kind, new DictNode(std::move(items)));
    raise_depth(*node(object), deepest);
    return object;
}

Object ObjectAccess::make_set(Kind kind, std::span<Object> elements) {
    ObjectDict keys;
    keys.reserve(elements.size());
    for (Object& each : elements) keys.insert(std::move(each), Object());
    return make_dict(kind, std::move(keys));
}

namespace {

int depth_of(const ObjectInstance& parts) {
    int deepest = std::max({ObjectAccess::depth(parts.callable), ObjectAccess::depth(parts.args),
                            ObjectAccess::depth(parts.kwds), parts.state ? ObjectAccess::depth(*parts.state) : 0});
    for (const Object& each : parts.list_items) deepest = std::max(deepest, ObjectAccess::depth(each));
    for (const auto& [key, value] : parts.dict_items)
        deepest = std::max({deepest, ObjectAccess::depth(key), ObjectAccess::depth(value)});
    return deepest;
}

}  // namespace

Object ObjectAccess::make_instance(ObjectInstance parts) {
    const int deepest = depth_of(parts);
    Object object = make(Kind::instance, new InstanceNode(std::move(parts)));
    raise_depth(*node(object), deepest);
    return object;
}

void ObjectAccess::classify(Object& object) {
    object.kind_ = kind_of_instance(node<InstanceNode>(object).parts);
}

void ObjectAccess::destroy(Object& object) noexcept {
    switch (object.kind()) {
        case Kind::str:
        case Kind::bytes:
        case Kind::bytearray:
            if (node(object)->elsewhere) return delete &node<SharedBytesNode>(object);
            node<BytesNode>(object).~BytesNode();
            return ::operator delete(node(object));
        case Kind::integer:
            return delete &node<IntegerNode>(object);
        case Kind::complex:
            return delete &node<ComplexNode>(object);
        case Kind::list:
        case Kind::tuple:
            return delete &node<SequenceNode>(object);
        case Kind::dict:
        case Kind::set:
        case Kind::frozenset:
            return delete &node<DictNode>(object);
        case Kind::global:
            return delete &node<GlobalNode>(object);
        default:
            return delete &node<InstanceNode>(object);
    }
}

}  // namespace serial::detail

void Object::add_owner() const noexcept {
    ObjectAccess::node(*this)->owners.fetch_add(1, std::memory_order_relaxed);
}

void Object::release() noexcept {
    // Acquire and release: the last one destroys what all others have done with.
    ObjectNode* node = ObjectAccess::node(*this);
    if (node->owners.load(std::memory_order_acquire) == 1 || node->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
        ObjectAccess::destroy(*this);
}

// --- Made from values of C++. ---

Object Object::from_complex(std::complex<double> value) {
    return ObjectAccess::make(Kind::complex, new ComplexNode(value));
}

Object::Object(std::string_view text) : Object() {
    const std::size_t valid = serial::detail::valid_utf8(text);
    if (valid != text.size())
        throw ValueError("the text is not UTF-8 at byte " + std::to_string(valid) + ": send it as bytes");
    *this = ObjectAccess::make_str(text);
}

Object Object::from_unsigned(std::uint64_t value) {
    return ObjectAccess::make_integer(BigInteger::from_unsigned(value));
}

Object Object::integer(std::string_view decimal) {
    auto value = BigInteger::from_decimal(decimal);
    if (!value) throw ValueError("invalid literal for int(): " + Object(decimal).repr());
    return ObjectAccess::make_integer(std::move(*value));
}

Object Object::bytes(std::span<const std::byte> content) {
    return bytes(std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
}
Object Object::bytes(std::string_view content) {
    return ObjectAccess::make_bytes(Kind::bytes, content);
}
Object Object::bytearray(std::span<const std::byte> content) {
    return ObjectAccess::make_bytes(Kind::bytearray, {reinterpret_cast<const char*>(content.data()), content.size()});
}

Object Object::list(std::initializer_list<Object> elements) {
    return list(std::vector<Object>(elements));
}
Object Object::list(std::vector<Object> elements) {
    return ObjectAccess::make_sequence(Kind::list, std::move(elements));
}
Object Object::tuple(std::initializer_list<Object> elements) {
    return tuple(std::vector<Object>(elements));
}
Object Object::tuple(std::vector<Object> elements) {
    return ObjectAccess::make_sequence(Kind::tuple, std::move(elements));
}
Object Object::dict(std::initializer_list<std::pair<Object, Object>> items) {
    return dict(ObjectDict(items));
}
Object Object::dict(ObjectDict items) {
    return ObjectAccess::make_dict(Kind::dict, std::move(items));
}
Object Object::set(std::initializer_list<Object> elements) {
    return set(std::vector<Object>(elements));
}
Object Object::set(std::vector<Object> elements) {
    return ObjectAccess::make_set(Kind::set, elements);
}
Object Object::frozenset(std::initializer_list<Object> elements) {
    return frozenset(std::vector<Object>(elements));
}
Object Object::frozenset(std::vector<Object> elements) {
    return ObjectAccess::make_set(Kind::frozenset, elements);
}

Object Object::global(std::string module, std::string qualname) {
    return ObjectAccess::make(Kind::global, new GlobalNode({std::move(module), std::move(qualname)}));
}

Object Object::instance(ObjectInstance parts) {
    if (!parts.callable.is(Kind::global) && !parts.callable.is_instance())
        throw ValueError("the callable of an instance is no class or function");
    if (!parts.args.is(Kind::tuple)) throw ValueError("the arguments of an instance are a tuple");
    if (parts.form == ObjectInstance::Form::new_kwds ? !parts.kwds.is(Kind::dict) : !parts.kwds.is_none())
        throw ValueError("the keywords of an instance are a dict where it is made with them, else None");
    Object object = ObjectAccess::make_instance(std::move(parts));
    ObjectAccess::classify(object);
    return object;
}

namespace {

Object call(std::string module, std::string qualname, std::vector<Object> args) {
    ObjectInstance parts;
    parts.callable = Object::global(std::move(module), std::move(qualname));
    parts.args = Object::tuple(std::move(args));
    return Object::instance(std::move(parts));
}

bool is_index(const Object& object) {
    return object.is(Object::Kind::integer) || object.is(Object::Kind::boolean);
}

}  // namespace

Object Object::range(Object start, Object stop, Object step) {
    if (!is_index(start) || !is_index(stop) || !is_index(step)) throw TypeError("a range is of integers");
    if (step == 0) throw ValueError("range() arg 3 must not be zero");
    return call("builtins", "range", {std::move(start), std::move(stop), std::move(step)});
}

Object Object::slice(Object start, Object stop, Object step) {
    return call("builtins", "slice", {std::move(start), std::move(stop), std::move(step)});
}

Object Object::exception(std::string_view name, std::vector<Object> args) {
    return exception("builtins", name, std::move(args));
}

Object Object::exception(std::string_view module, std::string_view name, std::vector<Object> args) {
    Object object = call(std::string(module), std::string(name), std::move(args));
    if (object.is(Kind::instance)) object.kind_ = Kind::exception;
    return object;
}

Object Object::token(std::string_view type_id, Object address, std::string_view id) {
    ObjectInstance parts;
    parts.callable = global("multiprocessing.managers", "Token");
    parts.form = ObjectInstance::Form::new_call;
    parts.state = tuple({type_id, std::move(address), id});
    return instance(std::move(parts));
}

Object Object::proxy(Object function, Object token, Object kwds, Object serializer) {
    return call("multiprocessing.managers", "RebuildProxy",
                {std::move(function), std::move(token), std::move(serializer), std::move(kwds)});
}

// --- What it is. ---

namespace {

[[noreturn]] void fail_kind(const Object& object, const char* wanted) {
    serial::detail::fail_object_type(nullptr, object, wanted);
}

}  // namespace

bool Object::as_bool() const {
    if (!is(Kind::boolean)) fail_kind(*this, "bool");
    return ObjectAccess::inside_int(*this) != 0;
}

std::int64_t Object::as_int() const {
    if (!is(Kind::integer) && !is(Kind::boolean)) fail_kind(*this, "int");
    if (!fits_int64()) serial::detail::fail_object_range(nullptr, *this, "std::int64_t");
    return ObjectAccess::inside_int(*this);
}

double Object::as_float() const {
    if (is(Kind::floating)) return ObjectAccess::inside_double(*this);
    if (fits_int64()) return static_cast<double>(ObjectAccess::inside_int(*this));
    if (!is(Kind::integer)) fail_kind(*this, "float");
    auto value = ObjectAccess::node<IntegerNode>(*this).value.to_double();
    if (!value) throw ValueError("int too large to convert to float");
    return *value;
}

std::complex<double> Object::as_complex() const {
    if (is(Kind::complex)) return ObjectAccess::node<ComplexNode>(*this).value;
    if (kind_ < Kind::boolean || kind_ > Kind::floating) fail_kind(*this, "complex");
    return as_float();
}

std::string_view Object::as_str() const {
    if (!is(Kind::str)) fail_kind(*this, "str");
    return ObjectAccess::text(*this);
}

std::span<const std::byte> Object::as_bytes() const {
    if (!is(Kind::bytes) && !is(Kind::bytearray)) fail_kind(*this, "bytes");
    std::string_view text = ObjectAccess::text(*this);
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::span<const Object> Object::as_sequence() const {
    if (!is(Kind::list) && !is(Kind::tuple)) fail_kind(*this, "list");
    return ObjectAccess::node<SequenceNode>(*this).elements;
}

const ObjectDict& Object::as_dict() const {
    if (!is(Kind::dict)) fail_kind(*this, "dict");
    return ObjectAccess::items(*this);
}

const GlobalName& Object::as_global() const {
    if (!is(Kind::global)) fail_kind(*this, "class or function");
    return ObjectAccess::node<GlobalNode>(*this).name;
}

const ObjectInstance& Object::as_instance() const {
    if (!is_instance()) fail_kind(*this, "instance of a class");
    return ObjectAccess::node<InstanceNode>(*this).parts;
}

const GlobalName& Object::class_name() const {
    const Object* callable = &as_instance().callable;
    while (callable->is_instance()) callable = &callable->as_instance().callable;
    return callable->as_global();
}

const Object& Object::args() const {
    return as_instance().args;
}

ObjectToken ObjectToken::from(const Object& object) {
    if (!object.is(Object::Kind::token)) fail_kind(object, "token");
    std::span<const Object> parts = object.as_instance().state->as_sequence();
    return {std::string(parts[0].as_str()), parts[1], std::string(parts[2].as_str())};
}

ObjectProxyParts ObjectProxyParts::from(const Object& object) {
    if (!object.is(Object::Kind::proxy)) fail_kind(object, "proxy");
    std::span<const Object> parts = object.args().as_sequence();
    return {parts[0].as_global(), ObjectToken::from(parts[1]), parts[2], parts[3]};
}

}  // namespace cohort
