// SPDX-License-Identifier: MIT
#include "os/mapping.hpp"

#include "os/fault.hpp"
#include "os/fork.hpp"
#include "os/memfd.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace {

using namespace cohort::os;
using cohort::Descriptor;

std::size_t blocks(const Descriptor& file) {
    struct stat status {};
    EXPECT_EQ(::fstat(file.get(), &status), 0);
    return static_cast<std::size_t>(status.st_blocks) * 512;
}

TEST(Memfd, is_sparse_and_shared) {
    Descriptor file = memfd_create("shared");
    resize(file.get(), 1 << 30);
    EXPECT_EQ(size(file.get()), 1U << 30);
    Mapping one = Mapping::map_shared(file.get(), 1 << 30);
    Mapping two = Mapping::map_shared(file.get(), page_size(), page_size());
    one.data()[page_size()] = std::byte{7};
    EXPECT_EQ(two.data()[0], std::byte{7});
    EXPECT_EQ(blocks(file), page_size());
}

TEST(Memfd, over_the_size_limit_is_an_error_and_no_signal) {
    auto forked = fork_process();
    if (forked.in_child()) {
        rlimit limit{page_size(), RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            resize(memfd_create("large").get(), 2 * page_size());
        } catch (const std::system_error& error) {
            ::_exit(error.code().value() == EFBIG ? 0 : 1);
        }
        ::_exit(2);
    }
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
}

TEST(Mapping, moves) {
    Mapping memory = Mapping::map_anonymous_shared(page_size());
    std::byte* data = memory.data();
    Mapping other = std::move(memory);
    EXPECT_FALSE(memory);  // NOLINT(bugprone-use-after-move): what a move leaves is what is tested
    EXPECT_EQ(other.data(), data);
    EXPECT_EQ(other.size(), page_size());
    other.unmap();
    other.unmap();
    EXPECT_FALSE(other);
}

TEST(Mapping, shared_memory_is_one_with_the_child_and_private_is_not) {
    Mapping shared = Mapping::map_anonymous_shared(page_size());
    Mapping mine = Mapping::map_anonymous_private(page_size());
    auto forked = fork_process();
    if (forked.in_child()) {
        shared.data()[0] = mine.data()[0] = std::byte{1};
        ::_exit(0);
    }
    forked.process.wait(cohort::forever);
    EXPECT_EQ(shared.data()[0], std::byte{1});
    EXPECT_EQ(mine.data()[0], std::byte{0});
}

TEST(Mapping, wiped_memory_is_zero_in_the_child) {
    Mapping memory = Mapping::map_anonymous_private(page_size());
    memory.wipe_on_fork();
    memory.data()[0] = std::byte{9};
    auto forked = fork_process();
    if (forked.in_child()) ::_exit(std::to_integer<int>(memory.data()[0]));
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    EXPECT_EQ(memory.data()[0], std::byte{9});
}

class Populate : public testing::TestWithParam<bool> {
protected:
    /// Whether the kernel is to look older than MADV_POPULATE_WRITE.
    Populate() {
        if (GetParam()) old_kernel_.emplace("madvise(MADV_POPULATE_WRITE)", EINVAL, 1, Fault::kAlways);
    }
    Descriptor file_ = memfd_create("populate");

private:
    std::optional<Fault> old_kernel_;
};

TEST_P(Populate, gives_memory_and_keeps_the_content) {
    resize(file_.get(), 8 * page_size());
    Mapping memory = Mapping::map_shared(file_.get(), 8 * page_size());
    memory.data()[page_size()] = std::byte{5};
    memory.populate(page_size() + 1, 2 * page_size());
    EXPECT_EQ(memory.data()[page_size()], std::byte{5});
    EXPECT_EQ(blocks(file_), 3 * page_size());
    memory.populate(0, 0);
    EXPECT_EQ(blocks(file_), 3 * page_size());
}

TEST_P(Populate, a_page_that_cannot_be_had_is_an_error_and_no_signal) {
    resize(file_.get(), page_size());
    Mapping memory = Mapping::map_shared(file_.get(), 2 * page_size());
    EXPECT_NE(cohort::test::error_text(ENOMEM, [&] { memory.populate(0, 2 * page_size()); }), "");
}

INSTANTIATE_TEST_SUITE_P(Mapping, Populate, testing::Bool(),
                         [](const auto& kernel) { return kernel.param ? "on_an_old_kernel" : "on_this_kernel"; });

bool has_memory(std::byte* page) {
    unsigned char resident = 0;
    EXPECT_EQ(::mincore(page, page_size(), &resident), 0);
    return resident & 1;
}

TEST(PopulatePages, gives_memory_to_those_that_begin_in_the_range) {
    const Mapping memory = Mapping::map_anonymous_private(4 * page_size());
    populate_pages(memory.data() + 1, 0);
    populate_pages(memory.data() + 1, page_size() - 1);
    EXPECT_FALSE(has_memory(memory.data() + page_size()));
    memory.data()[page_size()] = std::byte{7};
    populate_pages(memory.data() + 1, 2 * page_size());
    if (!has_memory(memory.data() + 2 * page_size())) GTEST_SKIP() << "before Linux 5.14";
    EXPECT_FALSE(has_memory(memory.data()));
    EXPECT_FALSE(has_memory(memory.data() + 3 * page_size()));
    EXPECT_EQ(memory.data()[page_size()], std::byte{7});
}

TEST(Mapping, discard_gives_whole_pages_back) {
    Descriptor file = memfd_create("discard");
    resize(file.get(), 4 * page_size());
    Mapping memory = Mapping::map_shared(file.get(), 4 * page_size());
    for (std::size_t i = 0; i < memory.size(); ++i) memory.data()[i] = std::byte{1};
    memory.discard(1, 3 * page_size());
    EXPECT_EQ(blocks(file), 2 * page_size());
    memory.discard(1, 10);
    EXPECT_EQ(blocks(file), 2 * page_size());
    EXPECT_EQ(memory.data()[page_size()], std::byte{0});
    EXPECT_EQ(memory.data()[1], std::byte{1});
}

}  // namespace
