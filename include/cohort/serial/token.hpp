// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <atomic>
#include <cstdint>
#include <string_view>

namespace cohort::serial {

class Sink;
class Source;

/// Names a piece of code in a way that every process with the same build of it understands: which program or shared
/// library it lies in, and where there. Address space randomization, stripping and optimization make no difference.
struct Token {
    std::uint64_t module = 0;  ///< made from the module's build-id, or from its bytes if it has none; 0: names nothing
    std::uint64_t offset = 0;  ///< distance from the module's first byte

    friend bool operator==(const Token&, const Token&) = default;
};

/// Code that can be named by a token and run in another process.
/// @param in the rest of the message that named it
/// @param context what the one who runs it has to offer; the type goes with the role, see token_of()
using Trampoline = void (*)(Source& in, void* context);

namespace detail {

struct Entry;

// The trampolines of one program or shared library; cohort learns of it with the first one.
// FORK: the child has the same code at the same places; nothing to renew.
class ModuleEntries {
public:
    constexpr ModuleEntries() noexcept = default;
    ModuleEntries(const ModuleEntries&) = delete;
    ModuleEntries& operator=(const ModuleEntries&) = delete;
    ~ModuleEntries() {
        if (first) withdraw();  // the library is unloaded
    }

    Entry* first = nullptr;
    ModuleEntries* next = nullptr;
    std::uintptr_t begin = 0;          // the module's first byte; valid when id is not 0
    std::atomic<std::uint64_t> id{0};  // 0: nobody asked yet

private:
    COHORT_API void withdraw() noexcept;
};

// One trampoline of a module, listed there by static initialization.
struct Entry {
    COHORT_API Entry(ModuleEntries& of, Trampoline runs, std::string_view what_for) noexcept;

    ModuleEntries& module;
    Trampoline function;
    std::string_view role;
    Entry* next = nullptr;
};

// Hidden, as is Registered: each module has its own list with its own copies of the code, however visible the
// templates' arguments are and whichever module was loaded first. A template: only files that use tokens have one.
template <class = void>
struct [[gnu::visibility("hidden")]] ThisModule {
    static inline constinit ModuleEntries entries;
};

template <class Body>
constexpr std::string_view role_of() {
    if constexpr (requires { Body::kRole; })
        return Body::kRole;
    else
        return {};
}

template <class Body>
struct [[gnu::visibility("hidden")]] Registered {
    static void run(Source & in, void* context) {
        Body::run(in, context);
    }

    // First of all: a static initializer of the program may start processes, which know what is listed by then.
    [[gnu::init_priority(101)]] static inline Entry entry{ThisModule<>::entries, &run, role_of<Body>()};
};

COHORT_API Token token_of(const Entry& entry);

}  // namespace detail

/// The token of `Body::run(Source&, void*)`. Its use anywhere in a program or shared library puts that function into
/// the table of what others may run there, before `main`.
///
/// A `static constexpr std::string_view Body::kRole` says what kind of context `run` expects; a receiver resolves only
/// tokens of the role that it has the context for.
///
/// Thread safety: any thread. Cheap after the first call.
template <class Body>
Token token_of() {
    return detail::token_of(detail::Registered<Body>::entry);
}

/// The function that a token names.
/// @param role as in the Body that the token was made of
/// @throws SerializationError if the module has no such entry: whatever bytes a token was read from, only functions
///         that token_of() was used on are ever returned
/// @throws BinaryMismatchError if the module is not loaded here, or is another build
/// Thread safety: any thread. A few nanoseconds for a token that this thread resolved before.
COHORT_API Trampoline resolve(Token token, std::string_view role = {});

/// Writes a token. A module that was loaded while the program ran (dlopen) is announced with its path and build-id.
COHORT_API void write_token(Sink& sink, Token token);

/// Reads a token. An announced module that is not here is loaded if the source is trusted.
/// @throws SerializationError if the bytes are no token
/// @throws BinaryMismatchError if an announced module cannot be loaded, or is another build
COHORT_API Token read_token(Source& source);

/// Writes the address of a function as a token of its own; it may be null.
/// @throws SerializationError if it does not lie in the code of a program or library
COHORT_API void write_code_address(Sink& sink, const void* address);

/// Reads the address of a function. Only from trusted sources, since any place in any code may be named.
/// @throws SerializationError if the source is not trusted, or the address is not in code
/// @throws BinaryMismatchError as read_token() and resolve() do
COHORT_API const void* read_code_address(Source& source);

/// Writes which builds of the program and of its libraries with entries run here: once, when two processes meet.
COHORT_API void write_module_table(Sink& sink);

/// Compares the other side's table with this process's.
/// @throws BinaryMismatchError naming the module that is another build here, or is not loaded
COHORT_API void check_module_table(Source& source);

}  // namespace cohort::serial
