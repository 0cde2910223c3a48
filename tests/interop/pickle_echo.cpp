// SPDX-License-Identifier: MIT
// For pickle_values.py: reads pickles, and answers each with its repr(), its str() and a pickle of the same value; or
// with why it is refused. Every text has its length before it, eight bytes.
#include <cohort/base/errors.hpp>
#include <cohort/serial/pickle.hpp>

#include <cstdint>
#include <iostream>
#include <span>
#include <string>

namespace {

bool read_text(std::string& text) {
    std::uint64_t size = 0;
    if (!std::cin.read(reinterpret_cast<char*>(&size), sizeof size)) return false;
    text.resize(size);
    return static_cast<bool>(std::cin.read(text.data(), static_cast<std::streamsize>(size)));
}

void write_text(std::string_view text) {
    const std::uint64_t size = text.size();
    std::cout.write(reinterpret_cast<const char*>(&size), sizeof size);
    std::cout.write(text.data(), static_cast<std::streamsize>(size));
}

void answer(const std::string& message) {
    try {
        const cohort::Object value = cohort::pickle::loads(std::as_bytes(std::span(message)));
        const std::string repr = value.repr(), str = value.str();
        const std::vector<std::byte> bytes = cohort::pickle::dumps(value);
        write_text("value");
        write_text(repr);
        write_text(str);
        write_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } catch (const cohort::Error& error) {
        write_text("error");
        write_text(error.what());
    }
    std::cout.flush();
}

}  // namespace

int main() {
    for (std::string message; read_text(message);) answer(message);
}
