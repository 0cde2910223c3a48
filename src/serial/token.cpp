// SPDX-License-Identifier: MIT
#include <cohort/serial/token.hpp>

#include <cohort/base/bytes.hpp>
#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>

#include "serial/entry_registry.hpp"
#include "serial/resolve_ahead.hpp"

#include <dlfcn.h>

#include <array>
#include <cstring>
#include <exception>
#include <optional>

// Weak: a static program is not made to take the loader in only because it might load a library. The loader's functions
// are looked up by name: where another part of a static program brings them in, the linker warns of each mention.
#pragma weak dlsym

namespace cohort::serial {

namespace {

std::string describe(Token token) {
    const std::array<std::uint64_t, 2> words{token.module, token.offset};
    return "module id " + cohort::detail::hex(std::as_bytes(std::span(&words[0], 1))) + ", offset " +
           std::to_string(token.offset);
}

[[noreturn]] void throw_unknown(Token token) {
    auto name = EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* module = table.with_id(token.module);
        return module ? std::optional(module->name()) : std::nullopt;
    });
    if (!name)
        throw BinaryMismatchError(
            "the callable lies in a program or library that is not loaded here, or is another "
            "build of it here (" +
            describe(token) + ")");
    throw SerializationError(
        "", "the message names code in " + *name + " that is no entry for this purpose (" + describe(token) + ")");
}

// A trampoline that this thread resolved lately.
class Resolved {
public:
    static Resolved& slot_for(Token token) noexcept {
        static thread_local std::array<Resolved, 16> recent;
        return recent[(token.offset >> 4) % recent.size()];
    }

    // Null if it is another one, or may have been unloaded since.
    Trampoline get(Token token, std::string_view role) const {
        if (token_ != token || epoch_ != EntryRegistry::instance().epoch()) return nullptr;
        if (foreign_ && unloads_ != unload_count()) return nullptr;
        const bool same_text = role_.data() == role.data() && role_.size() == role.size();  // nearly always
        return same_text || role_ == role ? function_ : nullptr;
    }

    Trampoline find(Token token, std::string_view role) {
        Resolved found;
        found.token_ = token;
        found.epoch_ = EntryRegistry::instance().epoch();
        found.unloads_ = unload_count();
        const detail::Entry* entry = EntryRegistry::instance().find(token, role);
        found.foreign_ = !entry;
        if (!entry) entry = EntryRegistry::find_in_other_copies(token, role);
        if (!entry) throw_unknown(token);
        found.role_ = entry->role;
        found.function_ = entry->function;
        *this = found;
        return function_;
    }

private:
    Token token_{};
    std::uint64_t epoch_ = 0;  // of this copy's registry
    bool foreign_ = false;     // from another copy's, whose epoch lies in memory that may be unloaded
    unsigned long long unloads_ = 0;
    std::string_view role_{};  // the entry's
    Trampoline function_ = nullptr;
};

// How a module is announced that the receiver may not have.
struct Announcement {
    std::string path{};
    std::vector<std::byte> build_id{};
};

// Empty for a module that every process of this program has.
std::optional<Announcement> announcement_for(std::uint64_t id) {
    static thread_local std::uint64_t known_permanent = 0;
    if (id == known_permanent) return std::nullopt;
    auto module = EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* found = table.with_id(id);
        return found ? std::optional(*found) : std::nullopt;
    });
    if (!module) return std::nullopt;
    if (module->permanent) {
        known_permanent = id;
        return std::nullopt;
    }
    bool absolute = module->path.starts_with('/');
    return Announcement{absolute ? module->path : mapped_path(module->memory.begin), module->build_id};
}

bool is_loaded(std::uint64_t id, const std::vector<std::byte>& build_id) {
    return EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* module = table.with_id(id);
        return module && module->build_id == build_id;
    });
}

// The loader's function of that name; null in a static program.
template <class Function>
Function* loader_function(const char* name) {
    return ::dlsym ? reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name)) : nullptr;
}

// The library stays loaded: what it brought may be in use for as long as this process lives.
void load(const Announcement& announced, std::uint64_t id) {
    static auto* const open_library = loader_function<decltype(::dlopen)>("dlopen");
    static auto* const close_library = loader_function<decltype(::dlclose)>("dlclose");
    static auto* const last_error = loader_function<decltype(::dlerror)>("dlerror");
    if (!open_library || !close_library || !last_error)
        throw BinaryMismatchError(announced.path + " is not a part of this static program and cannot be loaded");
    void* handle = open_library(announced.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char* reason = last_error();
        throw BinaryMismatchError("a callable needs a library that cannot be loaded here: " +
                                  std::string(reason ? reason : announced.path.c_str()));
    }
    if (is_loaded(id, announced.build_id)) return;
    close_library(handle);
    throw BinaryMismatchError(announced.path + " is another build here");
}

