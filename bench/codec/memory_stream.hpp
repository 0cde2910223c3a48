// SPDX-License-Identifier: MIT
#pragma once

#include "samples.hpp"

#include <streambuf>

namespace bench {

/// A stream into a Buffer, without the costs of std::stringstream.
class MemoryOutput : public std::streambuf {
public:
    explicit MemoryOutput(Buffer& buffer) : buffer_(buffer) {}

private:
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        buffer_.append(data, static_cast<std::size_t>(size));
        return size;
    }
    int_type overflow(int_type letter) override {
        const char byte = traits_type::to_char_type(letter);
        buffer_.append(&byte, 1);
        return letter;
    }

    Buffer& buffer_;
};

/// A stream out of bytes in memory.
class MemoryInput : public std::streambuf {
public:
    explicit MemoryInput(std::span<const std::byte> bytes) {
        char* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(begin, begin, begin + bytes.size());
    }
};

}  // namespace bench
