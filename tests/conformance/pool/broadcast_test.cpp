// SPDX-License-Identifier: MIT
#include <cohort/pool/broadcast.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>
#include <cohort/serial/archive.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/lock.hpp>

#include "conformance/pool/every_pool.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using cohort::Broadcast;

namespace {

using Table = std::map<std::string, std::vector<int>>;

Table table() {
    return {{"primes", {2, 3, 5, 7}}, {"squares", {1, 4, 9}}};
}

int look_up(const Broadcast<Table>& table, const std::string& name, std::size_t i) {
    return table->at(name).at(i);
}

/// Counts how often the process has read one.
struct Counted {
    std::string text;
    static inline int reads = 0;

    template <class Archive>
    void save(Archive& archive) const {
        archive(text);
    }
    template <class Archive>
    void load(Archive& archive) {
        ++reads;
        archive(text);
    }
};

std::tuple<pid_t, int, std::string> reads_of(const Broadcast<Counted>& value, int) {
    return {::getpid(), Counted::reads, value->text};
}

class PoolBroadcast : public EveryPoolTest {};

POOL_TEST(PoolBroadcast, tasks_read_what_was_written_once) {
    const Broadcast shared(table());
    Pool pool(options());
    EXPECT_EQ(pool.apply(look_up, shared, "primes", std::size_t{3}), 7);
    std::vector<std::tuple<Broadcast<Table>, std::string, std::size_t>> calls(50, {shared, "squares", 2});
    EXPECT_EQ(pool.starmap(look_up, calls), std::vector<int>(50, 9));
    EXPECT_EQ((*shared).size(), 2U);
}

POOL_TEST(PoolBroadcast, each_process_reads_it_once) {
    Pool pool(options());  // before the value: forked workers do not have it
    const int before = Counted::reads;
    const Broadcast<Counted> shared({"text"});
    std::set<pid_t> workers;
    for (const auto& [pid, reads, text] :
         pool.map(cohort::partial(reads_of, shared), cohort::range(200), {.chunksize = 1})) {
        EXPECT_EQ(reads, are_threads<Pool> ? before : 1);
        EXPECT_EQ(text, "text");
        workers.insert(pid);
    }
    EXPECT_LE(workers.size(), 2U);
    EXPECT_EQ(Counted::reads, before);
}

POOL_TEST(PoolBroadcast, tasks_hold_what_its_maker_has_dropped) {
    Pool pool(options());
    EXPECT_EQ(pool.apply(look_up, Broadcast(table()), "primes", std::size_t{0}), 2);
}

INSTANTIATE_EVERY_POOL(PoolBroadcast);

TEST(Broadcast, a_forked_child_does_not_read_it_again) {
    const int before = Counted::reads;
    const Broadcast<Counted> shared({"text"});
    cohort::Process child({.start_method = cohort::StartMethod::fork},
                          [&] { return shared->text == "text" && Counted::reads == before ? 0 : 1; });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST(Broadcast, is_forgotten_after_its_last_handle) {
    auto watched = std::make_shared<int>(5);
    const std::weak_ptr<int> alive = watched;
    {
        const Broadcast<std::shared_ptr<int>> first(std::move(watched));
        EXPECT_EQ(**first, 5);
    }
    const Broadcast other(1);
    EXPECT_TRUE(alive.expired());
    EXPECT_EQ(*other, 1);
}

TEST(Broadcast, a_copy_is_the_same_and_a_moved_one_is_nothing) {
    Broadcast first(table());
    const Broadcast<Table> copy = first;
    EXPECT_EQ(&*copy, &*first);
    EXPECT_EQ(copy, first);
    const Broadcast<Table> moved = std::move(first);
    EXPECT_EQ(&*moved, &*copy);
    EXPECT_THROW(first.value(), cohort::ValueError);  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(Broadcast, handles_in_it_are_refused) {
    EXPECT_THROW(Broadcast<cohort::Lock>{cohort::Lock()}, cohort::SerializationError);
}

}  // namespace
