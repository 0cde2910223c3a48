// SPDX-License-Identifier: MIT
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>

#include "serial/object/node.hpp"
#include "serial/pickle/opcodes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace cohort::pickle {

namespace {

using Kind = Object::Kind;
using serial::Sink;
using serial::detail::IntegerNode;
using serial::detail::ObjectAccess;
using serial::detail::ObjectNode;

constexpr std::size_t kMost8 = std::numeric_limits<std::uint8_t>::max();
constexpr std::size_t kMost32 = std::numeric_limits<std::uint32_t>::max();

// Writes protocol 4. It calls itself for the parts of a value: values are not deeper than Object::kMaxDepth.
class Writer {
public:
    explicit Writer(Sink& sink) : sink_(sink) {}

    void message(const Object& object) {
        put(Opcode::PROTO);
        number<std::uint8_t>(4);
        value(object);
        put(Opcode::STOP);
    }

private:
    void put(Opcode opcode) { *sink_.reserve(1) = static_cast<std::byte>(opcode); }

    template <class Integer>
    void number(Integer value) {
        sink_.write(&value, sizeof value);
    }

    // What came as one object in several places goes as one: written once, then named.
    void value(const Object& object) {
        ObjectNode* node = ObjectAccess::has_node(object) ? ObjectAccess::node(object) : nullptr;
        if (!node || !node->repeated) return whole(object, nullptr);
        auto found = memo_.find(node);
        if (found == memo_.end()) return whole(object, node);
        if (found->second <= kMost8) {
            put(Opcode::BINGET);
            number(static_cast<std::uint8_t>(found->second));
        } else {
            put(Opcode::LONG_BINGET);
            number(found->second);
        }
    }

    // A container is in the memo before its parts, as Python does it.
    void memoize(const ObjectNode* node) {
        if (!node) return;
        put(Opcode::MEMOIZE);
        memo_.emplace(node, static_cast<std::uint32_t>(memo_.size()));
    }

    void whole(const Object& object, const ObjectNode* node) {
        switch (object.kind()) {
            case Kind::nothing:
                return put(Opcode::NONE);
            case Kind::boolean:
                return put(object.as_bool() ? Opcode::NEWTRUE : Opcode::NEWFALSE);
            case Kind::floating:
                return floating(object.as_float());
            case Kind::integer:
                integer(object);
                break;
            case Kind::complex:
                complex(object.as_complex());
                break;
            case Kind::str:
                str(ObjectAccess::text(object));
                break;
            case Kind::bytes:
                bytes(ObjectAccess::text(object));
                break;
            case Kind::bytearray:
                bytearray(ObjectAccess::text(object));
                break;
            case Kind::tuple:
                tuple(object.as_sequence());
                break;
            case Kind::frozenset:
                frozenset(object);
                break;
            case Kind::global:
                global(object.as_global());
                break;
            default:
                return container(object, node);
        }
        memoize(node);
    }

    void container(const Object& object, const ObjectNode* node) {
        switch (object.kind()) {
            case Kind::list:
                put(Opcode::EMPTY_LIST);
                memoize(node);
                return marked(object, Opcode::APPENDS);
            case Kind::set:
                put(Opcode::EMPTY_SET);
                memoize(node);
                return marked(object, Opcode::ADDITEMS);
            case Kind::dict:
                put(Opcode::EMPTY_DICT);
                memoize(node);
                return items(object.as_dict());
            default:
                return instance(object.as_instance(), node);
        }
    }

    void floating(double value) {
        put(Opcode::BINFLOAT);
        number(__builtin_bswap64(std::bit_cast<std::uint64_t>(value)));  // the highest byte first
    }

    void integer(const Object& object) {
        if (!object.fits_int64()) return long_integer(ObjectAccess::node<IntegerNode>(object).value.to_bytes());
        const std::int64_t value = object.as_int();
        if (value >= 0 && value <= std::numeric_limits<std::uint8_t>::max()) {
            put(Opcode::BININT1);
            number(static_cast<std::uint8_t>(value));
        } else if (value >= 0 && value <= std::numeric_limits<std::uint16_t>::max()) {
            put(Opcode::BININT2);
            number(static_cast<std::uint16_t>(value));
        } else if (value >= std::numeric_limits<std::int32_t>::min() &&
                   value <= std::numeric_limits<std::int32_t>::max()) {
            put(Opcode::BININT);
            number(static_cast<std::int32_t>(value));
        } else {
            long_integer(serial::BigInteger(value).to_bytes());
        }
    }
    void long_integer(const std::vector<std::byte>& value) {
        if (value.size() <= kMost8) {
            put(Opcode::LONG1);
            number(static_cast<std::uint8_t>(value.size()));
        } else if (value.size() <= kMost32 / 2) {
            put(Opcode::LONG4);
            number(static_cast<std::int32_t>(value.size()));
        } else {
            throw SerializationError("", "an int of " + std::to_string(value.size()) + " bytes cannot be pickled");
        }
        // Not by write(): a sink may send what is in the Object from where it is, but this is not.
        if (!value.empty()) std::memcpy(sink_.reserve(value.size()), value.data(), value.size());
    }

