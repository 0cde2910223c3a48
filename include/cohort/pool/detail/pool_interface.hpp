// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/pool/async_result.hpp>
#include <cohort/pool/detail/async_call.hpp>
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_handle.hpp>
#include <cohort/pool/detail/stream.hpp>
#include <cohort/pool/detail/task_check.hpp>
#include <cohort/pool/imap_iterator.hpp>
#include <cohort/pool/imap_options.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/outcome.hpp>
#include <cohort/pool/task_options.hpp>
#include <cohort/serial/arguments.hpp>

#include <initializer_list>
#include <memory>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cohort::detail {

/// The calls that every pool has: Pool and ThreadPool inherit them.
/// @tparam Where  InProcesses or InThreads
///
/// Thread safety: all members may be called by several threads at once.
template <class Where>
class PoolInterface : public PoolHandle {
public:
    /// Runs `f(arguments...)` in a worker and waits for it.
    /// @returns what the task returned
    /// @throws what the task threw; SerializationError if the task or its result cannot cross; WorkerLostError if its
    ///         worker died; BrokenPoolError; Interrupted on Ctrl-C; ValueError("Pool not running") after close();
    ///         ValueError if `f` is a null pointer
    template <class F, class... Args>
    auto apply(F&& f, Args&&... arguments) {
        using Check = typename Where::template Apply<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return unmade<typename Check::Result>();
        } else {
            std::tuple<stored_t<Args>...> stored(std::forward<Args>(arguments)...);
            Callable<F> function = std::forward<F>(f);
            serial::refuse_null(function);
            typename Where::template ApplyCall<std::decay_t<F>, stored_t<Args>...> call(function, stored);
            run(call, {});
            return call.take();
        }
    }

    /// Runs `f(item)` for each item of the range and waits for all of them.
    /// @param range  any input range; read once, here
    /// @returns the results in the order of the items; nothing if `f` returns nothing
    /// @throws the error of the first item that failed, once all others have ended; otherwise as apply()
    template <class F, std::ranges::input_range Range>
    auto map(F&& f, Range&& range, const MapOptions& options = {}) {
        using Check = typename Where::template Map<F, Range>;
        return run_over<Where::template MapCall, Check>(std::forward<F>(f), range, options,
                                                        [](auto& call) { return call.take(); });
    }
    /// map() over a list in braces.
    template <class F, class Item>
    auto map(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = typename Where::template Map<F, std::initializer_list<Item>>;
        return run_over<Where::template MapCall, Check>(std::forward<F>(f), items, options,
                                                        [](auto& call) { return call.take(); });
    }
    /// map() that throws no error of an item.
    /// @returns an Outcome for each item, in their order
    template <class F, std::ranges::input_range Range>
    auto map(F&& f, Range&& range, Collect, const MapOptions& options = {}) {
        using Check = typename Where::template Map<F, Range>;
        return run_over<CollectingMap, Check>(std::forward<F>(f), range, options,
                                              [](auto& call) { return call.take_outcomes(); });
    }
    /// The same over a list in braces.
    template <class F, class Item>
    auto map(F&& f, std::initializer_list<Item> items, Collect, const MapOptions& options = {}) {
        return map(std::forward<F>(f), std::vector<Item>(items), collect, options);
    }

    /// As map(), with items that are tuples of arguments (`std::tuple`, `std::pair`, `std::array`).
    template <class F, std::ranges::input_range Range>
    auto starmap(F&& f, Range&& range, const MapOptions& options = {}) {
        using Check = typename Where::template Starmap<F, Range>;
        return run_over<Where::template StarmapCall, Check>(std::forward<F>(f), range, options,
                                                            [](auto& call) { return call.take(); });
    }
    /// starmap() over a list in braces.
    template <class F, class Item>
    auto starmap(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = typename Where::template Starmap<F, std::initializer_list<Item>>;
        return run_over<Where::template StarmapCall, Check>(std::forward<F>(f), items, options,
                                                            [](auto& call) { return call.take(); });
    }
    /// starmap() that throws no error of an item.
    /// @returns an Outcome for each item, in their order
    template <class F, std::ranges::input_range Range>
    auto starmap(F&& f, Range&& range, Collect, const MapOptions& options = {}) {
        using Check = typename Where::template Starmap<F, Range>;
        return run_over<CollectingStarmap, Check>(std::forward<F>(f), range, options,
                                                  [](auto& call) { return call.take_outcomes(); });
    }
    /// The same over a list in braces.
    template <class F, class Item>
    auto starmap(F&& f, std::initializer_list<Item> items, Collect, const MapOptions& options = {}) {
        return starmap(std::forward<F>(f), std::vector<Item>(items), collect, options);
    }

    /// Runs `f(arguments...)` in a worker; does not wait for it.
    /// @returns where the result will be
    /// @throws ValueError("Pool not running") after close(); BrokenPoolError; SerializationError if the callable cannot
    ///         cross; ValueError if `f` is a null pointer. That arguments cannot cross is an error of the result
    template <class F, class... Args>
    requires(!is_arguments_v<std::remove_cvref_t<Args>> && ...) auto apply_async(F&& f, Args&&... arguments) {
        using Check = typename Where::template Apply<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return unmade<AsyncResult<typename Check::Result>>();
        else
            return apply_async(std::forward<F>(f), args(std::forward<Args>(arguments)...));
    }
    /// The same with options.
    /// @param arguments  made by cohort::args()
    template <class F, class... Args>
    auto apply_async(F&& f, Arguments<Args...> arguments,
                     TaskOptions<typename Where::template Task<std::decay_t<F>, Args...>::Result> options = {}) {
        using Check = typename Where::template Task<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return unmade<AsyncResult<typename Check::Result>>();
        } else {
            using Call = AsyncApply<Where::template ApplyCall, std::decay_t<F>, Args...>;
            serial::refuse_null(f);
            const JobOptions how = job_options(options);
            auto call = std::make_shared<Call>(std::forward<F>(f), std::move(arguments.values), std::move(options));
            take_on(call, how);
            return AsyncResult<typename Check::Result>(std::move(call));
        }
    }
    /// apply_async(), as concurrent.futures names it.
    template <class F, class... Args>
    requires(!is_arguments_v<std::remove_cvref_t<Args>> && ...) auto submit(F&& f, Args&&... arguments) {
        return apply_async(std::forward<F>(f), std::forward<Args>(arguments)...);
    }
    /// The same with options.
    template <class F, class... Args>
    auto submit(F&& f, Arguments<Args...> arguments,
                TaskOptions<typename Where::template Task<std::decay_t<F>, Args...>::Result> options = {}) {
        return apply_async(std::forward<F>(f), std::move(arguments), std::move(options));
    }

    /// As map(); does not wait.
    /// @param range  any input range; its items are copied, here
    /// @returns where the results will be: all of them, or the error of the first item that failed
    /// @throws as apply_async()
    template <class F, std::ranges::input_range Range>
    auto map_async(F&& f, Range&& range, MapAsyncOptionsFor<typename Where::template Map<F, Range>> options = {}) {
        using Check = typename Where::template Map<F, Range>;
        return submit_over<Where::template MapCall, Check, results_t<typename Check::Result>>(std::forward<F>(f), range,
                                                                                              std::move(options));
    }
    /// map_async() whose result has an Outcome for each item, in their order; no error of an item is its error.
    template <class F, std::ranges::input_range Range>
    auto map_async(F&& f, Range&& range, Collect,
                   CollectAsyncOptionsFor<typename Where::template Map<F, Range>> options = {}) {
        using Check = typename Where::template Map<F, Range>;
        return submit_over<CollectingMap, Check, outcomes_t<Check>>(std::forward<F>(f), range, std::move(options));
    }
    /// map_async() over a list in braces.
    template <class F, class Item>
    auto map_async(F&& f, std::initializer_list<Item> items,
                   MapAsyncOptionsFor<typename Where::template Map<F, std::vector<Item>>> options = {}) {
        return map_async(std::forward<F>(f), std::vector<Item>(items), std::move(options));
    }
    /// The same over a list in braces, with an Outcome for each item.
    template <class F, class Item>
    auto map_async(F&& f, std::initializer_list<Item> items, Collect,
                   CollectAsyncOptionsFor<typename Where::template Map<F, std::vector<Item>>> options = {}) {
        return map_async(std::forward<F>(f), std::vector<Item>(items), collect, std::move(options));
    }

    /// As starmap(); does not wait. As map_async() in all else.
    template <class F, std::ranges::input_range Range>
    auto starmap_async(F&& f, Range&& range,
                       MapAsyncOptionsFor<typename Where::template Starmap<F, Range>> options = {}) {
        using Check = typename Where::template Starmap<F, Range>;
        return submit_over<Where::template StarmapCall, Check, results_t<typename Check::Result>>(
            std::forward<F>(f), range, std::move(options));
    }
    /// starmap_async() whose result has an Outcome for each item, in their order.
    template <class F, std::ranges::input_range Range>
    auto starmap_async(F&& f, Range&& range, Collect,
                       CollectAsyncOptionsFor<typename Where::template Starmap<F, Range>> options = {}) {
        using Check = typename Where::template Starmap<F, Range>;
        return submit_over<CollectingStarmap, Check, outcomes_t<Check>>(std::forward<F>(f), range, std::move(options));
    }
    /// starmap_async() over a list in braces.
    template <class F, class Item>
    auto starmap_async(F&& f, std::initializer_list<Item> items,
                       MapAsyncOptionsFor<typename Where::template Starmap<F, std::vector<Item>>> options = {}) {
        return starmap_async(std::forward<F>(f), std::vector<Item>(items), std::move(options));
    }
    /// The same over a list in braces, with an Outcome for each item.
    template <class F, class Item>
    auto starmap_async(F&& f, std::initializer_list<Item> items, Collect,
                       CollectAsyncOptionsFor<typename Where::template Starmap<F, std::vector<Item>>> options = {}) {
        return starmap_async(std::forward<F>(f), std::vector<Item>(items), collect, std::move(options));
    }

    /// Runs `f(item)` for each item of the range, whose items it reads as they are needed; the results come one after
    /// the other, in the order of the items.
    /// @param range  any input range, also an endless one; one that is not given as an rvalue must outlive the results
    /// @throws ValueError  chunks of no items; otherwise as apply_async()
    template <class F, std::ranges::input_range Range>
    auto imap(F&& f, Range&& range, const ImapOptions& options = {}) {
        return stream_over(std::forward<F>(f), std::forward<Range>(range), true, options);
    }
    /// imap() over a list in braces.
    template <class F, class Item>
    auto imap(F&& f, std::initializer_list<Item> items, const ImapOptions& options = {}) {
        return imap(std::forward<F>(f), std::vector<Item>(items), options);
    }
    /// As imap(); the results come in the order in which tasks end.
    template <class F, std::ranges::input_range Range>
    auto imap_unordered(F&& f, Range&& range, const ImapOptions& options = {}) {
        return stream_over(std::forward<F>(f), std::forward<Range>(range), false, options);
    }
    /// imap_unordered() over a list in braces.
    template <class F, class Item>
    auto imap_unordered(F&& f, std::initializer_list<Item> items, const ImapOptions& options = {}) {
        return imap_unordered(std::forward<F>(f), std::vector<Item>(items), options);
    }

