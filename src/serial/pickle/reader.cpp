// SPDX-License-Identifier: MIT
#include "serial/pickle/reader.hpp"

#include <cohort/serial/object_dict.hpp>

#include "serial/object/node.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace cohort::pickle {

using serial::BigInteger;
using serial::detail::ObjectAccess;
using Form = ObjectInstance::Form;

namespace {

constexpr std::size_t kUsualStack = 8;  // a call of a manager has four parts and three arguments

}  // namespace

Reader::Reader(std::span<const std::byte> bytes, const Limits& limits, std::shared_ptr<const void> memory)
    : bytes_(bytes),
      limits_(limits),
      parts_left_(limits.parts + limits.growth * std::uint64_t{bytes.size()}),
      memory_(std::move(memory)) {
    stack_.reserve(kUsualStack);
}

Object Reader::run() {
    try {
        while (true) {
            opcode_at_ = at_;
            const auto opcode = static_cast<Opcode>(number<std::uint8_t>());
            if (opcode == Opcode::STOP) break;
            step(opcode);
        }
        Object result = pop();
        if (!stack_.empty() || !marks_.empty()) fail("values are left over");
        if (left() != 0) fail(std::to_string(left()) + " bytes follow");
        if (serial::detail::ObjectAccess::depth(result) > limits_.depth) fail("its value nests deeper than allowed");
        return result;
    } catch (const SerializationError& error) {
        if (error.type() == "pickle") throw;
        fail(error.what());
    } catch (const Error& error) {
        fail(error.what());
    } catch (const std::length_error&) {
        fail("it is longer than memory can be");
    }
}

void Reader::fail(const std::string& why) const {
    std::string text = "pickle: at byte " + std::to_string(opcode_at_);
    if (opcode_at_ < bytes_.size()) {
        std::string_view name = opcode_name(static_cast<Opcode>(bytes_[opcode_at_]));
        text += name.empty() ? ", unknown opcode" : ", " + std::string(name);
    }
    throw SerializationError("pickle", text + ": " + why);
}

// --- The bytes. ---

std::string_view Reader::take(std::uint64_t size) {
    if (size > left()) fail("the message ends");
    std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(size));
    at_ += taken.size();
    return taken;
}

std::string_view Reader::take_line() {
    std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, left());
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) fail("the message ends");
    at_ += end + 1;
    return rest.substr(0, end);
}

// --- The stack. ---

Object Reader::pop() {
    if (stack_.size() <= base()) fail("the stack is empty");
    Object object = std::move(stack_.back());
    stack_.pop_back();
    return object;
}

Object& Reader::top() {
    if (stack_.size() <= base()) fail("the stack is empty");
    return stack_.back();
}

std::vector<Object> Reader::pop_to_mark() {
    if (marks_.empty()) fail("there is no mark");
    auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Object> objects(std::make_move_iterator(from), std::make_move_iterator(stack_.end()));
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return objects;
}

std::vector<Object> Reader::pop_many(std::size_t count) {
    std::vector<Object> objects(count);
    while (count > 0) objects[--count] = pop();
    return objects;
}

// --- The memo. ---

void Reader::memoize(std::uint64_t index) {
    const Object& object = top();
    if (index < memo_.size())
        memo_[static_cast<std::size_t>(index)] = object;
    else if (index == memo_.size())
        memo_.push_back(object);
    else
        sparse_memo_[index] = object;
}

void Reader::recall(std::uint64_t index) {
    const Object* found = nullptr;
    if (index < memo_.size()) {
        found = &memo_[static_cast<std::size_t>(index)];
    } else if (auto sparse = sparse_memo_.find(index); sparse != sparse_memo_.end()) {
        found = &sparse->second;
    }
    if (!found) fail("nothing has the number " + std::to_string(index));
    repeat(*found);
}

// Pushes what was there before. From now on it does not change.
void Reader::repeat(const Object& object) {
    charge(object);
    ObjectAccess::set_repeated(object);
    push(object);
    if (object.is_instance()) ObjectAccess::classify(stack_.back());  // it may have got its state since
}

