// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/export.hpp>
#include <cohort/base/function_ref.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/function_name.hpp>
#include <cohort/pool/detail/items.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/pool/detail/task_body.hpp>
#include <cohort/pool/outcome.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cohort::pool {
class AnyJob;
class Engine;
}  // namespace cohort::pool

namespace cohort::detail {

/// The hold on a pool of a call whose items come by and by.
///
/// Thread safety: none. FORK: in a child every member throws Error.
class COHORT_API Stream {
public:
    /// @param call   has no items yet
    /// @param ahead  how many items the pool has at most; 0: as many as keep the workers busy
    /// @throws ValueError  chunks of no items; otherwise as Pool::apply_async()
    Stream(std::shared_ptr<pool::Engine> engine, const std::shared_ptr<PoolCall>& call, const JobOptions& options,
           std::size_t ahead);
    /// Nothing more of it is run.
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// How many items the pool should have, those with results that were not taken included.
    std::size_t ahead() const noexcept { return ahead_; }
    /// Gives items to the pool and waits. Both are called while nobody else uses the call.
    /// @param add   adds items to the call; returns how many
    /// @param done  takes results from the call; returns whether that is enough
    /// @returns false if the time is up
    /// @throws Interrupted; once the pool has ended and all results have been taken, CancelledError or BrokenPoolError
    bool exchange(FunctionRef<std::size_t()> add, FunctionRef<bool()> done, Timeout timeout);

private:
    std::shared_ptr<pool::Engine> engine_;
    std::shared_ptr<pool::AnyJob> job_;
    std::size_t ahead_ = 0;
};

/// A call with one argument for each item, which come by and by.
/// @tparam Interface  how it is carried out: a SentCallFor or LocalCall
template <class Interface, class F, class ItemType, class Result>
class StreamCall : public Interface {
public:
    using Item = ItemType;
    using Value = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

    /// @param ordered  results are taken in the order of the items, else as they come
    StreamCall(F function, bool ordered) : Interface(0), function_(std::move(function)), ordered_(ordered) {}

    /// Takes the items out of `items`. @returns how many
    std::size_t add(std::vector<Item>& items) {
        for (Item& item : items) slots_.push_back({std::move(item), std::nullopt});
        const std::size_t count = items.size();
        items.clear();
        return count;
    }
    /// Takes the results that are next.
    void take(std::deque<Outcome<Value>>& results) {
        while (!slots_.empty() && !slots_.front().item) {
            if (ordered_) results.push_back(*std::move(slots_.front().outcome));
            slots_.pop_front();
            ++first_;
        }
        for (Outcome<Value>& outcome : as_they_came_) results.push_back(std::move(outcome));
        as_they_came_.clear();
        has_results_.store(false, std::memory_order_relaxed);
    }
    /// Whether results have come since the last take(). From any thread.
    bool has_results() const noexcept { return has_results_.load(std::memory_order_relaxed); }

    void take_error(std::size_t index, std::exception_ptr error) final { end(index, std::move(error)); }
    std::string function_name() const final { return detail::function_name(function_); }

protected:
    F& callee() noexcept { return function_; }
    const F& callee() const noexcept { return function_; }
    /// So many end() follow, which do not fail.
    void expect_ends(std::size_t count) {
        if (ordered_ || as_they_came_.capacity() - as_they_came_.size() >= count) return;
        as_they_came_.reserve(2 * as_they_came_.size() + count);
    }
    /// One that has not ended.
    Item& item(std::size_t index) { return *slots_[index - first_].item; }
    void end(std::size_t index, Outcome<Value> outcome) {
        Slot& slot = slots_[index - first_];
        slot.item.reset();
        if (ordered_)
            slot.outcome.emplace(std::move(outcome));
        else
            as_they_came_.push_back(std::move(outcome));
        has_results_.store(true, std::memory_order_relaxed);
    }

private:
    struct Slot {
        std::optional<Item> item;  // until it has ended: it may be run again
        std::optional<Outcome<Value>> outcome;
    };

