// SPDX-License-Identifier: MIT
#include "shm/life_lock.hpp"

#include "os/futex.hpp"
#include "os/unix_socket.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

using cohort::shm::LifeLock;
using cohort::shm::ProcessMark;
using cohort::test::ForkedChild;
using cohort::test::Shared;

namespace {

struct Board {
    LifeLock lock;
    ProcessMark mark;
    std::atomic<bool> ready{false};
    std::atomic<bool> end{false};
    Board() { lock.format(); }

    void take() {
        mark = cohort::shm::current_process_mark();
        lock.take();
        ready = true;
    }
    void wait_until_taken() const {
        while (!ready) std::this_thread::yield();
    }
    // Sleeps until the kernel marks the lock.
    void wait_until_marked() {
        while (const auto watch = lock.watch()) cohort::os::futex_wait(*watch->word, watch->expected, {});
    }
};

[[noreturn]] void stay() {
    for (;;) ::pause();
}

TEST(LifeLock, a_killed_holder_marks_it_and_is_dead) {
    Shared<Board> board;
    ForkedChild child([&] {
        board->take();
        stay();
    });
    board->wait_until_taken();
    EXPECT_FALSE(board->lock.marked());
    EXPECT_TRUE(board->lock.watch());
    child.kill();
    board->wait_until_marked();
    EXPECT_TRUE(board->lock.marked());
    EXPECT_FALSE(board->lock.watch());
    // Other threads of the dead, such as a sanitizer's, may still be on their way out.
    while (!cohort::shm::process_is_dead(board->mark)) std::this_thread::yield();
    child.wait();
    EXPECT_TRUE(cohort::shm::process_is_dead(board->mark));
}

TEST(LifeLock, a_holder_that_ends_normally_marks_it_too) {
    Shared<Board> board;
    ForkedChild child([&] { board->take(); });
    EXPECT_TRUE(child.wait().success());
    EXPECT_TRUE(board->lock.marked());
    EXPECT_TRUE(cohort::shm::process_is_dead(board->mark));
}

TEST(LifeLock, a_dropped_lock_is_not_marked) {
    Shared<Board> board;
    ForkedChild child([&] {
        board->take();
        board->lock.drop();
    });
    EXPECT_TRUE(child.wait().success());
    EXPECT_FALSE(board->lock.marked());
}

TEST(LifeLock, a_thread_that_ends_alone_is_no_death) {
    Shared<Board> board;
    std::thread([&] { board->take(); }).join();
    EXPECT_TRUE(board->lock.marked());
    EXPECT_FALSE(cohort::shm::process_is_dead(board->mark));
}

TEST(LifeLock, a_process_whose_main_thread_ended_alone_lives_until_the_others_end) {
    Shared<Board> board;
    ForkedChild child([&] {
        board->take();
        std::thread([&] {
            while (!board->end) std::this_thread::yield();
            ::_exit(0);
        }).detach();
        ::syscall(SYS_exit, 0);  // this thread only, without unwinding through the test
    });
    board->wait_until_taken();
    board->wait_until_marked();
    EXPECT_FALSE(cohort::shm::process_is_dead(board->mark));
    board->end = true;
    EXPECT_TRUE(child.wait().success());
    EXPECT_TRUE(cohort::shm::process_is_dead(board->mark));
}

TEST(LifeLock, a_process_that_runs_another_program_is_dead) {
    Shared<Board> board;
    auto ends = cohort::os::socket_pair(cohort::os::SocketKind::stream);
    ForkedChild child([&] {
        board->take();
        ::dup2(ends.first.get(), 0);
        ::execlp("cat", "cat", nullptr);
        ::_exit(127);
    });
    ends.first.reset();
    board->wait_until_taken();
    board->wait_until_marked();
    EXPECT_TRUE(cohort::shm::process_is_dead(board->mark));
    ends.second.reset();
    EXPECT_TRUE(child.wait().success());
}

TEST(LifeLock, a_process_with_a_recycled_number_is_not_its_predecessor) {
    auto mark = cohort::shm::current_process_mark();
    EXPECT_FALSE(cohort::shm::process_is_dead({mark.pid, 0, mark.start_time}));
    EXPECT_TRUE(cohort::shm::process_is_dead({mark.pid, 0, mark.start_time - 1}));
}

// Its lock is marked, and its thread lives: so it runs another program. Unless the number is another thread's by now,
// or the lock was never taken.
TEST(LifeLock, a_thread_with_a_recycled_number_is_not_its_predecessor) {
    auto mark = cohort::shm::current_process_mark();
    EXPECT_TRUE(cohort::shm::process_is_dead(mark));
    EXPECT_FALSE(cohort::shm::process_has_ended(mark));
    --mark.thread_start;
    EXPECT_FALSE(cohort::shm::process_is_dead(mark));
}

}  // namespace
