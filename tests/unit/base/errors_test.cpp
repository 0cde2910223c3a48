// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <type_traits>

template <class... E>
constexpr bool are_errors = (std::is_base_of_v<cohort::Error, E> && ...);

TEST(Errors, all_are_errors_of_cohort) {
    using namespace cohort;
    static_assert(std::is_base_of_v<std::runtime_error, Error>);
    static_assert(
        are_errors<TimeoutError, AuthenticationError, BufferTooShort, EofError, Empty, Full, BrokenBarrierError,
                   ValueError, RemoteError, WorkerLostError, BrokenPoolError, MemoryLimitError, CancelledError,
                   Interrupted, KeyError, SerializationError, BinaryMismatchError>);
    EXPECT_THROW(throw ValueError("wrong"), Error);
}

TEST(Errors, of_queues_have_a_text_of_their_own) {
    EXPECT_STREQ(cohort::Empty().what(), "the queue is empty");
    EXPECT_STREQ(cohort::Full().what(), "the queue is full");
}

TEST(Errors, a_worker_ended_by_a_signal_tells_its_number) {
    cohort::WorkerLostError lost("lost", {.pid = 7, .exitcode = -9});
    EXPECT_EQ(lost.signal(), 9);
    EXPECT_EQ(cohort::WorkerLostError("lost", {.exitcode = 3}).signal(), std::nullopt);
}
