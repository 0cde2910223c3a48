// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/outcome.hpp>
#include <cohort/pool/pool.hpp>

#include "conformance/pool/pools.hpp"

#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace cohort::test {

/// What a function of one argument takes.
template <class F>
struct Taken;
template <class R, class Item>
struct Taken<R (*)(Item)> {
    using Type = std::remove_cvref_t<Item>;
};
template <class F>
using ItemOf = typename Taken<F>::Type;

/// The suite against hanging: whatever fails on the way of a task or of its result, the call ends, with the error of
/// that one task, all other tasks have their results, and the pool goes on.
class NoHang : public Pools {
protected:
    static constexpr int kItems = 8;
    /// The item that fails; the second of its chunk.
    static constexpr int kBad = 3;

    /// The pool still works, and ends as it should.
    static void expect_works(Pool& pool) {
        EXPECT_EQ(pool.map(square, {1, 2, 3}), (std::vector{1, 4, 9}));
        pool.close();
        pool.join();
    }

    /// Squares the items 0 to 7, but for item 3, for which it calls `kDeed`, too.
    template <void (*kDeed)()>
    static std::vector<Outcome<int>> outcomes_with(Pool& pool, const MapOptions& options = {.chunksize = 2}) {
        return pool.map(but_for_one<kDeed>, range(kItems), collect, options);
    }
    /// The error of item 3; the others must be squares.
    template <class Error, class R>
    static std::optional<Error> only_error(const std::vector<Outcome<R>>& outcomes) {
        EXPECT_EQ(outcomes.size(), static_cast<std::size_t>(kItems));
        for (std::size_t i = 0; i != outcomes.size(); ++i)
            EXPECT_EQ(outcomes[i].has_value(), i != kBad) << "item " << i;
        return error_as<Error>(outcomes.at(kBad).error());
    }

    /// Calls `f` for 8 items, `bad` as item 3 and `good` as the others: the bad one fails with this error, and it
    /// alone.
    template <class Error, class F>
    static std::optional<Error> expect_item_error(Pool& pool, F f, const ItemOf<F>& good, const ItemOf<F>& bad) {
        std::vector<ItemOf<F>> items(kItems, good);
        items.at(kBad) = bad;
        return only_error<Error>(pool.map(f, items, collect, {.chunksize = 2}));
    }
    /// The same where the bad item ends its worker in this way.
    template <class F>
    static void expect_item_lost(Pool& pool, F f, const ItemOf<F>& good, const ItemOf<F>& bad, int exitcode) {
        const auto lost = expect_item_error<WorkerLostError>(pool, f, good, bad);
        ASSERT_TRUE(lost);
        EXPECT_EQ(lost->exitcode(), exitcode) << lost->what();
        EXPECT_EQ(lost->task_index(), kBad);
    }

    /// In a pool of its own: item 3 is lost, its worker has ended in this way, and nothing else is touched.
    template <void (*kDeed)()>
    static void expect_lost(int exitcode) {
        Pool pool(pool_of(2));
        const auto lost = only_error<WorkerLostError>(outcomes_with<kDeed>(pool));
        ASSERT_TRUE(lost);
        EXPECT_EQ(lost->exitcode(), exitcode) << lost->what();
        EXPECT_EQ(lost->task_index(), kBad);
        expect_works(pool);
    }
    /// The same where the worker stays: item 3 fails with an error.
    /// @returns its text
    template <class Error, void (*kDeed)()>
    static std::string expect_error() {
        Pool pool(pool_of(2));
        const auto workers = pool.worker_pids();
        const auto error = only_error<Error>(outcomes_with<kDeed>(pool));
        EXPECT_EQ(pool.worker_pids(), workers);
        expect_works(pool);
        return error ? error->what() : "";
    }

    template <class Error>
    static std::optional<Error> error_as(const std::exception_ptr& error) {
        if (!error) return std::nullopt;
        try {
            std::rethrow_exception(error);
        } catch (const Error& as_expected) {
            return as_expected;
        } catch (const std::exception& other) {
            ADD_FAILURE() << "another error: " << other.what();
        }
        return std::nullopt;
    }

private:
    template <void (*kDeed)()>
    static int but_for_one(int i) {
        if (i == kBad) kDeed();
        return square(i);
    }
};

}  // namespace cohort::test
