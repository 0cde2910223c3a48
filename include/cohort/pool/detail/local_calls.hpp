// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/items.hpp>
#include <cohort/pool/detail/local_call.hpp>
#include <cohort/pool/detail/local_task.hpp>
#include <cohort/pool/detail/stream.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cohort::detail {

/// Whether there can be a copy of each of these for every run.
template <class... Ts>
inline constexpr bool are_copyable_v = ((std::is_copy_constructible_v<Ts> && !claims_to_copy_v<Ts>)&&...);

/// Runs what is the user's, and hands on its result if that is still wanted.
/// @param make  makes an R, without the lock
/// @param keep  gets it, with the lock
template <class R, class Make, class Keep>
void carry_out(ItemRun& run, Make&& make, Keep&& keep) {
    if constexpr (std::is_void_v<R>) {
        if (run.unlocked(make)) keep();
    } else {
        std::optional<R> result;
        if (run.unlocked([&] { result.emplace(make()); }))
            keep(*std::move(result));
        else
            run.unlocked([&] { result.reset(); });
    }
}

/// A call of F that is run here.
template <class F, class R, template <class> class Gathered = Results>
class LocalCallOf : public CallBase<LocalCall, F, R, Gathered> {
public:
    using CallBase<LocalCall, F, R, Gathered>::CallBase;

protected:
    template <class Make>
    void keep(std::size_t index, ItemRun& run, Make&& make) {
        carry_out<R>(run, make, [&](auto&&... result) {
            if constexpr (!std::is_void_v<R>) this->results().put(index, std::forward<decltype(result)>(result)...);
        });
    }
};

/// `pool.apply(f, args...)`.
template <class F, class... Args>
class LocalApply final : public LocalCallOf<F, typename LocalTask<F, Args...>::Result, OneResult> {
    using Task = LocalTask<F, Args...>;
    using R = typename Task::Result;

public:
    LocalApply(F& function, std::tuple<Args...>& arguments)
        : LocalCallOf<F, R, OneResult>(function, 1), arguments_(arguments) {}

    void run_item(std::size_t index, ItemRun& run) override {
        this->keep(index, run, [&]() -> R {
            if constexpr (are_copyable_v<Args...>) {
                if (run.may_run_again) {
                    std::tuple<Args...> copies = arguments_;
                    return static_cast<R>(Task::call(this->callee(), copies, run.stop));
                }
            }
            return static_cast<R>(Task::call(this->callee(), arguments_, run.stop));
        });
    }
    bool takes_stop_token() const noexcept override { return Task::takes_stop_token; }
    bool is_repeatable() const noexcept override { return are_copyable_v<Args...>; }

private:
    std::tuple<Args...>& arguments_;
};

/// `pool.map(f, range)`: one argument for each item.
template <class F, class Range>
class LocalMap : public LocalCallOf<F, typename LocalTask<F, stored_t<typename Items<Range>::Value>>::Result> {
    using Item = stored_t<typename Items<Range>::Value>;
    using R = typename LocalTask<F, Item>::Result;

public:
    LocalMap(F& function, Items<Range>& items) : LocalCallOf<F, R>(function, items.size()), items_(items) {}

    void run_item(std::size_t index, ItemRun& run) override {
        decltype(auto) item = items_[index];
        using One = std::tuple<std::remove_reference_t<decltype(item)>&>;
        One one(item);
        this->keep(index, run, [&]() -> R { return Spread<F, One>::call(this->callee(), one, run.stop); });
    }
    bool takes_stop_token() const noexcept override { return LocalTask<F, Item>::takes_stop_token; }
    bool is_repeatable() const noexcept override { return are_copyable_v<Item>; }

private:
    Items<Range>& items_;
};

/// `pool.starmap(f, range)`: each item is a tuple of arguments.
template <class F, class Range>
class LocalStarmap : public LocalCallOf<F, typename Spread<F, typename Items<Range>::Value>::Result> {
    using Tuple = typename Items<Range>::Value;
    using R = typename Spread<F, Tuple>::Result;

public:
    LocalStarmap(F& function, Items<Range>& items) : LocalCallOf<F, R>(function, items.size()), items_(items) {}

    void run_item(std::size_t index, ItemRun& run) override {
        decltype(auto) item = items_[index];
        using Here = std::remove_reference_t<decltype(item)>;
        this->keep(index, run, [&]() -> R { return Spread<F, Here>::call(this->callee(), item, run.stop); });
    }
    bool takes_stop_token() const noexcept override { return Spread<F, Tuple>::Copied::takes_stop_token; }
    bool is_repeatable() const noexcept override { return are_copyable_v<Tuple>; }

private:
    Items<Range>& items_;
};

/// `pool.imap(f, range)`: one argument for each item, which come by and by.
template <class F, class Item>
class LocalStream final : public StreamCall<LocalCall, F, Item, typename LocalTask<F, Item>::Result> {
    using Task = LocalTask<F, Item>;
    using R = typename Task::Result;
    using Base = StreamCall<LocalCall, F, Item, R>;

public:
    using Base::Base;

    // The item is taken out: when it is over its time, its place goes.
    void run_item(std::size_t index, ItemRun& run) override {
        std::tuple<Item> item = take_item(index, run.may_run_again);
        carry_out<R>(
            run, [&]() -> R { return static_cast<R>(Task::call(this->callee(), item, run.stop)); },
            [&](auto&&... result) { this->end(index, typename Base::Value(std::move(result)...)); });
    }
    bool takes_stop_token() const noexcept override { return Task::takes_stop_token; }
    bool is_repeatable() const noexcept override { return are_copyable_v<Item>; }

private:
    std::tuple<Item> take_item(std::size_t index, bool may_run_again) {
        if constexpr (are_copyable_v<Item>)
            if (may_run_again) return std::tuple<Item>(this->item(index));
        return std::tuple<Item>(std::move(this->item(index)));
    }
};

}  // namespace cohort::detail
