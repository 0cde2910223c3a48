// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "serial/object/big_integer.hpp"

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

// What an Object points to when its value is not inside.
namespace cohort::serial::detail {

/// The head of every node. Nodes with more than one owner do not change, except for `repeated`.
///
/// Invariant: `depth` is at least 1 more than that of every part, and at most Object::kMaxDepth: so what walks over a
/// value may call itself for the parts, and so may the destructors.
struct ObjectNode {
    std::atomic<std::uint32_t> owners{1};
    std::uint16_t depth = 0;
    // A message held this one part in several places. It is written once, and named in the other places.
    bool repeated = false;
    // Of a BytesNode: it is a SharedBytesNode.
    bool elsewhere = false;
};

/// Of a str, bytes or a bytearray; the bytes stand behind it.
struct BytesNode : ObjectNode {
    explicit BytesNode(std::size_t length) noexcept : size(length) {}
    std::size_t size;
    char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// The same with bytes that stand in memory of others: of the message that brought them.
struct SharedBytesNode : BytesNode {
    SharedBytesNode(std::string_view content, std::shared_ptr<const void> owner) noexcept
        : BytesNode(content.size()), begin(content.data()), memory(std::move(owner)) {
        elsewhere = true;
    }
    const char* begin;
    std::shared_ptr<const void> memory;
};

struct IntegerNode : ObjectNode {
    explicit IntegerNode(BigInteger number) : value(std::move(number)) {}
    BigInteger value;
};

struct ComplexNode : ObjectNode {
    explicit ComplexNode(std::complex<double> number) : value(number) {}
    std::complex<double> value;
};

/// Of a list or a tuple.
struct SequenceNode : ObjectNode {
    explicit SequenceNode(std::vector<Object> of) : elements(std::move(of)) {}
    std::vector<Object> elements;
};

/// Of a dict; or of a set or a frozenset, whose elements are the keys.
struct DictNode : ObjectNode {
    explicit DictNode(ObjectDict of) : items(std::move(of)) {}
    ObjectDict items;
};

struct GlobalNode : ObjectNode {
    explicit GlobalNode(GlobalName of) : name(std::move(of)) {}
    GlobalName name;
};

struct InstanceNode : ObjectNode {
    explicit InstanceNode(ObjectInstance of) : parts(std::move(of)) {}
    ObjectInstance parts;
};

/// What the parts of the implementation may do with an Object beyond its public functions.
struct ObjectAccess {
    using Kind = Object::Kind;

    static bool has_node(const Object& object) noexcept { return object.form_ == Object::kNode; }
    static ObjectNode* node(const Object& object) noexcept {
        ObjectNode* node = nullptr;
        std::memcpy(static_cast<void*>(&node), object.inside_, sizeof(void*));
        return node;
    }
    template <class Node>
    static Node& node(const Object& object) noexcept {
        return *static_cast<Node*>(node(object));
    }
    /// Takes over the node.
    static Object make(Kind kind, ObjectNode* node) noexcept {
        Object object;
        std::memcpy(object.inside_, static_cast<const void*>(&node), sizeof(void*));
        object.form_ = Object::kNode;
        object.kind_ = kind;
        return object;
    }
    /// Text of up to Object::kSmall bytes.
    static Object make_small(std::string_view text) noexcept {
        Object object;
        if (!text.empty()) std::memcpy(object.inside_, text.data(), text.size());
        object.form_ = static_cast<std::uint8_t>(text.size());
        object.kind_ = Kind::str;
        return object;
    }
    static constexpr std::size_t kSmall = Object::kSmall;

    static std::int64_t inside_int(const Object& object) noexcept {
        std::int64_t value = 0;
        std::memcpy(&value, object.inside_, sizeof value);
        return value;
    }
    static double inside_double(const Object& object) noexcept {
        double value = 0;
        std::memcpy(&value, object.inside_, sizeof value);
        return value;
    }
    /// The bytes of a str, bytes or a bytearray. REQUIRES: it is one.
    static std::string_view text(const Object& object) noexcept {
        if (!has_node(object)) return {object.inside_, object.form_};
        auto& bytes = node<BytesNode>(object);
        return {bytes.elsewhere ? node<SharedBytesNode>(object).begin : bytes.data(), bytes.size};
    }
    static int depth(const Object& object) noexcept { return has_node(object) ? node(object)->depth : 0; }

    static Object gone() noexcept {
        Object object;
        object.form_ = Object::const_iterator::kGone;
        return object;
    }
    static bool is_gone(const Object& object) noexcept { return object.form_ == Object::const_iterator::kGone; }
    static Object::const_iterator walk(const void* at, const void* end, std::size_t stride) noexcept {
        return {at, end, stride};
    }

    static Object::const_iterator keys(ObjectDict::const_iterator items) noexcept { return items.keys_; }
    static const ObjectDict& items(const Object& object) noexcept { return node<DictNode>(object).items; }
    /// Of the key, as it was when it was added.
    static std::size_t hash(const ObjectDict::Item& item) noexcept { return item.hash_; }
    static int depth(const ObjectDict& dict) noexcept { return dict.depth_; }
    /// Adds a key that Python told apart from all others, whether it looks the same or not.
    static void add_distinct(ObjectDict& dict, Object key, Object value) {
        const std::size_t hash = key.hash();
        dict.add(std::move(key), std::move(value), hash);
    }

    /// Marks what a message names again.
    static void set_repeated(const Object& object) noexcept {
        if (has_node(object)) node(object)->repeated = true;
    }

    /// A str whose bytes are known to be UTF-8.
    static Object make_str(std::string_view text);
    static Object make_bytes(Kind kind, std::string_view content);
    /// Without a copy. @param memory  keeps the content, which nobody changes
    static Object make_shared_bytes(Kind kind, std::string_view content, std::shared_ptr<const void> memory);
    static Object make_integer(BigInteger value);
    static Object make_sequence(Kind kind, std::vector<Object> elements);
    static Object make_dict(Kind kind, ObjectDict items);
    static Object make_set(Kind kind, std::span<Object> elements);
    /// Not yet told which kind it is.
    static Object make_instance(ObjectInstance parts);
    /// The node of a container, for this object alone: copied if it is shared.
    template <class Node>
    static Node& own(Object& object);
    /// Counts a part in.
    static void raise_depth(ObjectNode& node, int part);
    /// Tells which kind an instance is, when its parts have changed.
    static void classify(Object& object);

    static void destroy(Object& object) noexcept;
};

/// Throws SerializationError.
[[noreturn]] void fail_object_depth();

/// The number of bytes at the front that are UTF-8, with surrogates as characters; text.size() if all are.
std::size_t valid_utf8(std::string_view text) noexcept;

template <class Node>
Node& ObjectAccess::own(Object& object) {
    // Acquire: what a former owner did before it let go has happened.
    if (node(object)->owners.load(std::memory_order_acquire) != 1) {
        auto& old = node<Node>(object);
        Node* copy = nullptr;
        if constexpr (requires { old.elements; })
            copy = new Node(old.elements);
        else
            copy = new Node(old.items);
        copy->depth = old.depth;
        object = make(object.kind(), copy);
    }
    return node<Node>(object);
}

}  // namespace cohort::serial::detail
