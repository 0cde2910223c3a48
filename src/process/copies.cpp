// SPDX-License-Identifier: MIT
#include "process/copies.hpp"

#include "serial/module_table.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <string_view>

// Symbols do not show the other copies: they are hidden, or loaded by dlopen into a scope of their own. A note in each
// module that has a copy leads to its flag.
namespace cohort::process {

namespace {

using std::string_view_literals::operator""sv;

constexpr auto kNoteOwner = "cohort\0"sv;
constexpr std::uint32_t kNoteNumber = 2;

}  // namespace

extern "C" {
[[gnu::visibility("hidden")]] extern std::atomic<bool> cohort_process_rules;
[[gnu::used]] constinit std::atomic<bool> cohort_process_rules{false};
}

asm(R"(
    .pushsection .note.cohort.process, "a", %note
    .balign 4
    .long 7, 4, 2
    .asciz "cohort"
    .balign 4
    .long cohort_process_rules - .
    .popsection
)");

bool rule_program() noexcept {
    if (cohort_process_rules.exchange(true)) return true;
    try {
        for (const void* target : serial::note_targets(kNoteOwner, kNoteNumber)) {
            const auto* rules = static_cast<const std::atomic<bool>*>(target);
            if (rules == &cohort_process_rules || !rules->load()) continue;
            cohort_process_rules = false;
            return false;
        }
    } catch (const std::exception&) {
        // No memory for the list: more will fail soon.
    }
    return true;
}

}  // namespace cohort::process
