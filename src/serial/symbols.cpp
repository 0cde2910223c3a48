// SPDX-License-Identifier: MIT
#include "serial/symbols.hpp"

#include <cohort/base/type_name.hpp>

#include "serial/entry_registry.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace cohort::serial {

namespace {

using Section = ElfW(Shdr);
using Entry = ElfW(Sym);

// An address that is looked for in a file.
struct Wanted {
    std::uint64_t offset = 0;
    std::uint64_t best = 0;  // where the nearest symbol begins
    std::optional<std::uint64_t> name{};
};

// The symbol table of an ELF file, read in pieces: it may be large, and is not needed often.
class SymbolFile {
public:
    explicit SymbolFile(const std::string& path) : file_(path, std::ios::binary) {}

    // Sets for each the place of the name in the table of names that is returned.
    std::optional<Section> find(std::vector<Wanted>& wanted) {
        ElfW(Ehdr) header{};
        if (!read_at(0, &header, sizeof header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
            header.e_shentsize != sizeof(Section))
            return std::nullopt;
        std::vector<Section> sections(header.e_shnum);
        if (!read_at(header.e_shoff, sections.data(), sections.size() * sizeof(Section))) return std::nullopt;
        for (auto type : {SHT_SYMTAB, SHT_DYNSYM})
            for (const Section& section : sections)
                if (section.sh_type == static_cast<decltype(section.sh_type)>(type) &&
                    section.sh_link < sections.size()) {
                    scan(section, wanted);
                    return sections[section.sh_link];
                }
        return std::nullopt;
    }

    std::string name_at(const Section& names, std::uint64_t offset) {
        std::string name;
        if (offset >= names.sh_size || !seek(names.sh_offset + offset)) return name;
        std::getline(file_, name, '\0');
        return name;
    }

private:
    bool seek(std::uint64_t offset) {
        file_.clear();
        return static_cast<bool>(file_.seekg(static_cast<std::streamoff>(offset)));
    }

    bool read_at(std::uint64_t offset, void* into, std::size_t size) {
        return seek(offset) && file_.read(static_cast<char*>(into), static_cast<std::streamsize>(size));
    }

    void scan(const Section& table, std::vector<Wanted>& wanted) {
        std::array<Entry, 1024> entries;
        std::uint64_t left = table.sh_size / sizeof(Entry);
        for (std::uint64_t offset = table.sh_offset; left > 0;) {
            auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, entries.size()));
            if (!read_at(offset, entries.data(), count * sizeof(Entry))) return;
            for (std::size_t i = 0; i < count; ++i) consider(entries[i], wanted);
            left -= count;
            offset += count * sizeof(Entry);
        }
    }

    static void consider(const Entry& entry, std::vector<Wanted>& wanted) {
        auto type = ELF64_ST_TYPE(entry.st_info);
        if ((type != STT_FUNC && type != STT_GNU_IFUNC) || entry.st_shndx == SHN_UNDEF) return;
        for (Wanted& each : wanted) {
            bool inside = each.offset >= entry.st_value && each.offset - entry.st_value < entry.st_size;
            if (!inside || (each.name && entry.st_value <= each.best)) continue;
            each.best = entry.st_value;
            each.name = entry.st_name;
        }
    }

    std::ifstream file_;
};

// Names the symbols, which lie in the module of this path.
void name_symbols(const std::string& path, std::span<Symbol*> symbols) {
    std::vector<Wanted> wanted;
    for (const Symbol* each : symbols) wanted.push_back({each->offset});
    SymbolFile file(path);
    auto names = file.find(wanted);
    if (!names) return;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i].name) symbols[i]->name = cohort::detail::demangle(file.name_at(*names, *wanted[i].name).c_str());
}

}  // namespace

std::string Symbol::text() const {
    std::ostringstream text;
    if (!name.empty()) text << name << "  ";
    text << '(' << module << "+0x" << std::hex << offset << ')';
    return text.str();
}

namespace {

// What this thread looked up before.
class Known {
public:
    static Known& of_this_thread() {
        static thread_local Known known;
        auto unloads = unload_count();
        if (known.unloads_ != unloads || known.symbols_.size() > kMost) known.symbols_.clear();
        known.unloads_ = unloads;
        return known;
    }

    const Symbol* find(std::uintptr_t address) const {
        auto found = symbols_.find(address);
        return found == symbols_.end() ? nullptr : &found->second;
    }
    void add(std::uintptr_t address, const Symbol& symbol) { symbols_.emplace(address, symbol); }

private:
    static constexpr std::size_t kMost = 1000;

    std::map<std::uintptr_t, Symbol> symbols_;
    unsigned long long unloads_ = 0;
};

std::optional<Module> module_at(std::uintptr_t address) {
    return EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* found = table.at(address);
        return found ? std::optional(*found) : std::nullopt;
    });
}

}  // namespace

std::vector<Symbol> symbols_at(std::span<const std::uintptr_t> addresses) {
    Known& known = Known::of_this_thread();
    std::map<std::string, std::vector<Symbol*>> new_ones;  // by the file they are in
    std::vector<Symbol> symbols(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (const Symbol* symbol = known.find(addresses[i])) {
            symbols[i] = *symbol;
            continue;
        }
        auto module = module_at(addresses[i]);
        symbols[i].offset = addresses[i] - (module ? module->bias : 0);
        if (!module) continue;
        bool is_program = module->path.empty();
        symbols[i].module = is_program ? program_invocation_short_name : module->name();
        new_ones[is_program ? "/proc/self/exe" : module->path].push_back(&symbols[i]);
    }
    for (auto& [path, of_file] : new_ones) name_symbols(path, of_file);
    if (!new_ones.empty())
        for (std::size_t i = 0; i < addresses.size(); ++i) known.add(addresses[i], symbols[i]);
    return symbols;
}

}  // namespace cohort::serial