    // An operation for each number of bytes that the length takes.
    void sized(std::string_view content, Opcode small, Opcode medium, Opcode large) {
        if (content.size() <= kMost8) {
            put(small);
            number(static_cast<std::uint8_t>(content.size()));
        } else if (content.size() <= kMost32) {
            put(medium);
            number(static_cast<std::uint32_t>(content.size()));
        } else {
            put(large);
            number(static_cast<std::uint64_t>(content.size()));
        }
        sink_.write(content.data(), content.size());
    }
    void str(std::string_view text) { sized(text, Opcode::SHORT_BINUNICODE, Opcode::BINUNICODE, Opcode::BINUNICODE8); }
    void bytes(std::string_view content) {
        sized(content, Opcode::SHORT_BINBYTES, Opcode::BINBYTES, Opcode::BINBYTES8);
    }
    void global(const GlobalName& name) {
        // Where the class stands by its public name in every version of Python.
        str(name.module == "_queue" && name.qualname == "Empty" ? "queue" : std::string_view(name.module));
        str(name.qualname);
        put(Opcode::STACK_GLOBAL);
    }
    void builtin(std::string_view name) {
        str("builtins");
        str(name);
        put(Opcode::STACK_GLOBAL);
    }
    void bytearray(std::string_view content) {
        builtin("bytearray");
        if (content.empty()) {
            put(Opcode::EMPTY_TUPLE);
        } else {
            bytes(content);
            put(Opcode::TUPLE1);
        }
        put(Opcode::REDUCE);
    }
    void complex(std::complex<double> value) {
        builtin("complex");
        floating(value.real());
        floating(value.imag());
        put(Opcode::TUPLE2);
        put(Opcode::REDUCE);
    }

    void tuple(std::span<const Object> elements) {
        constexpr Opcode kBySize[] = {Opcode::EMPTY_TUPLE, Opcode::TUPLE1, Opcode::TUPLE2, Opcode::TUPLE3};
        const bool small = elements.size() < std::size(kBySize);
        if (!small) put(Opcode::MARK);
        for (const Object& each : elements) value(each);
        put(small ? kBySize[elements.size()] : Opcode::TUPLE);
    }
    void frozenset(const Object& object) {
        put(Opcode::MARK);
        for (const Object& each : object) value(each);
        put(Opcode::FROZENSET);
    }
    void marked(const auto& elements, Opcode end) {
        if (elements.empty()) return;
        put(Opcode::MARK);
        for (const Object& each : elements) value(each);
        put(end);
    }
    void items(const auto& pairs) {
        put(Opcode::MARK);
        for (const auto& [key, of] : pairs) {
            value(key);
            value(of);
        }
        put(Opcode::SETITEMS);
    }

    void instance(const ObjectInstance& parts, const ObjectNode* node) {
        using Form = ObjectInstance::Form;
        value(parts.callable);
        value(parts.args);
        if (parts.form == Form::new_kwds) value(parts.kwds);
        put(parts.form == Form::call       ? Opcode::REDUCE
            : parts.form == Form::new_call ? Opcode::NEWOBJ
                                           : Opcode::NEWOBJ_EX);
        memoize(node);
        marked(parts.list_items, Opcode::APPENDS);
        if (!parts.dict_items.empty()) items(parts.dict_items);
        if (!parts.state) return;
        value(*parts.state);
        put(Opcode::BUILD);
    }

    Sink& sink_;
    std::unordered_map<const ObjectNode*, std::uint32_t> memo_{};
};

}  // namespace

void dump(serial::Sink& sink, const Object& object) {
    Writer(sink).message(object);
}

std::vector<std::byte> dumps(const Object& object) {
    serial::BufferSink sink;
    dump(sink, object);
    return {sink.bytes().begin(), sink.bytes().end()};
}

}  // namespace cohort::pickle
