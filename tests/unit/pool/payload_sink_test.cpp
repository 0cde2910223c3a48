// SPDX-License-Identifier: MIT
#include "pool/payload_sink.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <vector>

using cohort::pool::Memory;
using cohort::pool::Payload;
using cohort::pool::PayloadSink;

namespace {

class TestSink final : public PayloadSink {
public:
    TestSink(const Memory& memory, cohort::shm::LendingArena& arena, Payload& payload)
        : PayloadSink(memory, arena), payload_(payload) {}

    int places_asked = 0;

private:
    Payload& place() override {
        ++places_asked;
        return payload_;
    }
    Payload& payload_;
};

class PayloadSinkTest : public testing::Test {
protected:
    std::vector<char> text(std::size_t size) {
        std::vector<char> bytes(size);
        std::iota(bytes.begin(), bytes.end(), 'a');
        return bytes;
    }
    std::vector<char> received() {
        const auto bytes = memory_.bytes(payload_);
        std::vector<char> result(bytes.size());
        std::memcpy(result.data(), bytes.data(), bytes.size());
        return result;
    }

    const Memory memory_ = Memory::create(2);
    cohort::shm::LendingArena arena_ = memory_.parent_arena();
    Payload payload_{};
};

}  // namespace

TEST_F(PayloadSinkTest, few_bytes_stay_in_the_message) {
    TestSink sink(memory_, arena_, payload_);
    sink.write(text(32).data(), 32);
    sink.finish();
    EXPECT_EQ(received(), text(32));
    EXPECT_TRUE(arena_.all_returned());
}

TEST_F(PayloadSinkTest, many_bytes_go_to_a_block_that_the_receiver_gives_back) {
    for (const std::size_t size : {33u, 1000u, 5000u, 3'000'000u}) {
        {
            TestSink sink(memory_, arena_, payload_);
            sink.write(text(size).data(), size);
            sink.finish();
        }
        EXPECT_EQ(received(), text(size));
        EXPECT_FALSE(arena_.all_returned());
        memory_.give_back(payload_);
        EXPECT_TRUE(arena_.all_returned());
    }
}

TEST_F(PayloadSinkTest, grows_byte_by_byte) {
    const auto bytes = text(10'000);
    TestSink sink(memory_, arena_, payload_);
    for (const char byte : bytes) sink.write(&byte, 1);
    sink.finish();
    EXPECT_EQ(received(), bytes);
    memory_.give_back(payload_);
    EXPECT_TRUE(arena_.all_returned());
}

TEST_F(PayloadSinkTest, what_is_not_finished_is_given_back) {
    {
        TestSink sink(memory_, arena_, payload_);
        sink.write(text(1000).data(), 1000);
    }
    EXPECT_TRUE(arena_.all_returned());
}

TEST_F(PayloadSinkTest, the_place_is_asked_for_at_the_first_byte) {
    TestSink sink(memory_, arena_, payload_);
    EXPECT_EQ(sink.places_asked, 0);
    sink.write("x", 1);
    EXPECT_EQ(sink.places_asked, 1);
    sink.finish();
    EXPECT_EQ(sink.places_asked, 1);

    TestSink empty(memory_, arena_, payload_);
    empty.finish();
    EXPECT_EQ(empty.places_asked, 1);
    EXPECT_EQ(payload_.size, 0u);
}

TEST_F(PayloadSinkTest, can_take_back_and_write_over) {
    TestSink sink(memory_, arena_, payload_);
    sink.write(text(10).data(), 10);
    sink.write(text(1000).data(), 1000);
    sink.rewind(10);
    sink.overwrite(0, "AB", 2);
    sink.finish();
    auto expected = text(10);
    expected[0] = 'A';
    expected[1] = 'B';
    EXPECT_EQ(received(), expected);
    EXPECT_TRUE(arena_.all_returned());
}
