// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/detail/local_calls.hpp>
#include <cohort/pool/detail/local_task.hpp>

#include <ranges>
#include <type_traits>

namespace cohort::detail {

/// Where the tasks of a ThreadPool run: as InProcesses.
struct InThreads {
    static constexpr bool kInPlace = true;

    template <class F, class... Args>
    using Task = LocalTaskCheck<F, Args...>;
    template <class F, class... Given>
    using Apply = LocalApplyCheck<F, Given...>;
    template <class F, class Range>
    using Map = LocalTaskCheck<std::decay_t<F>, stored_t<std::ranges::range_value_t<Range>>>;
    template <class F, class Range>
    using Starmap = LocalStarmapCheck<std::decay_t<F>, std::ranges::range_value_t<Range>>;

    template <class F, class... Args>
    using ApplyCall = LocalApply<F, Args...>;
    template <class F, class Range>
    using MapCall = LocalMap<F, Range>;
    template <class F, class Range>
    using StarmapCall = LocalStarmap<F, Range>;
    template <class F, class Item>
    using Stream = LocalStream<F, Item>;
};

}  // namespace cohort::detail
