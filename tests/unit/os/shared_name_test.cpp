// SPDX-License-Identifier: MIT
#include "os/shared_name.hpp"

#include "os/fault.hpp"
#include "os/memfd.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cerrno>
#include <string>

namespace {

using namespace cohort::os;
using cohort::Descriptor;
using cohort::test::error_text;

std::string own_name() {
    return "cohort-test-name-" + std::to_string(::getpid());
}

TEST(SharedName, is_given_to_complete_memory_once) {
    const Descriptor memory = create_nameless_memory(5000);
    EXPECT_EQ(size(memory.get()), 5000U);
    EXPECT_FALSE(identity_of_shared_name(own_name()));
    EXPECT_TRUE(give_shared_name(memory.get(), own_name()));
    EXPECT_EQ(identity_of_shared_name(own_name()), identity_of(memory.get()));
    EXPECT_EQ(identity_of(open_shared_name(own_name()).get()), identity_of(memory.get()));
    EXPECT_FALSE(give_shared_name(create_nameless_memory(1).get(), own_name()));
    remove_shared_name(own_name());
    EXPECT_EQ(error_text(ENOENT, [] { remove_shared_name(own_name()); }),
              "shm_unlink '/" + own_name() + "': No such file or directory");
    EXPECT_EQ(error_text(ENOENT, [] { open_shared_name(own_name()); }),
              "shm_open '/" + own_name() + "': No such file or directory");
}

TEST(SharedName, has_its_memory_from_the_start) {
    const Fault fault("fallocate", ENOSPC);
    EXPECT_EQ(error_text(ENOSPC, [] { create_nameless_memory(5000); }),
              "fallocate 5000 bytes of shared memory: No space left on device");
}

TEST(SharedName, is_removed_only_if_it_is_still_that_file) {
    const Descriptor first = create_nameless_memory(1), second = create_nameless_memory(1);
    EXPECT_TRUE(give_shared_name(first.get(), own_name()));
    remove_shared_name_of(own_name(), identity_of(second.get()));
    EXPECT_TRUE(identity_of_shared_name(own_name()));
    remove_shared_name_of(own_name(), identity_of(first.get()));
    EXPECT_FALSE(identity_of_shared_name(own_name()));
    remove_shared_name_of(own_name(), identity_of(first.get()));
}

}  // namespace
