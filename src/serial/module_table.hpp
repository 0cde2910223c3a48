// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::serial {

/// A program or shared library in the memory of this process.
struct Module {
    struct Range {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        bool contains(std::uintptr_t address) const noexcept { return address >= begin && address < end; }
    };

    std::uintptr_t bias = 0;            ///< what the loader added to the addresses in its file
    Range memory{};                     ///< from its first byte to its last
    std::vector<Range> code{};          ///< what may be executed of it
    std::string path{};                 ///< as the loader knows it; empty for the program itself
    std::vector<std::byte> build_id{};  ///< empty if the linker wrote none
    std::uint64_t id = 0;               ///< from the build-id, else from the bytes; see ModuleTable::id_of
    bool permanent = false;             ///< the program, or linked to it: every process of this program has it

    bool is_code(std::uintptr_t address) const noexcept;
    /// Its file's name, for texts.
    std::string name() const;
};

/// What is loaded into this process, as far as anybody asked. Looks again when libraries came or went.
///
/// Thread safety: one thread at a time.
/// FORK: the child has the same modules at the same places; nothing to renew.
/// Invariants: 1. A pointer that was returned is good until the next call. 2. Nothing here runs code of a module.
class ModuleTable {
public:
    /// The module that an address lies in; null if there is none.
    const Module* at(std::uintptr_t address);

    /// The module with an id; null if none is loaded.
    const Module* with_id(std::uint64_t id);

    /// A loaded module whose file has this name; null if none has. For texts.
    const Module* with_name(const std::string& name);

private:
    struct Generation {
        unsigned long long loaded = 0;
        unsigned long long unloaded = 0;
        friend bool operator==(const Generation&, const Generation&) = default;
    };

    bool look_again();
    std::uint64_t id_of(Module& module);
    Module* find(std::uintptr_t address) noexcept;

    std::vector<Module> modules_;
    Generation generation_;
};

/// How many libraries were unloaded so far.
unsigned long long unload_count();

/// The places that notes of a kind, in all modules, point to. The content of such a note is the distance from itself.
std::vector<const void*> note_targets(std::string_view owner, std::uint32_t type);

/// The path of the file that is mapped at an address, as the kernel knows it; empty if there is none.
std::string mapped_path(std::uintptr_t address);

}  // namespace cohort::serial
