// SPDX-License-Identifier: MIT
// Exception records out of arbitrary bytes: each is refused with a SerializationError or makes an exception, which is
// written and read again. The record's text and trace are in the message, so nothing needs more room than that.
#include "serial/exception_record.hpp"

#include "allocations.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace {

using namespace cohort::serial;

std::exception_ptr read(std::span<const std::byte> bytes) {
    try {
        Source source(bytes);
        return read_exception(source);
    } catch (const cohort::SerializationError&) {
        return nullptr;
    }
}

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // Once before anything is counted: the list of kinds and the names of types are made at the first use.
    BufferSink sink;
    write_exception(sink, std::make_exception_ptr(std::out_of_range("warm")), {});
    static_cast<void>(text_of(read(sink.bytes())));
    fuzz::watch_allocations();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::largest_allocation = 0;
    std::exception_ptr exception = read(std::as_bytes(std::span(data, size)));
    fuzz::require(fuzz::largest_allocation <= 64 * size + 8192);
    if (!exception) return 0;
    std::string text = text_of(exception);
    BufferSink sink;
    write_exception(sink, exception, {});
    std::exception_ptr again = read(sink.bytes());
    fuzz::require(again != nullptr);
    static_cast<void>(text);
    return 0;
}