    F function_;
    const bool ordered_;
    std::deque<Slot> slots_;
    std::size_t first_ = 0;  // the index of the first slot
    std::vector<Outcome<Value>> as_they_came_;
    std::atomic<bool> has_results_{false};
};

/// One that goes to other processes.
template <class F, class Item>
class SentStream final
    : public StreamCall<SentCallFor<typename TaskBody<F, Item>::Result>, F, Item, typename TaskBody<F, Item>::Result> {
    using Body = TaskBody<F, Item>;
    using Result = typename Body::Result;
    using Base = StreamCall<SentCallFor<Result>, F, Item, Result>;

public:
    using Base::Base;

    serial::Token write_callable(serial::Sink& out, serial::Target target) const override {
        serial::write_callable(out, this->callee(), target);
        return serial::token_of<Body>();
    }
    void write_item(std::size_t index, serial::Sink& out, serial::Target target) override {
        write_as<Item>(out, this->item(index), target);
    }
    void read_result(std::size_t index, serial::Source& in) override {
        if constexpr (std::is_void_v<Result>)
            this->end(index, typename Base::Value());
        else
            this->end(index, serial::read<Result>(in));
    }
    std::size_t item_bytes() const noexcept override { return Body::kArgumentBytes; }
    void read_results(std::size_t first, std::size_t count, serial::Source& in) override {
        this->expect_ends(count);
        Base::read_results(first, count, in);
    }
    void take_gathered([[maybe_unused]] std::size_t index, [[maybe_unused]] serial::GrowingValue& gathered) override {
        if constexpr (result_grows_v<Result>)
            this->end(index, static_cast<serial::GrowingValueOf<Result>&>(gathered).take());
    }
};

/// Where the results of an `imap` come from.
template <class R>
class ResultSource {
public:
    virtual ~ResultSource() = default;
    /// @returns nothing at the end
    /// @throws TimeoutError, the error of an item, what reading the input threw
    virtual std::optional<R> next(Timeout timeout) = 0;

protected:
    ResultSource() = default;
    ResultSource(const ResultSource&) = default;
    ResultSource& operator=(const ResultSource&) = default;
};

/// The items of a range as they are kept.
template <class Range>
using streamed_t = stored_t<std::ranges::range_value_t<std::remove_reference_t<Range>>>;

/// Throws the TimeoutError of next().
[[noreturn]] COHORT_API void fail_next();
/// Throws the ValueError of next() of results that were moved from.
[[noreturn]] COHORT_API void fail_moved_results();

/// Reads the input as far as the pool needs it, and takes the results.
/// @tparam Call   a StreamCall
/// @tparam Range  as a forwarding reference has it: of an lvalue a reference, which is kept
template <class Call, class Range>
class StreamedMap final : public ResultSource<typename Call::Value> {
    using Item = typename Call::Item;
    using R = typename Call::Value;

public:
    template <class F>
    StreamedMap(std::shared_ptr<pool::Engine> engine, F&& function, Range&& input, bool ordered,
                const JobOptions& options, std::size_t ahead)
        : input_(std::forward<Range>(input)),
          call_(std::make_shared<Call>(std::forward<F>(function), ordered)),
          stream_(std::move(engine), call_, options, ahead) {}

    std::optional<R> next(Timeout timeout) override {
        const Deadline deadline(timeout);
        while (results_.empty()) {
            if (pool_ended_) return std::nullopt;
            read_input();
            if (input_ended_ && batch_.empty() && under_way_ == 0) {
                if (input_error_) std::rethrow_exception(std::exchange(input_error_, nullptr));
                return std::nullopt;
            }
            if (!exchange(deadline.timeout())) fail_next();
        }
        Outcome<R> outcome = std::move(results_.front());
        results_.pop_front();
        --under_way_;
        return std::move(outcome).value();
    }

private:
    // A pool that takes nothing any more says so once, for all that it was not given.
    bool exchange(Timeout timeout) {
        const auto add = [&] {
            under_way_ += batch_.size();
            return call_->add(batch_);
        };
        const auto done = [&] {
            call_->take(results_);
            return !results_.empty();
        };
        try {
            return stream_.exchange(add, done, timeout);
        } catch (const Interrupted&) {
            throw;
        } catch (const Error&) {
            pool_ended_ = true;
            throw;
        }
    }

    // As much as the pool wants; but when results are there, they come first.
    void read_input() {
        try {
            while (!input_ended_ && under_way_ + batch_.size() < stream_.ahead()) {
                if (!at_)
                    at_.emplace(std::ranges::begin(input_));
                else
                    ++*at_;
                input_ended_ = *at_ == std::ranges::end(input_);
                if (!input_ended_) batch_.emplace_back(**at_);
                if (call_->has_results()) return;
            }
        } catch (...) {
            input_error_ = std::current_exception();
            input_ended_ = true;
        }
    }

    Range input_;
    std::optional<std::ranges::iterator_t<std::remove_reference_t<Range>>> at_;
    bool input_ended_ = false;
    std::exception_ptr input_error_;
    bool pool_ended_ = false;    // and nothing more comes of it
    std::vector<Item> batch_;    // read, and not given to the pool
    std::size_t under_way_ = 0;  // given to the pool, and not returned
    std::deque<Outcome<R>> results_;
    std::shared_ptr<Call> call_;
    Stream stream_;
};

}  // namespace cohort::detail
