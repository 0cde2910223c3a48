// SPDX-License-Identifier: MIT
#include <cohort/base/bytes.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace {

namespace detail = cohort::detail;

TEST(Bytes, of_texts_and_objects) {
    EXPECT_EQ(detail::text_of(detail::bytes_of("ab")), "ab");
    EXPECT_EQ(detail::hex(detail::bytes_of(std::string("\x00\xff", 2))), "00ff");
    const std::uint16_t number = 0x1111;
    EXPECT_EQ(detail::hex(detail::bytes_of(number)), "1111");
    std::uint32_t filled = 0;
    detail::writable_bytes_of(filled)[0] = std::byte{0xff};
    EXPECT_NE(filled, 0U);
}

}  // namespace