namespace {

// Takes the parts of a value off what is left, each as often as it occurs; false if they are more.
bool charge_parts(const Object& object, std::uint64_t& left);

bool charge_all(std::span<const Object> objects, std::uint64_t& left) {
    return std::all_of(objects.begin(), objects.end(), [&](const Object& each) { return charge_parts(each, left); });
}

bool charge_items(const auto& items, std::uint64_t& left) {
    return std::all_of(items.begin(), items.end(), [&](const auto& item) {
        const auto& [key, value] = item;
        return charge_parts(key, left) && charge_parts(value, left);
    });
}

bool charge_instance(const ObjectInstance& parts, std::uint64_t& left) {
    return charge_parts(parts.callable, left) && charge_parts(parts.args, left) && charge_parts(parts.kwds, left) &&
           charge_all(parts.list_items, left) && charge_items(parts.dict_items, left) &&
           (!parts.state || charge_parts(*parts.state, left));
}

bool charge_parts(const Object& object, std::uint64_t& left) {
    std::uint64_t cost = 1;
    if (object.is(Object::Kind::str) || object.is(Object::Kind::bytes) || object.is(Object::Kind::bytearray))
        cost += ObjectAccess::text(object).size() / 16;
    else if (object.is(Object::Kind::integer) && !object.fits_int64())
        cost += ObjectAccess::node<serial::detail::IntegerNode>(object).value.bit_length() / 128;
    if (cost > left) return false;
    left -= cost;
    switch (object.kind()) {
        case Object::Kind::list:
        case Object::Kind::tuple:
            return charge_all(object.as_sequence(), left);
        case Object::Kind::dict:
        case Object::Kind::set:
        case Object::Kind::frozenset:
            return charge_items(ObjectAccess::items(object), left);
        default:
            return !object.is_instance() || charge_instance(object.as_instance(), left);
    }
}

}  // namespace

void Reader::charge(const Object& object) {
    if (!charge_parts(object, parts_left_)) fail("the value is too large: the message holds the same parts too often");
}

// --- The operations. ---

void Reader::step(Opcode opcode) {
    if (step_number(opcode) || step_text(opcode) || step_container(opcode) || step_memo(opcode) ||
        step_instance(opcode))
        return;
    switch (opcode) {
        case Opcode::PERSID:
        case Opcode::BINPERSID:
            fail("persistent ids are not supported");
        case Opcode::EXT1:
        case Opcode::EXT2:
        case Opcode::EXT4:
            fail("the extension registry is not supported");
        case Opcode::NEXT_BUFFER:
        case Opcode::READONLY_BUFFER:
            fail("buffers outside of the message are not supported");
        default:
            fail("there is no such opcode");
    }
}

bool Reader::step_number(Opcode opcode) {
    switch (opcode) {
        case Opcode::NONE:
            push({});
            return true;
        case Opcode::NEWTRUE:
            push(true);
            return true;
        case Opcode::NEWFALSE:
            push(false);
            return true;
        case Opcode::BININT:
            push(number<std::int32_t>());
            return true;
        case Opcode::BININT1:
            push(number<std::uint8_t>());
            return true;
        case Opcode::BININT2:
            push(number<std::uint16_t>());
            return true;
        case Opcode::LONG1:
            long_bytes(number<std::uint8_t>());
            return true;
        case Opcode::LONG4:
            long_bytes(number<std::int32_t>());
            return true;
        case Opcode::BINFLOAT:
            push(std::bit_cast<double>(__builtin_bswap64(number<std::uint64_t>())));
            return true;
        case Opcode::INT:
            integer_line();
            return true;
        case Opcode::LONG:
            long_line();
            return true;
        case Opcode::FLOAT:
            float_line();
            return true;
        default:
            return false;
    }
}

bool Reader::step_text(Opcode opcode) {
    switch (opcode) {
        case Opcode::SHORT_BINUNICODE:
            str(take(number<std::uint8_t>()));
            return true;
        case Opcode::BINUNICODE:
            str(take(number<std::uint32_t>()));
            return true;
        case Opcode::BINUNICODE8:
            str(take(number<std::uint64_t>()));
            return true;
        case Opcode::SHORT_BINBYTES:
            push(bytes(Kind::bytes, take(number<std::uint8_t>())));
            return true;
        case Opcode::BINBYTES:
            push(bytes(Kind::bytes, take(number<std::uint32_t>())));
            return true;
        case Opcode::BINBYTES8:
            push(bytes(Kind::bytes, take(number<std::uint64_t>())));
            return true;
        case Opcode::BYTEARRAY8:
            push(bytes(Kind::bytearray, take(number<std::uint64_t>())));
            return true;
        case Opcode::SHORT_BINSTRING:
            ascii(take(number<std::uint8_t>()));
            return true;
        case Opcode::BINSTRING:
            ascii(take(number<std::uint32_t>()));
            return true;
        case Opcode::STRING:
            string_line();
            return true;
        case Opcode::UNICODE:
            unicode_line();
            return true;
        default:
            return false;
    }
}

