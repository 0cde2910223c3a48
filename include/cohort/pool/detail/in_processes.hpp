// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/stream.hpp>
#include <cohort/pool/detail/task_check.hpp>

#include <ranges>

namespace cohort::detail {

/// Where the tasks of a Pool run, as PoolInterface wants to know it: what a call may consist of, and how it is made.
struct InProcesses {
    /// Whether tasks use the caller's callable and items themselves.
    static constexpr bool kInPlace = false;

    /// A callable and the stored types of its arguments.
    template <class F, class... Args>
    using Task = TaskCheck<F, Args...>;
    /// A callable as it is stored, and the types of its arguments as they are given.
    template <class F, class... Given>
    using Apply = ApplyCheck<F, Given...>;
    /// A callable as it is given, and the range of the items.
    template <class F, class Range>
    using Map = MapCheckOver<F, Range>;
    template <class F, class Range>
    using Starmap = StarmapCheckOver<F, Range>;

    template <class F, class... Args>
    using ApplyCall = detail::ApplyCall<F, Args...>;
    template <class F, class Range>
    using MapCall = detail::MapCall<F, Range>;
    template <class F, class Range>
    using StarmapCall = detail::StarmapCall<F, Range>;
    template <class F, class Item>
    using Stream = SentStream<F, Item>;
};

}  // namespace cohort::detail
