// SPDX-License-Identifier: MIT
// Apart, for it takes 4 GiB of memory.
#include <cohort/channel/detail/message.hpp>
#include <cohort/channel/pipe.hpp>

#include "channel/ends.hpp"
#include "channel/packet.hpp"
#include "os/mapping.hpp"

#include <gtest/gtest.h>

namespace cohort::test {
namespace {

TEST(HugeMessages, more_than_four_gibibytes) {
    constexpr std::size_t kBytes = (std::size_t{4} << 30) + 17;
    const auto memory = os::Mapping::map_anonymous_private(kBytes);  // zeros take no memory until they are written
    memory.data()[kBytes - 1] = std::byte{7};
    memory.data()[60000] = std::byte{6};
    auto [first, second] = channel::Ends::make_pipe({}, {});
    channel::send_packet(*first, channel::Content::bytes, {memory.data(), kBytes}, {}, {});
    const channel::detail::Incoming message(second);
    ASSERT_EQ(message.bytes().size(), kBytes);
    EXPECT_EQ(message.bytes()[kBytes - 1], std::byte{7});
    EXPECT_EQ(message.bytes()[60000], std::byte{6});
    EXPECT_EQ(message.bytes()[std::size_t{1} << 32], std::byte{0});
}

}  // namespace
}  // namespace cohort::test