bool Reader::step_container(Opcode opcode) {
    switch (opcode) {
        case Opcode::EMPTY_LIST:
            push(Object::list());
            return true;
        case Opcode::EMPTY_TUPLE:
            push(Object::tuple());
            return true;
        case Opcode::EMPTY_DICT:
            push(Object::dict());
            return true;
        case Opcode::EMPTY_SET:
            push(Object::set());
            return true;
        case Opcode::LIST:
            push(Object::list(pop_to_mark()));
            return true;
        case Opcode::TUPLE:
            push(Object::tuple(pop_to_mark()));
            return true;
        case Opcode::TUPLE1:
            push(Object::tuple(pop_many(1)));
            return true;
        case Opcode::TUPLE2:
            push(Object::tuple(pop_many(2)));
            return true;
        case Opcode::TUPLE3:
            push(Object::tuple(pop_many(3)));
            return true;
        case Opcode::DICT:
            make_dict(pop_to_mark());
            return true;
        case Opcode::FROZENSET:
            make_frozenset(pop_to_mark());
            return true;
        case Opcode::APPEND:
            append(pop_many(1));
            return true;
        case Opcode::APPENDS:
            append(pop_to_mark());
            return true;
        case Opcode::SETITEM:
            set_items(pop_many(2));
            return true;
        case Opcode::SETITEMS:
            set_items(pop_to_mark());
            return true;
        case Opcode::ADDITEMS:
            add_items(pop_to_mark());
            return true;
        default:
            return false;
    }
}

bool Reader::step_memo(Opcode opcode) {
    switch (opcode) {
        case Opcode::PROTO:
            protocol(number<std::uint8_t>());
            return true;
        case Opcode::FRAME:
            if (number<std::uint64_t>() > left()) fail("the message ends");
            return true;
        case Opcode::MARK:
            marks_.push_back(stack_.size());
            return true;
        case Opcode::POP:
            pop_one();
            return true;
        case Opcode::POP_MARK:
            static_cast<void>(pop_to_mark());
            return true;
        case Opcode::DUP:
            repeat(Object(top()));
            return true;
        case Opcode::MEMOIZE:
            memoize(memo_.size());
            return true;
        case Opcode::PUT:
            memoize(index_line());
            return true;
        case Opcode::BINPUT:
            memoize(number<std::uint8_t>());
            return true;
        case Opcode::LONG_BINPUT:
            memoize(number<std::uint32_t>());
            return true;
        case Opcode::GET:
            recall(index_line());
            return true;
        case Opcode::BINGET:
            recall(number<std::uint8_t>());
            return true;
        case Opcode::LONG_BINGET:
            recall(number<std::uint32_t>());
            return true;
        default:
            return false;
    }
}

bool Reader::step_instance(Opcode opcode) {
    switch (opcode) {
        case Opcode::GLOBAL: {
            std::string_view module = take_line();
            global(module, take_line());
            return true;
        }
        case Opcode::STACK_GLOBAL:
            stack_global();
            return true;
        case Opcode::REDUCE:
            call();
            return true;
        case Opcode::NEWOBJ:
            make(Form::new_call);
            return true;
        case Opcode::NEWOBJ_EX:
            make(Form::new_kwds);
            return true;
        case Opcode::INST: {
            std::string_view module = take_line();
            global(module, take_line());
            Object callable = pop();
            make_old(std::move(callable), pop_to_mark());
            return true;
        }
        case Opcode::OBJ: {
            std::vector<Object> args = pop_to_mark();
            if (args.empty()) fail("the class is missing");
            Object callable = std::move(args.front());
            args.erase(args.begin());
            make_old(std::move(callable), std::move(args));
            return true;
        }
        case Opcode::BUILD:
            build();
            return true;
        default:
            return false;
    }
}

void Reader::protocol(int version) {
    if (version > kHighestProtocol) fail("protocol " + std::to_string(version) + " is not supported");
    protocol_ = version;
}

void Reader::long_bytes(std::int64_t size) {
    if (size < 0) fail("a negative length");
    if (static_cast<std::uint64_t>(size) > limits_.integer_bytes)
        fail("an int of " + std::to_string(size) + " bytes is beyond the limit");
    std::string_view bytes = take(static_cast<std::uint64_t>(size));
    push(ObjectAccess::make_integer(BigInteger::from_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())))));
}

Object Reader::bytes(Kind kind, std::string_view content) {
    const bool shares = memory_ && content.size() > kLongestCopy && content.size() >= bytes_.size() / 2;
    return shares ? ObjectAccess::make_shared_bytes(kind, content, memory_) : ObjectAccess::make_bytes(kind, content);
}

void Reader::str(std::string_view utf8) {
    const std::size_t valid = serial::detail::valid_utf8(utf8);
    if (valid != utf8.size()) fail("the text is not UTF-8 at its byte " + std::to_string(valid));
    push(utf8.size() > ObjectAccess::kSmall ? bytes(Kind::str, utf8) : ObjectAccess::make_str(utf8));
}

void Reader::ascii(std::string_view text) {
    if (!std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        fail("a string of Python 2 is not ASCII");
    push(ObjectAccess::make_str(text));
}

}  // namespace cohort::pickle