protected:
    using PoolHandle::PoolHandle;

private:
    template <class F, class Range>
    using CollectingMap = Collecting<typename Where::template MapCall<F, Range>>;
    template <class F, class Range>
    using CollectingStarmap = Collecting<typename Where::template StarmapCall<F, Range>>;

    // What is called: a pointer, if a function was given. Threads call one copy of their own.
    template <class F>
    using Callable = std::conditional_t<Where::kInPlace, std::decay_t<F>, const std::decay_t<F>&>;

    template <template <class, class> class Call, class Check, class R, class F, class Range, class Options>
    auto submit_over(F&& function, Range& range, Options options) {
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return unmade<AsyncResult<R>>();
        } else {
            using Item = std::ranges::range_value_t<Range>;
            serial::refuse_null(function);
            const JobOptions how = job_options(options);
            auto call = std::make_shared<AsyncMap<Call, std::decay_t<F>, Item, R>>(
                std::forward<F>(function), copy_items(range), std::move(options));
            take_on(call, how);
            return AsyncResult<R>(std::move(call));
        }
    }

    // `take` makes what the call returns of it.
    template <template <class, class> class Call, class Check, class F, class Range, class Take>
    auto run_over(F&& function, Range& range, const MapOptions& options, Take take) {
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return unmade<results_t<typename Check::Result>>();
        } else {
            Callable<F> callable = std::forward<F>(function);
            serial::refuse_null(callable);
            if constexpr (Where::kInPlace)
                if (!options.timeout.is_forever()) return run_owned<Call>(callable, range, options, take);
            Items<Range> items(range);
            Call<std::decay_t<F>, Range> call(callable, items);
            run(call, options);
            return take(call);
        }
    }

    // Those who run too long go on when the caller has left: they have copies.
    template <template <class, class> class Call, class F, class Range, class Take>
    auto run_owned(F& function, Range& range, const MapOptions& options, Take take) {
        using Item = std::ranges::range_value_t<Range>;
        if constexpr (std::is_constructible_v<Item, std::ranges::range_reference_t<Range>> &&
                      copies_elements_v<std::vector<Item>>) {
            const auto owned = std::make_shared<OwnedCall<Call, F, Item>>(std::move(function), copy_items(range));
            run(owned->call(), options, owned);
            return take(owned->call());
        } else {
            return fail_timed_in_place<decltype(take(std::declval<Call<F, Range>&>()))>();
        }
    }

    template <class Result>
    [[noreturn]] static Result fail_timed_in_place() {
        refuse_timed_in_place();
    }

    template <class Range>
    static auto copy_items(Range& range) {
        std::vector<std::ranges::range_value_t<Range>> items;
        if constexpr (std::ranges::sized_range<Range>)
            items.reserve(static_cast<std::size_t>(std::ranges::size(range)));
        for (auto&& item : range) items.push_back(std::forward<decltype(item)>(item));
        return items;
    }

    template <class F, class Range>
    auto stream_over(F&& function, Range&& range, bool ordered, const ImapOptions& options) {
        using Check = typename Where::template Map<F, Range>;
        using R = std::conditional_t<std::is_void_v<typename Check::Result>, std::monostate, typename Check::Result>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return unmade<ImapIterator<R>>();
        } else {
            serial::refuse_null(function);
            using Call = typename Where::template Stream<std::decay_t<F>, streamed_t<Range>>;
            return ImapIterator<R>(std::make_unique<StreamedMap<Call, Range>>(
                shared_engine(), std::forward<F>(function), std::forward<Range>(range), ordered, job_options(options),
                options.buffersize));
        }
    }
};

}  // namespace cohort::detail
