// SPDX-License-Identifier: MIT
#include "serial/throw_trace.hpp"

#include "serial/symbols.hpp"

#include <cxxabi.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

// When an exception is thrown, the unwinder first looks for a handler: it walks up the stack and asks each frame's
// personality routine, while the frames below are still there. A frame with a routine of our own stands between the
// user's code and our catch clause: when it is asked, nobody nearer will handle the exception, and the stack is whole.
//
// No compiler lets us choose a function's personality, so the frame is made by hand. Its code mentions the routine:
// gold's --gc-sections does not see what only unwind tables refer to, and its --icf would take functions for the same
// that differ in their tables alone.
namespace cohort::serial {

namespace {

struct Stack {
    // Of calls, innermost first; the throwing machinery is among them. Not zeroed: that would cost each call 40 ns.
    std::array<std::uintptr_t, 100> addresses;
    std::size_t size = 0;
};

// Where the nearest frame of ours puts the stack.
thread_local Stack* wanted = nullptr;

using Function = cohort::detail::FunctionRef<void()>;

}  // namespace

extern "C" {
// Calls function(data) from the frame with our personality.
[[gnu::visibility("hidden")]] void cohort_call_observed(void (*function)(const Function*), const Function* data);

[[gnu::visibility("hidden"), gnu::used]] _Unwind_Reason_Code cohort_observe(int version, _Unwind_Action actions,
                                                                            _Unwind_Exception_Class exception_class,
                                                                            _Unwind_Exception* exception,
                                                                            _Unwind_Context* context);
}

#if defined(__x86_64__)
#define COHORT_OBSERVES 1
asm(R"(
    .pushsection .text.hot, "ax", %progbits
    .hidden cohort_call_observed
    .globl cohort_call_observed
    .type cohort_call_observed, @function
cohort_call_observed:
    .cfi_startproc
    .cfi_personality 0x1b, cohort_observe
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    leaq cohort_observe(%rip), %rdx
    movq %rdi, %rax
    movq %rsi, %rdi
    callq *%rax
    popq %rbp
    .cfi_def_cfa %rsp, 8
    retq
    .cfi_endproc
    .size cohort_call_observed, . - cohort_call_observed
    .popsection
)");
#elif defined(__aarch64__)
#define COHORT_OBSERVES 1
asm(R"(
    .pushsection .text.hot, "ax", %progbits
    .hidden cohort_call_observed
    .globl cohort_call_observed
    .type cohort_call_observed, %function
    .p2align 2
cohort_call_observed:
    .cfi_startproc
    .cfi_personality 0x1b, cohort_observe
    stp x29, x30, [sp, #-16]!
    .cfi_def_cfa_offset 16
    .cfi_offset 29, -16
    .cfi_offset 30, -8
    mov x29, sp
    adrp x3, cohort_observe
    mov x2, x0
    mov x0, x1
    blr x2
    ldp x29, x30, [sp], #16
    .cfi_restore 30
    .cfi_restore 29
    .cfi_def_cfa_offset 0
    ret
    .cfi_endproc
    .size cohort_call_observed, . - cohort_call_observed
    .popsection
)");
#else
void cohort_call_observed(void (*function)(const Function*), const Function* data) {
    function(data);
}
#endif

namespace {

_Unwind_Reason_Code add_frame(_Unwind_Context* context, void* data) {
    auto& stack = *static_cast<Stack*>(data);
    int before_call = 0;
    auto address = static_cast<std::uintptr_t>(_Unwind_GetIPInfo(context, &before_call));
    if (address == 0 || stack.size == stack.addresses.size()) return _URC_END_OF_STACK;
    if (!before_call) --address;  // into the call, which may be the last instruction of its function
    auto* function = _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(address));
    if (function == reinterpret_cast<void*>(&cohort_call_observed)) return _URC_END_OF_STACK;
    if (function == reinterpret_cast<void*>(&cohort_observe)) return _URC_NO_REASON;
    stack.addresses[stack.size++] = address;
    return _URC_NO_REASON;
}

// `f` of `int f<T>(int) const`: the function's name, with its namespaces and classes, without what is in brackets.
std::string bare_name(std::string_view name) {
    std::string bare;
    int depth = 0;
    for (const char c : name) {
        const bool opens = c == '<' || c == '(' || c == '{', closes = c == '>' || c == ')' || c == '}';
        if (closes && depth > 0) --depth;
        if (depth == 0 && !closes) bare += opens ? '\0' : c;
        if (opens) ++depth;
    }
    std::erase(bare, '\0');
    for (std::string_view ending : {" const", " &", " &&", " noexcept"})
        if (bare.ends_with(ending)) bare.resize(bare.size() - ending.size());
    return bare.substr(bare.rfind(' ') + 1);
}

// Which frames are not the program's but those that throw. In a stripped static program only the addresses tell.
bool is_machinery(const Symbol& symbol, std::uintptr_t address) {
    static constexpr std::array<std::string_view, 6> names{
        "_Unwind_RaiseException", "_Unwind_Resume_or_Rethrow", "__cxa_throw",
        "__cxa_rethrow",          "std::rethrow_exception",    "_Unwind_Backtrace"};
    auto is_named = [&](std::string_view name) { return symbol.name.starts_with(name); };
    if (bare_name(symbol.name).starts_with("std::throw_with_nested")) return true;
    if (bare_name(symbol.name).starts_with("std::__throw_with_nested")) return true;
    if (std::any_of(names.begin(), names.end(), is_named)) return true;
    auto* function = _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(address));
    return function && (function == reinterpret_cast<void*>(&abi::__cxa_throw) ||
                        function == reinterpret_cast<void*>(&abi::__cxa_rethrow) ||
                        function == reinterpret_cast<void*>(&_Unwind_RaiseException) ||
                        function == reinterpret_cast<void*>(&_Unwind_Resume_or_Rethrow));
}

// The frames between ours and the user's code: of cohort, and of the standard library, which calls for it.
bool is_on_the_way(const Symbol& symbol) {
    static constexpr std::array<std::string_view, 6> places{
        "std::", "cohort::detail::", "cohort::serial::", "cohort::pool::", "cohort::process::", "cohort::Process::"};
    const std::string name = bare_name(symbol.name);
    return std::any_of(places.begin(), places.end(), [&](std::string_view place) { return name.starts_with(place); });
}

std::string describe(const Stack& stack) {
    std::span<const std::uintptr_t> addresses(stack.addresses.data(), stack.size);
    std::vector<Symbol> symbols = symbols_at(addresses);
    std::size_t first = 0;  // behind the last frame of the machinery near the top
    for (std::size_t i = 0; i < std::min<std::size_t>(symbols.size(), 8); ++i)
        if (is_machinery(symbols[i], addresses[i])) first = i + 1;
    // The code of a small task is often a part of what called it: then that is all there is to show.
    while (symbols.size() > first + 1 && is_on_the_way(symbols.back())) symbols.pop_back();
    std::string text;
    for (std::size_t i = first; i < symbols.size(); ++i) {
        if (i > first) text += '\n';
        text += '#' + std::to_string(i - first) + "  " + symbols[i].text();
    }
    return text;
}

}  // namespace

_Unwind_Reason_Code cohort_observe(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                                   _Unwind_Context*) {
    if ((actions & _UA_SEARCH_PHASE) && wanted) {
        wanted->size = 0;
        _Unwind_Backtrace(add_frame, wanted);
    }
    return _URC_CONTINUE_UNWIND;
}

[[gnu::hot]] static void call(const Function* function) {
    (*function)();
}

[[gnu::hot]] void run_traced(Function function, std::string* trace) {
    Stack stack;
    Stack* outer = wanted;
    wanted = &stack;
    try {
        cohort_call_observed(call, &function);
        wanted = outer;
    } catch (...) {
        wanted = outer;
        *trace = describe(stack);
        throw;
    }
}

}  // namespace cohort::serial
