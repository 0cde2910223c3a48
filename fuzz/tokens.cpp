// SPDX-License-Identifier: MIT
// Tokens, addresses of functions and module tables out of arbitrary bytes that nobody vouches for: only functions that
// were registered run, none is named by its address, no library is loaded. The first byte chooses what is read; a valid
// token stands behind it where the second byte is odd, so that what follows a token is reached.
#include <cohort/base/errors.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/token.hpp>

#include "allocations.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace cohort::serial;

using Pointer = int (*)(int);

// A message as a task has it: a callable with its captures, an argument, a function.
struct Body {
    static constexpr std::string_view kRole = "fuzz";
    static void run(Source& in, void* runs) {
        ++*static_cast<int*>(runs);
        auto lambda = [number = 1U, letter = static_cast<unsigned char>('a')](unsigned n) {
            return number + n + letter;
        };
        auto callable = read_callable<decltype(lambda)>(in);
        auto argument = read_argument<std::vector<std::string>>(in);
        static_cast<void>(callable.get()(static_cast<unsigned>(argument.size())));
        static_cast<void>(read_argument<Pointer>(in));
        fuzz::require(false);  // an address from a stranger was accepted
    }
};

void run_task(Source& in) {
    int runs = 0;
    resolve(read_token(in), Body::kRole)(in, &runs);
    fuzz::require(runs == 1);
}

void read_address(Source& in) {
    static_cast<void>(read_code_address(in));
    fuzz::require(false);
}

void read_member(Source& in) {
    static_cast<void>(read<std::size_t (std::string::*)() const>(in));
    fuzz::require(false);
}

void try_reading(std::span<const std::byte> bytes, std::uint8_t choice) {
    Source in(bytes);
    try {
        switch (choice % 4) {
            case 0:
                return run_task(in);
            case 1:
                return read_address(in);
            case 2:
                return check_module_table(in);
            default:
                return read_member(in);
        }
    } catch (const cohort::SerializationError&) {
    } catch (const cohort::BinaryMismatchError&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    static_cast<void>(token_of<Body>());
    // Once before anything is counted: the table of modules is made at the first look.
    try_reading({}, 0);
    try_reading(std::vector<std::byte>(16), 0);
    fuzz::watch_allocations();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    BufferSink sink;
    if (data[1] % 2 == 1) write_token(sink, token_of<Body>());
    sink.write(data + 2, size - 2);
    fuzz::largest_allocation = 0;
    try_reading(sink.bytes(), data[0]);
    fuzz::require(fuzz::largest_allocation <= 64 * size + 8192);
    return 0;
}
