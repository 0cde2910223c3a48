// SPDX-License-Identifier: MIT
#include "manager/message_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

using namespace cohort;
using manager::MessageBuffer;

TEST(MessageBuffer, messages_follow_each_other) {
    MessageBuffer buffer;
    for (const std::size_t size : {0UL, 10UL, 100'000UL, 1UL, 5'000'000UL, 3UL}) {
        const Object value(std::string(size, 'x'));
        EXPECT_TRUE(std::ranges::equal(buffer.write(value), pickle::dumps(value)));
        buffer.clear();
    }
}

TEST(MessageBuffer, the_memory_of_a_megabyte_stays) {
    MessageBuffer buffer;
    const Object value(std::string(1 << 20, 'x'));
    const auto* const first = buffer.write(value).data();
    buffer.clear();
    EXPECT_EQ(buffer.write(value).data(), first);
}

}  // namespace
