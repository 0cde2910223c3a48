// SPDX-License-Identifier: MIT
// Long messages that are read while they are being written.
#include "channel/cut_through.hpp"

#include <cohort/channel/queue.hpp>

#include "channel/item_sink.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using channel::BlockFront;
using channel::CutThroughReader;
using channel::QueueEnd;
using channel::ShownBlock;
using channel::ShownWord;
using serial::GrowingMessageOf;

/// A block with the first bytes of a message.
class Written {
public:
    template <class T>
    explicit Written(const T& value) {
        serial::write_message(sink_, value);
        block_ = shm::tree_arena().allocate(shm::BlockTag::owned_by(shm::this_process()), sizeof(BlockFront) + size());
    }
    ~Written() { shm::tree_arena().free(block_); }
    Written(const Written&) = delete;
    Written& operator=(const Written&) = delete;

    void write_up_to(std::size_t end) {
        std::memcpy(shm::tree_arena().data(block_) + sizeof(BlockFront), sink_.bytes().data(), end);
    }
    std::size_t size() const { return sink_.bytes().size(); }
    shm::BlockName block() const { return block_; }

private:
    serial::BufferSink sink_;
    shm::BlockName block_;
};

std::vector<int> many_numbers() {
    std::vector<int> numbers(500'000);
    std::iota(numbers.begin(), numbers.end(), 7);
    return numbers;
}

class CutThrough : public testing::Test {
protected:
    // Reads what there is.
    static void read_all(CutThroughReader& reader) {
        while (reader.ready()) reader.work(shm::RingStatus::empty);
    }

    Queue<std::vector<int>> queue_;
    QueueEnd end_{queue_.object()};
    GrowingMessageOf<std::vector<int>> message_;
    CutThroughReader reader_{end_, message_};
};

TEST_F(CutThrough, what_is_there_is_read_and_the_rest_later) {
    const auto numbers = many_numbers();
    Written written(numbers);
    ShownBlock shown(end_);
    EXPECT_FALSE(reader_.ready());
    written.write_up_to(20);
    ASSERT_TRUE(shown.show(written.block(), written.size(), 20));
    for (const std::size_t end : {21U, 22U, 23U, 24U, 1'000U, 1'500'001U}) {
        written.write_up_to(end);
        shown.advance(end);
        read_all(reader_);
    }
    written.write_up_to(written.size());
    const std::size_t read = reader_.read_of(written.block());
    EXPECT_EQ(read, 1'500'001U);
    const std::byte* bytes = shm::tree_arena().data(written.block()) + sizeof(BlockFront);
    serial::Source rest({bytes + read, written.size() - read});
    EXPECT_EQ(message_.read(rest), numbers);
    rest.expect_end();
}

TEST_F(CutThrough, what_was_read_of_another_item_is_forgotten) {
    Written written(many_numbers());
    ShownBlock shown(end_);
    written.write_up_to(written.size());
    ASSERT_TRUE(shown.show(written.block(), written.size(), written.size()));
    read_all(reader_);
    Written other(std::vector<int>{1, 2, 3});
    other.write_up_to(other.size());
    EXPECT_EQ(reader_.read_of(other.block()), 0U);
    serial::Source whole({shm::tree_arena().data(other.block()) + sizeof(BlockFront), other.size()});
    EXPECT_EQ(message_.read(whole), (std::vector<int>{1, 2, 3}));
}

TEST_F(CutThrough, only_one_reads) {
    Written written(many_numbers());
    ShownBlock shown(end_);
    written.write_up_to(written.size());
    ASSERT_TRUE(shown.show(written.block(), written.size(), written.size()));
    read_all(reader_);
    GrowingMessageOf<std::vector<int>> second;
    CutThroughReader late(end_, second);
    read_all(late);
    EXPECT_EQ(late.read_of(written.block()), 0U);
    EXPECT_EQ(reader_.read_of(written.block()), written.size());
}

// Who has claimed a cell comes before the message.
TEST_F(CutThrough, nothing_is_read_while_an_item_is_being_put) {
    Written written(many_numbers());
    ShownBlock shown(end_);
    written.write_up_to(written.size());
    ASSERT_TRUE(shown.show(written.block(), written.size(), written.size()));
    ASSERT_TRUE(reader_.ready());
    EXPECT_FALSE(reader_.work(shm::RingStatus::empty));
    ASSERT_TRUE(reader_.ready());
    EXPECT_FALSE(reader_.work(shm::RingStatus::pending));
    EXPECT_FALSE(reader_.ready());
    EXPECT_TRUE(ShownWord(end_.shown().load()).is_open());
}

// Who has slept for long finds another block.
TEST_F(CutThrough, a_reader_of_an_earlier_block_changes_nothing) {
    Written written(many_numbers());
    written.write_up_to(written.size());
    {
        ShownBlock shown(end_);
        ASSERT_TRUE(shown.show(written.block(), written.size(), 100));
        read_all(reader_);
    }
    Written next(many_numbers());
    next.write_up_to(next.size());
    ShownBlock shown(end_);
    ASSERT_TRUE(shown.show(next.block(), next.size(), 100));
    GrowingMessageOf<std::vector<int>> second;
    CutThroughReader reader(end_, second);
    read_all(reader);
    const std::uint64_t word = end_.shown().load();
    EXPECT_TRUE(ShownWord(word).has_reader());
    EXPECT_FALSE(reader_.ready());
    EXPECT_FALSE(reader_.work(shm::RingStatus::empty));
    EXPECT_EQ(reader_.read_of(next.block()), 0U);
    EXPECT_EQ(end_.shown().load(), word);
}

TEST_F(CutThrough, messages_of_another_type_or_size_are_left_alone) {
    Written text(std::string(2'000'000, 'x'));
    {
        ShownBlock shown(end_);
        text.write_up_to(text.size());
        ASSERT_TRUE(shown.show(text.block(), text.size(), text.size()));
        read_all(reader_);
    }
    EXPECT_EQ(reader_.read_of(text.block()), 0U);

    Written numbers(many_numbers());
    for (const std::size_t size : {~std::size_t{0}, std::size_t{0}, std::size_t{5}}) {
        ShownBlock shown(end_);
        numbers.write_up_to(numbers.size());
        ASSERT_TRUE(shown.show(numbers.block(), size, numbers.size()));
        CutThroughReader reader(end_, message_);
        read_all(reader);
        EXPECT_EQ(reader.read_of(numbers.block()), 0U);
    }
}

TEST_F(CutThrough, one_at_a_time_is_shown) {
    Written first(many_numbers());
    Written second(many_numbers());
    ShownBlock shown(end_);
    ShownBlock not_shown(end_);
    ASSERT_TRUE(shown.show(first.block(), first.size(), 0));
    EXPECT_FALSE(not_shown.show(second.block(), second.size(), 0));
    shown.withdraw();
    EXPECT_TRUE(not_shown.show(second.block(), second.size(), 0));
}

TEST_F(CutThrough, what_the_dead_have_shown_is_in_nobodys_way) {
    ForkedChild child([&] {
        Written written(many_numbers());
        ShownBlock shown(end_);
        written.write_up_to(100);
        shown.show(written.block(), written.size(), 100);
        ::raise(SIGKILL);
    });
    EXPECT_EQ(child.wait().signal(), SIGKILL);
    EXPECT_TRUE(reader_.ready());
    read_all(reader_);  // as who waits does before anybody has noticed the death
    shm::reap_tree();
    EXPECT_FALSE(reader_.ready() && (reader_.work(shm::RingStatus::empty), reader_.ready()));
    queue_.put(many_numbers());
    EXPECT_EQ(queue_.get(), many_numbers());
    Written next(many_numbers());
    ShownBlock shown(end_);
    EXPECT_TRUE(shown.show(next.block(), next.size(), 0));
}

// A put that fails takes back what it has shown.
TEST_F(CutThrough, a_put_that_fails_leaves_nothing) {
    const Queue<std::vector<int>> one(1);
    one.put({1});
    const auto blocks = shm::tree_arena().usage().blocks;
    EXPECT_FALSE(one.try_put(many_numbers()));
    EXPECT_EQ(QueueEnd(one.object()).shown().load(), 0U);
    one.close();
    EXPECT_THROW(one.put(many_numbers()), ValueError);
    EXPECT_EQ(one.get(), std::vector<int>{1});
    EXPECT_EQ(shm::tree_arena().usage().blocks, blocks);
}

}  // namespace
}  // namespace cohort::test
