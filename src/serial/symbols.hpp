// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cohort::serial {

/// What lies at an address of code.
struct Symbol {
    std::string name{};        ///< readable; empty if unknown
    std::string module{};      ///< name of the program's or library's file; empty if the address is in none
    std::uint64_t offset = 0;  ///< the address as the file has it, which addr2line takes

    /// `parse(std::string const&)  (census+0x1a2b)`
    std::string text() const;
};

/// Looks up the symbols of addresses, in the symbol tables of the files that were loaded (the dynamic ones if a file is
/// stripped). What was found is remembered: the same errors tend to come again.
/// Never throws for what the files hold: what cannot be read has no name.
/// Thread safety: any thread.
std::vector<Symbol> symbols_at(std::span<const std::uintptr_t> addresses);

}  // namespace cohort::serial
