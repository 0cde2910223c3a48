// SPDX-License-Identifier: MIT
#include "serial/module_table.hpp"

#include "os/file.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <span>
#include <sstream>
#include <string_view>

namespace cohort::serial {

namespace {

using Header = ElfW(Phdr);
using Bytes = std::span<const std::byte>;
using std::string_view_literals::operator""sv;

constexpr std::uint64_t kHashStart = 14695981039346656037u;

std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t hash) noexcept {
    auto mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * 1099511628211u;
        hash ^= hash >> 32;
    };
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (; size >= sizeof(std::uint64_t); size -= sizeof(std::uint64_t), bytes += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof word);
        mix(word);
    }
    for (; size > 0; --size, ++bytes) mix(*bytes);
    return hash;
}

// 0 names nothing.
std::uint64_t usable_id(std::uint64_t hash) noexcept {
    return hash != 0 ? hash : 1;
}

// What a module says about its links to others: a part of its dynamic section.
struct Linkage {
    std::string own_name{};
    std::vector<std::string> needed{};
};

class Image {
public:
    explicit Image(const dl_phdr_info& info) noexcept : info_(info) {}

    Module describe() const {
        Module module;
        module.path = info_.dlpi_name ? info_.dlpi_name : "";
        module.bias = info_.dlpi_addr;
        module.memory.begin = UINTPTR_MAX;
        each([&](const Header& header) {
            if (header.p_type != PT_LOAD) return;
            auto range = range_of(header);
            module.memory.begin = std::min(module.memory.begin, range.begin);
            module.memory.end = std::max(module.memory.end, range.end);
            if (header.p_flags & PF_X) module.code.push_back(range);
        });
        auto build_id = note("GNU\0"sv, NT_GNU_BUILD_ID);
        module.build_id.assign(build_id.begin(), build_id.end());
        if (!module.build_id.empty())
            module.id = usable_id(hash_bytes(module.build_id.data(), module.build_id.size(), kHashStart));
        return module;
    }

    // The content of the first note of a kind; empty if there is none.
    Bytes note(std::string_view owner, std::uint32_t type) const {
        Bytes found;
        each([&](const Header& header) {
            if (header.p_type == PT_NOTE && found.empty()) found = note_in(header, owner, type);
        });
        return found;
    }

    // All that is never written to: code and constants.
    std::uint64_t hash_constant_parts() const {
        std::uint64_t hash = kHashStart;
        each([&](const Header& header) {
            if (header.p_type == PT_LOAD && (header.p_flags & (PF_R | PF_W)) == PF_R)
                hash = hash_bytes(address<std::byte>(header.p_vaddr), header.p_filesz, hash);
        });
        return hash;
    }

    Linkage linkage() const {
        Linkage linkage;
        each([&](const Header& header) {
            if (header.p_type == PT_DYNAMIC) read_dynamic(address<ElfW(Dyn)>(header.p_vaddr), linkage);
        });
        return linkage;
    }

private:
    template <class Use>
    void each(Use use) const {
        std::for_each(info_.dlpi_phdr, info_.dlpi_phdr + info_.dlpi_phnum, use);
    }

    template <class T>
    const T* address(std::uintptr_t virtual_address) const noexcept {
        return reinterpret_cast<const T*>(info_.dlpi_addr + virtual_address);
    }

    Module::Range range_of(const Header& header) const noexcept {
        auto begin = info_.dlpi_addr + header.p_vaddr;
        return {begin, begin + header.p_memsz};
    }

    // A note segment is a row of (sizes and type, name, content), each aligned as the segment is.
    Bytes note_in(const Header& segment, std::string_view owner, std::uint32_t type) const {
        const std::size_t alignment = segment.p_align == 8 ? 8 : 4;
        auto aligned = [&](std::size_t size) { return (size + alignment - 1) / alignment * alignment; };
        const auto* bytes = address<std::byte>(segment.p_vaddr);
        for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= segment.p_memsz;) {
            ElfW(Nhdr) note{};
            std::memcpy(&note, bytes + at, sizeof note);
            std::size_t name = at + sizeof note, content = at + aligned(sizeof note + note.n_namesz);
            if (content + note.n_descsz > segment.p_memsz) break;
            if (note.n_type == type && note.n_namesz == owner.size() &&
                std::memcmp(bytes + name, owner.data(), owner.size()) == 0)
                return {bytes + content, note.n_descsz};
            at = content + aligned(note.n_descsz);
        }
        return {};
    }

    void read_dynamic(const ElfW(Dyn) * first, Linkage& linkage) const {
        const char* names = nullptr;
        for (const auto* each = first; each->d_tag != DT_NULL; ++each)
            if (each->d_tag == DT_STRTAB) names = string_table(each->d_un.d_ptr);
        if (!names) return;
        for (const auto* each = first; each->d_tag != DT_NULL; ++each) {
            if (each->d_tag == DT_SONAME) linkage.own_name = names + each->d_un.d_val;
            if (each->d_tag == DT_NEEDED) linkage.needed.emplace_back(names + each->d_un.d_val);
        }
    }

    // The loader replaces the offset by the address where the section is writable.
    const char* string_table(std::uintptr_t value) const noexcept {
        return value < info_.dlpi_addr ? address<char>(value) : reinterpret_cast<const char*>(value);
    }

    const dl_phdr_info& info_;
};

