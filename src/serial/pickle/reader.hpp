// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>

#include "serial/pickle/opcodes.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::pickle {

/// Carries out the operations of one message. Nothing in it is believed: a length is compared with what is left before
/// memory is taken, and each operation leaves a valid Object.
///
/// Invariant: what the memo or the stack holds is complete, but for containers that stand on the stack and were never
/// named again (`repeated`): only those are changed in place. So no value can come to hold itself.
class Reader {
public:
    /// Bytes or text that are longer, and at least half of the message, share its memory.
    static constexpr std::size_t kLongestCopy = std::size_t{64} << 10;

    /// @param memory  what the bytes stand in, if values may share it: nobody changes it any more
    Reader(std::span<const std::byte> bytes, const Limits& limits, std::shared_ptr<const void> memory = {});

    /// The value of the message. @throws SerializationError
    Object run();
    /// Whether it may hold a proxy of a manager.
    bool names_proxies() const noexcept { return names_proxies_; }

private:
    using Kind = Object::Kind;

    // --- The bytes. ---
    std::size_t left() const noexcept { return bytes_.size() - at_; }
    std::string_view take(std::uint64_t size);
    std::string_view take_line();
    template <class Integer>
    Integer number() {
        Integer value{};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    std::uint64_t index_line();
    [[noreturn]] void fail(const std::string& why) const;

    // --- The stack. ---
    void push(Object object) { stack_.push_back(std::move(object)); }
    std::size_t base() const noexcept { return marks_.empty() ? 0 : marks_.back(); }
    Object pop();
    Object& top();
    std::vector<Object> pop_to_mark();
    std::vector<Object> pop_many(std::size_t count);

    // --- The memo. ---
    void memoize(std::uint64_t index);
    void recall(std::uint64_t index);
    void repeat(const Object& object);
    void charge(const Object& object);
    void charge_copy(std::span<const Object> args);

    // --- The operations. ---
    void step(Opcode opcode);
    bool step_number(Opcode opcode);
    bool step_text(Opcode opcode);
    bool step_container(Opcode opcode);
    bool step_memo(Opcode opcode);
    bool step_instance(Opcode opcode);
    void protocol(int version);
    void integer_line();
    void long_line();
    void float_line();
    void string_line();
    void unicode_line();
    void long_bytes(std::int64_t size);
    Object bytes(Kind kind, std::string_view content);
    void str(std::string_view utf8);
    void ascii(std::string_view text);
    void pop_one();
    void append(std::vector<Object> elements);
    void set_items(std::vector<Object> keys_and_values);
    void add_items(std::vector<Object> elements);
    void make_dict(std::vector<Object> keys_and_values);
    void make_frozenset(std::vector<Object> elements);
    Object& top_to_change();
    void global(std::string_view module, std::string_view name);
    void push_global(GlobalName name);
    void stack_global();
    void call();
    void make(ObjectInstance::Form form);
    void make_old(Object callable, std::vector<Object> args);
    void build();

    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    std::size_t opcode_at_ = 0;
    Limits limits_;
    std::uint64_t parts_left_;
    std::uint64_t copied_ = 0;  // parts, by calls
    int protocol_ = 0;
    int lookalikes_ = 0;
    bool names_proxies_ = false;
    std::shared_ptr<const void> memory_;
    std::vector<Object> stack_{};
    std::vector<std::size_t> marks_{};
    std::vector<Object> memo_{};                     // what was numbered one after the other
    std::map<std::uint64_t, Object> sparse_memo_{};  // and what was not
};

/// Whether call_known() may know the call.
bool is_known_call(const GlobalName& callable) noexcept;

/// Makes what a call makes that is known to give a value of one of Object's own types, as `bytearray(b"a")`.
/// False if it is no such call; `result` is left as it was.
bool call_known(const GlobalName& callable, std::span<const Object> args, Object& result);

}  // namespace cohort::pickle
