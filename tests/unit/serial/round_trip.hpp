// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/codec.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace cohort::serial {

template <class T>
std::vector<std::byte> message_of(const T& value) {
    BufferSink sink;
    write_message(sink, value);
    return {sink.bytes().begin(), sink.bytes().end()};
}

/// The value as a receiver gets it.
template <class T>
T there_and_back(const T& value) {
    std::vector<std::byte> bytes = message_of(value);
    Source source(bytes);
    T back = read_message<T>(source);
    EXPECT_EQ(source.left(), 0u);
    return back;
}

template <class T>
void expect_same(const T& value) {
    EXPECT_EQ(there_and_back(value), value) << ::cohort::detail::type_name<T>();
}

}  // namespace cohort::serial
