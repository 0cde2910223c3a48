// SPDX-License-Identifier: MIT
#include <cohort/serial/callable.hpp>

#include <cohort/base/errors.hpp>

#include "os/address_space.hpp"
#include "serial/entry_registry.hpp"

namespace cohort::serial::detail {

namespace {

// Where a process's memory lies: not below 4 GiB with position-independent code (what lies there could not be told from
// numbers), not in the kernel's half.
bool may_be_address(std::uint64_t word) noexcept {
    constexpr std::uint64_t end = std::uint64_t{1} << (sizeof(void*) == 8 ? 48 : 32);
    return word >= std::uint64_t{1} << 32 && word < end;
}

// Whether every copy of this process has that code at that place, also one that was made before a library was loaded.
bool is_permanent_code(std::uintptr_t address) {
    return EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* module = table.at(address);
        return module && module->permanent && module->is_code(address);
    });
}

[[noreturn]] void throw_captured_address(std::string_view raw_type) {
    std::string type = cohort::detail::readable_type_name(raw_type);
    throw SerializationError(type,
                             "the callable " + type +
                                 " cannot be sent to another process: it captures a pointer or a reference, and the "
                                 "memory there is not the other's. Capture a copy, or bind the value with "
                                 "cohort::partial(f, values...); a pointer to a function goes there, too, or as an "
                                 "argument; if a captured number only looks like an address, send "
                                 "it with cohort::by_value(f)");
}

}  // namespace

void check_captures(std::span<const std::byte> bytes, std::span<const bool> judged, Target target,
                    std::string_view raw_type) {
    for (std::size_t word = 0; word < judged.size(); ++word) {
        if (!judged[word]) continue;
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + word * kWord, kWord);
        if (!may_be_address(value) || !os::is_mapped(value)) continue;
        if (target == Target::forked && is_permanent_code(value)) continue;
        throw_captured_address(raw_type);
    }
}

void throw_cannot_travel(Cure cure, std::string_view raw_type) {
    std::string type = cohort::detail::readable_type_name(raw_type);
    throw SerializationError(type, std::string(cure_text(cure)) + " (the type is " + type + ")");
}

void throw_null_callable() {
    throw ValueError("the function to call is a null pointer");
}

void require_trust(const Source& source) {
    if (!source.trusted())
        throw SerializationError("",
                                 "a pointer to code or to a member is accepted only from a private or "
                                 "authenticated channel");
}

namespace {

// As the Itanium C++ ABI lays it out. On x86-64 an odd address is a place in the virtual table, plus one; on AArch64
// the adjustment says so in its lowest bit.
struct MemberPointer {
    std::uintptr_t code;
    std::ptrdiff_t adjustment;

    bool is_virtual() const noexcept {
#ifdef __aarch64__
        return (adjustment & 1) != 0;
#else
        return (code & 1) != 0;
#endif
    }
};

}  // namespace

void write_member_pointer(Sink& sink, const void* pointer) {
    MemberPointer member{};
    std::memcpy(&member, pointer, sizeof member);
    sink.write(&member.adjustment, sizeof member.adjustment);
    bool is_place = member.is_virtual();
    sink.write(&is_place, sizeof is_place);
    if (is_place)
        sink.write(&member.code, sizeof member.code);
    else
        write_code_address(sink, reinterpret_cast<const void*>(member.code));
}

void read_member_pointer(Source& source, void* pointer) {
    require_trust(source);
    MemberPointer member{};
    source.read(&member.adjustment, sizeof member.adjustment);
    unsigned char is_place = 0;
    source.read(&is_place, sizeof is_place);
    if (is_place != 0)
        source.read(&member.code, sizeof member.code);
    else
        member.code = reinterpret_cast<std::uintptr_t>(read_code_address(source));
    std::memcpy(pointer, &member, sizeof member);
}

}  // namespace cohort::serial::detail
