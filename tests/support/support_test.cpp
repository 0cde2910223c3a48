// SPDX-License-Identifier: MIT
// Tests that are wrong: CTest runs each alone and expects what the test support says about it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

TEST(Wrong, leaves_a_descriptor) {
    ASSERT_GE(::open("/dev/null", O_RDONLY), 0);
}

TEST(Wrong, closes_what_is_not_its_own) {
    ASSERT_EQ(::close(STDIN_FILENO), 0);
}

TEST(Wrong, leaves_a_child_that_nobody_reaped) {
    if (::fork() == 0) ::_exit(0);
}

TEST(Wrong, leaves_an_orphan) {
    int status = 0;
    if (::fork() == 0) {
        if (::fork() == 0) {
            ::alarm(60);
            for (;;) ::pause();
        }
        ::_exit(0);
    }
    ASSERT_GT(::wait(&status), 0);
}

TEST(Wrong, leaves_a_name_in_shared_memory) {
    static std::string name = "/cohort-left-by-" + std::to_string(::getpid());
    int shared = ::shm_open(name.c_str(), O_CREAT | O_RDWR, 0600);
    ASSERT_GE(shared, 0);
    ::close(shared);
    std::atexit([] { ::shm_unlink(name.c_str()); });  // before other programs that run now lose patience
}

TEST(Wrong, leaves_a_file) {
    std::ofstream(std::string(std::getenv("TMPDIR")) + "/left") << "behind";
}

TEST(Wrong, comes_back_from_a_child) {
    int status = 0;
    if (::fork() == 0) return;
    ASSERT_GT(::wait(&status), 0);
    EXPECT_EQ(WEXITSTATUS(status), 99);
}

TEST(Wrong, hangs) {
    for (;;) ::pause();
}

}  // namespace