// Calls `use` for each loaded module until it returns true. No module is unloaded meanwhile.
template <class Use>
void visit_images(Use use) {
    struct Visit {
        Use& use;
        std::exception_ptr error;
    } visit{use, nullptr};
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& state = *static_cast<Visit*>(data);
            try {
                return state.use(*info) ? 1 : 0;
            } catch (...) {  // not through the loader's frames, which hold its lock
                state.error = std::current_exception();
                return 1;
            }
        },
        &visit);
    if (visit.error) std::rethrow_exception(visit.error);
}

std::string_view file_name(std::string_view path) noexcept {
    return path.substr(path.rfind('/') + 1);
}

// Marks the program and what it needs, directly or not: the loader maps these before `main`, in every process of it.
void mark_permanent(std::vector<Module>& modules, const std::vector<Linkage>& linkages, std::size_t index) {
    if (modules[index].permanent) return;
    modules[index].permanent = true;
    for (const std::string& needed : linkages[index].needed)
        for (std::size_t i = 0; i < modules.size(); ++i)
            if (needed == linkages[i].own_name || needed == modules[i].path || needed == file_name(modules[i].path)) {
                mark_permanent(modules, linkages, i);
                break;
            }
}

}  // namespace

bool Module::is_code(std::uintptr_t address) const noexcept {
    return std::any_of(code.begin(), code.end(), [&](const Range& range) { return range.contains(address); });
}

std::string Module::name() const {
    return path.empty() ? "the program" : std::string(file_name(path));
}

const Module* ModuleTable::at(std::uintptr_t address) {
    Module* found = find(address);
    if ((!found || !found->permanent) && look_again()) found = find(address);
    if (found) id_of(*found);
    return found;
}

const Module* ModuleTable::with_id(std::uint64_t id) {
    auto find_id = [&] {
        return std::find_if(modules_.begin(), modules_.end(), [&](Module& each) { return id_of(each) == id; });
    };
    auto found = find_id();
    if ((found == modules_.end() || !found->permanent) && look_again()) found = find_id();
    return found == modules_.end() ? nullptr : &*found;
}

const Module* ModuleTable::with_name(const std::string& name) {
    look_again();
    auto found =
        std::find_if(modules_.begin(), modules_.end(), [&](const Module& each) { return each.name() == name; });
    return found == modules_.end() ? nullptr : &*found;
}

Module* ModuleTable::find(std::uintptr_t address) noexcept {
    auto found = std::find_if(modules_.begin(), modules_.end(),
                              [&](const Module& each) { return each.memory.contains(address); });
    return found == modules_.end() ? nullptr : &*found;
}

// Returns whether anything came or went since the last look.
bool ModuleTable::look_again() {
    Generation now;
    visit_images([&](const dl_phdr_info& info) {
        now = {info.dlpi_adds, info.dlpi_subs};
        return true;
    });
    if (!modules_.empty() && now == generation_) return false;
    std::vector<Module> modules;
    std::vector<Linkage> linkages;
    visit_images([&](const dl_phdr_info& info) {
        now = {info.dlpi_adds, info.dlpi_subs};
        modules.push_back(Image(info).describe());
        linkages.push_back(Image(info).linkage());
        return false;
    });
    if (!modules.empty()) mark_permanent(modules, linkages, 0);
    modules_ = std::move(modules);
    generation_ = now;
    return true;
}

// Without a build-id it takes as long as reading the whole module: only when somebody asks.
std::uint64_t ModuleTable::id_of(Module& module) {
    if (module.id != 0) return module.id;
    visit_images([&](const dl_phdr_info& info) {
        if (Image(info).describe().memory.begin != module.memory.begin) return false;
        module.id = usable_id(Image(info).hash_constant_parts());
        return true;
    });
    return module.id;
}

unsigned long long unload_count() {
    unsigned long long count = 0;
    visit_images([&](const dl_phdr_info& info) {
        count = info.dlpi_subs;
        return true;
    });
    return count;
}

std::vector<const void*> note_targets(std::string_view owner, std::uint32_t type) {
    std::vector<const void*> targets;
    visit_images([&](const dl_phdr_info& info) {
        std::int32_t distance = 0;
        auto content = Image(info).note(owner, type);
        if (content.size() == sizeof distance) {
            std::memcpy(&distance, content.data(), sizeof distance);
            targets.push_back(content.data() + distance);
        }
        return false;
    });
    return targets;
}

std::string mapped_path(std::uintptr_t address) {
    std::istringstream lines(os::read_file("/proc/self/maps"));
    for (std::string line; std::getline(lines, line);) {
        char* rest = nullptr;
        auto begin = std::strtoull(line.c_str(), &rest, 16);
        auto end = std::strtoull(rest + 1, nullptr, 16);
        auto path = line.find('/');
        if (address >= begin && address < end && path != std::string::npos) return line.substr(path);
    }
    return {};
}

}  // namespace cohort::serial