// The first bit of the offset tells that an announcement follows.
constexpr std::uint64_t kAnnounced = std::uint64_t{1} << 63;

}  // namespace

Trampoline resolve(Token token, std::string_view role) {
    Resolved& slot = Resolved::slot_for(token);
    Trampoline known = slot.get(token, role);
    return known ? known : slot.find(token, role);
}

void resolve_ahead(std::span<const std::byte> message, std::string_view role) noexcept {
    Token token;
    if (message.size() < sizeof token) return;
    std::memcpy(&token, message.data(), sizeof token);
    token.offset &= ~kAnnounced;
    try {
        resolve(token, role);
    } catch (const std::exception&) {
        // resolve() will say it to the one who wants to run the code.
    }
}

void learn_modules() noexcept {
    try {
        EntryRegistry::instance().modules_with_entries();
    } catch (const std::exception&) {
        // Who needs them tries again.
    }
}

void write_token(Sink& sink, Token token) {
    auto announced = announcement_for(token.module);
    if (announced) token.offset |= kAnnounced;
    sink.write(&token, sizeof token);
    if (!announced) return;
    write(sink, announced->path);
    write<std::uint64_t>(sink, announced->build_id.size());
    sink.write(announced->build_id.data(), announced->build_id.size());
}

Token read_token(Source& source) {
    Token token;
    source.read(&token, sizeof token);
    if (!(token.offset & kAnnounced)) return token;
    token.offset &= ~kAnnounced;
    Announcement announced;
    announced.path = read<std::string>(source);
    auto build_id = source.take(read<std::uint64_t>(source));
    announced.build_id.assign(build_id.begin(), build_id.end());
    if (is_loaded(token.module, announced.build_id)) return token;
    if (!source.trusted() || !announced.path.starts_with('/'))
        throw BinaryMismatchError("a callable needs " + announced.path + ", which is not loaded here");
    load(announced, token.module);
    return token;
}

void write_code_address(Sink& sink, const void* address) {
    auto value = reinterpret_cast<std::uintptr_t>(address);
    if (!address) return write_token(sink, Token{});
    // What every process has is never unloaded, so a thread may remember it.
    static thread_local std::pair<std::uintptr_t, Token> recent;
    if (recent.first == value) return write_token(sink, recent.second);
    bool permanent = false;
    Token token = EntryRegistry::instance().with_table([&](ModuleTable& table) {
        const Module* module = table.at(value);
        if (!module || !module->is_code(value)) return Token{};
        permanent = module->permanent;
        return Token{module->id, value - module->memory.begin};
    });
    if (token == Token{})
        throw SerializationError("", "a function pointer that does not point into a program or library cannot be sent");
    if (permanent) recent = {value, token};
    write_token(sink, token);
}

const void* read_code_address(Source& source) {
    if (!source.trusted())
        throw SerializationError("", "a function pointer is accepted only from a private or authenticated channel");
    Token token = read_token(source);
    if (token == Token{}) return nullptr;
    auto address = EntryRegistry::instance().with_table([&](ModuleTable& table) -> std::uintptr_t {
        const Module* module = table.with_id(token.module);
        if (!module || token.offset > module->memory.end - module->memory.begin) return 0;
        auto value = module->memory.begin + token.offset;
        return module->is_code(value) ? value : 0;
    });
    if (address == 0) throw_unknown(token);
    return reinterpret_cast<const void*>(address);
}

void write_module_table(Sink& sink) {
    std::vector<std::pair<std::uint64_t, std::string>> table;
    for (const Module& module : EntryRegistry::instance().modules_with_entries())
        if (module.permanent) table.emplace_back(module.id, module.name());
    write(sink, table);
}

void check_module_table(Source& source) {
    for (const auto& [id, name] : read<std::vector<std::pair<std::uint64_t, std::string>>>(source)) {
        auto problem = EntryRegistry::instance().with_table([&, wanted = id, &title = name](ModuleTable& table) {
            if (table.with_id(wanted)) return "";
            return table.with_name(title) ? " is another build here" : " is not loaded here";
        });
        if (*problem) throw BinaryMismatchError(name + problem);
    }
}

}  // namespace cohort::serial
