// SPDX-License-Identifier: MIT
// Arguments and results whose codec throws, exits or crashes, and workers that die with large ones in their hands.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

enum class Failure { none, error, exit, crash };

void fail(Failure failure) {
    if (failure == Failure::error) throw std::domain_error("as wanted");
    if (failure == Failure::exit) std::_Exit(5);
    if (failure == Failure::crash) std::raise(SIGSEGV);
}

/// A value whose codec fails.
template <bool Writing>
struct Failing {
    Failure failure = Failure::none;
    template <class Archive>
    void save(Archive& archive) const {
        if (Writing) fail(failure);
        archive(failure);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(failure);
        if (!Writing) fail(failure);
    }
};
using FailsWhenWritten = Failing<true>;
using FailsWhenRead = Failing<false>;

int take_written(const FailsWhenWritten&) {
    return 0;
}
int take_read(const FailsWhenRead&) {
    return 0;
}
FailsWhenWritten give_written(Failure failure) {
    return {failure};
}
FailsWhenRead give_read(Failure failure) {
    return {failure};
}

TEST_P(NoHang, error_at_task_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_written, FailsWhenWritten{Failure::error}), std::domain_error);
    expect_item_error<std::domain_error>(pool, take_written, {Failure::none}, {Failure::error});
    expect_works(pool);
}

TEST_P(NoHang, error_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::error}), std::domain_error);
    expect_item_error<std::domain_error>(pool, take_read, {Failure::none}, {Failure::error});
    expect_works(pool);
}

TEST_P(NoHang, exit_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::exit}), WorkerLostError);
    expect_item_lost(pool, take_read, {Failure::none}, {Failure::exit}, 5);
    expect_works(pool);
}

TEST_P(NoHang, crash_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::crash}), WorkerLostError);
    expect_item_lost(pool, take_read, {Failure::none}, {Failure::crash}, -SIGSEGV);
    expect_works(pool);
}

TEST_P(NoHang, error_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::error), std::domain_error);
    expect_item_error<std::domain_error>(pool, give_written, Failure::none, Failure::error);
    expect_works(pool);
}

TEST_P(NoHang, exit_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::exit), WorkerLostError);
    expect_item_lost(pool, give_written, Failure::none, Failure::exit, 5);
    expect_works(pool);
}

TEST_P(NoHang, crash_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::crash), WorkerLostError);
    expect_item_lost(pool, give_written, Failure::none, Failure::crash, -SIGSEGV);
    expect_works(pool);
}

TEST_P(NoHang, error_at_result_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_read, Failure::error), std::domain_error);
    expect_item_error<std::domain_error>(pool, give_read, Failure::none, Failure::error);
    expect_works(pool);
}

std::vector<char> crash_with(std::vector<char> data, int at) {
    if (at == 1) std::raise(SIGKILL);
    return data;
}

TEST_P(NoHang, crash_with_large_data) {
    Pool pool(pool_of(2));
    std::vector<std::pair<std::vector<char>, int>> inputs;
    for (int i = 0; i < 4; ++i) inputs.emplace_back(std::vector<char>(4'000'000, static_cast<char>(i)), i);
    const auto outcomes = pool.starmap(crash_with, inputs, collect);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (i == 1)
            EXPECT_EQ(error_as<WorkerLostError>(outcomes.at(i).error())->task_index(), 1);
        else
            EXPECT_EQ(outcomes.at(i).value(), inputs[i].first);
    }
    inputs[1].second = 5;
    const auto outputs = pool.starmap(crash_with, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_EQ(outputs.at(i), inputs[i].first);
    expect_works(pool);
}

}  // namespace
}  // namespace cohort::test
