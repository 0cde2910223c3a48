// SPDX-License-Identifier: MIT
// A pointer means nothing in another process. The field's type is named, however deep it lies.
// expect: cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a
// std::shared_ptr expect: const char
#include <cohort/serial/codec.hpp>

#include <vector>

struct Entry {
#ifdef CURED
    std::string name;
#else
    const char* name;
#endif
};

void send(cohort::serial::Sink& sink, const std::vector<Entry>& entries) {
    cohort::serial::write(sink, entries);
}
