// SPDX-License-Identifier: MIT
#include "shm/segment.hpp"

#include "os/fault.hpp"
#include "os/file.hpp"
#include "os/memfd.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

using cohort::shm::Segment;

namespace {

TEST(Segment, carves_ranges_that_do_not_overlap_and_read_as_zeros) {
    auto segment = Segment::create("cohort-test", 1 << 20);
    const std::size_t first = segment.carve(100);
    const std::size_t second = segment.carve(100);
    EXPECT_GE(first, Segment::kFirstOffset);
    EXPECT_GE(second, first + 100);
    EXPECT_EQ(second % 128, 0U);
    EXPECT_EQ(segment.carve(1, 4096) % 4096, 0U);
    EXPECT_EQ(*segment.at<int>(second), 0);
    EXPECT_EQ(segment.offset_of(segment.at(second)), second);
}

TEST(Segment, ends_where_it_was_said_to) {
    auto segment = Segment::create("cohort-test", 4096);
    segment.carve(4096);
    EXPECT_THROW(segment.carve(1), std::bad_alloc);
    EXPECT_THROW(segment.carve(~std::size_t{0}), std::bad_alloc);
}

TEST(Segment, is_the_same_memory_when_attached) {
    auto segment = Segment::create("cohort-test", 1 << 20);
    const std::size_t offset = segment.carve(sizeof(int));
    auto other = Segment::attach(cohort::os::duplicate(segment.descriptor().get()));
    EXPECT_NE(other.at(0), segment.at(0));
    *other.at<int>(offset) = 7;
    EXPECT_EQ(*segment.at<int>(offset), 7);
    EXPECT_GE(other.carve(1), offset + sizeof(int));
}

TEST(Segment, is_shared_with_forked_children) {
    auto segment = Segment::create("cohort-test", 1 << 20);
    const std::size_t offset = segment.carve(sizeof(int));
    cohort::test::ForkedChild child([&] { *segment.at<int>(offset) = 7; });
    EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(*segment.at<int>(offset), 7);
}

TEST(Segment, refuses_what_is_no_segment) {
    auto small = cohort::os::memfd_create("cohort-test");
    EXPECT_THROW(Segment::attach(std::move(small)), std::runtime_error);
    auto zeros = cohort::os::memfd_create("cohort-test");
    cohort::os::resize(zeros.get(), 1 << 16);
    EXPECT_THROW(Segment::attach(std::move(zeros)), std::runtime_error);
}

TEST(Segment, says_when_memory_is_missing) {
    auto segment = Segment::create("cohort-test", 1 << 20);
    const std::size_t offset = segment.carve(4096, 4096);
    cohort::os::Fault fault("madvise(MADV_POPULATE_WRITE)", ENOMEM);
    try {
        segment.populate(offset, 4096);
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ENOMEM);
    }
}

TEST(Segment, gives_memory_back) {
    auto segment = Segment::create("cohort-test", 1 << 20);
    const std::size_t offset = segment.carve(8192, 4096);
    segment.populate(offset, 8192);
    *segment.at<int>(offset) = 7;
    segment.discard(offset, 8192);
    EXPECT_EQ(*segment.at<int>(offset), 0);
}

}  // namespace
