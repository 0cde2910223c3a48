// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/by_value.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

namespace cohort {

/// How a parallel_map() goes about its items. The order of the members is API: they are set by designated initializers.
struct ParallelOptions {
    /// How many processes; 0: as many as cpu_count(). Never more than there are items.
    std::size_t processes = 0;
    /// As in MapOptions.
    std::size_t chunksize = 0;
    /// How often an item is run again after its process died while it ran it.
    std::size_t retries = 0;
    /// The label of a progress display on stderr, as in MapOptions. Empty: none.
    std::string progress{};
};

namespace detail {

/// Calls a function of this process, in a fork of it, with one of the items, which are both where they are here.
template <class F, class Range>
struct CallAt {
    F* function;
    Items<Range>* items;

    decltype(auto) operator()(std::size_t index) const { return std::invoke(*function, (*items)[index]); }
};

template <class F, class Range>
auto parallel_map(F& function, Range& items_of, const ParallelOptions& options) {
    using Call = CallAt<F, Range>;
    using Result = std::remove_cvref_t<std::invoke_result_t<Call, std::size_t>>;
    Items<Range> items(items_of);
    const std::size_t count = items.size();
    const Call call{&function, &items};
    if (count == 0) return results_t<Result>();
    const std::size_t processes = options.processes != 0 ? options.processes : static_cast<std::size_t>(cpu_count());
    Pool pool({.processes = std::min(processes, count), .start_method = StartMethod::fork});
    return pool.map(by_value(call), range(count),
                    {.chunksize = options.chunksize, .retries = options.retries, .progress = options.progress});
}

}  // namespace detail

/// Runs `f(item)` for each item of the range in processes that are forked for it, and waits for all of them. The forks
/// have this process's memory: `f` may be any callable, with captures by reference, and the items any objects; only
/// results are sent.
/// @param range  any input range; read once, here
/// @returns the results in the order of the items; nothing if `f` returns nothing
/// @throws as Pool::map()
/// Thread safety: safe. FORK, DEATH: as Pool with StartMethod::fork. What `f` changes is changed in a fork only.
template <class F, std::ranges::input_range Range>
auto parallel_map(F&& f, Range&& range, const ParallelOptions& options = {}) {
    return detail::parallel_map(f, range, options);
}
/// parallel_map() over a list in braces.
template <class F, class Item>
auto parallel_map(F&& f, std::initializer_list<Item> items, const ParallelOptions& options = {}) {
    return detail::parallel_map(f, items, options);
}

}  // namespace cohort
