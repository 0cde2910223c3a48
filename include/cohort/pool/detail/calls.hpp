// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/function_name.hpp>
#include <cohort/pool/detail/items.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/pool/detail/task_body.hpp>
#include <cohort/pool/outcome.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace cohort::detail {

/// The error of the first of several items that have one.
class COHORT_API FirstError {
public:
    void put_error(std::size_t index, std::exception_ptr error);
    /// Throws it, if there is one.
    void rethrow();

private:
    std::size_t failed_index_ = 0;
    std::exception_ptr error_;
};

/// Where the results of a call are gathered, in the order of its items.
template <class R>
class Results : public FirstError {
public:
    explicit Results(std::size_t size) : size_(size) { values_.reserve(size); }
    template <class Value>
    void put(std::size_t index, Value&& value) {
        extend(index + 1);
        values_[index] = std::forward<Value>(value);
    }
    /// Those of items that follow each other, where all have the same size.
    void read(std::size_t first, std::size_t count, serial::Source& in) {
        extend(first + count);
        serial::read_each<R>(in, count, values_.begin() + static_cast<std::ptrdiff_t>(first));
    }
    R take(std::size_t index) {
        if constexpr (std::is_default_constructible_v<R>)
            return std::move(values_[index]);
        else
            return *std::move(values_[index]);
    }
    std::vector<R> take() {
        extend(size_);
        if constexpr (std::is_default_constructible_v<R>) {
            return std::move(values_);
        } else {
            std::vector<R> values;
            values.reserve(values_.size());
            for (std::optional<R>& value : values_) values.push_back(std::move(*value));
            return values;
        }
    }

private:
    using Place = std::conditional_t<std::is_default_constructible_v<R>, R, std::optional<R>>;
    static constexpr std::size_t kPage = 4096;

    // Memory is touched for the first time when there is something to write: workers run meanwhile.
    void extend(std::size_t size) {
        if (values_.size() < size) values_.resize(std::min(size_, size + kPage / sizeof(Place)));
    }

    const std::size_t size_;
    std::vector<Place> values_;
};

template <>
class Results<void> : public FirstError {
public:
    explicit Results(std::size_t) noexcept {}
    std::monostate take(std::size_t) noexcept { return {}; }
    void take() noexcept {}
};

/// The same of a call with one item.
template <class R>
class OneResult {
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

public:
    explicit OneResult(std::size_t) noexcept {}
    template <class Result>
    void put(std::size_t, Result&& value) {
        outcome_.template emplace<1>(std::forward<Result>(value));
    }
    void put_error(std::size_t, std::exception_ptr error) { outcome_.template emplace<2>(std::move(error)); }
    void rethrow() {
        if (outcome_.index() == 2) std::rethrow_exception(std::exchange(std::get<2>(outcome_), nullptr));
    }
    Value& get() noexcept {
        if constexpr (std::is_void_v<R>)
            return *std::get_if<0>(&outcome_);
        else
            return *std::get_if<1>(&outcome_);
    }
    R take() {
        if constexpr (!std::is_void_v<R>) return std::move(get());
    }

private:
    std::variant<std::monostate, Value, std::exception_ptr> outcome_;
};

/// The part of a call that depends on its callable and its result.
/// @tparam Interface  how it is carried out: a SentCallFor or LocalCall
/// @tparam F          the callable; const if it is only copied
/// @tparam Gathered   Results or OneResult
template <class Interface, class F, class R, template <class> class Gathered = Results>
class CallBase : public Interface {
public:
    using Result = R;

    /// @param function  must outlive this
    CallBase(F& function, std::size_t items) : Interface(items), function_(function), results_(items) {}

    std::string function_name() const final { return detail::function_name(std::as_const(function_)); }
    void take_error(std::size_t index, std::exception_ptr error) override {
        results_.put_error(index, std::move(error));
    }

    /// Throws the error of the first item that failed.
    void throw_first_error() { results_.rethrow(); }
    /// The results, once all items have one; throws the error of the first item that failed.
    auto take() {
        throw_first_error();
        return results_.take();
    }
    /// The result of the only item. REQUIRES: it has one.
    auto& result() noexcept { return results_.get(); }

protected:
    F& callee() const noexcept { return function_; }
    Gathered<R>& results() noexcept { return results_; }
    auto take_at(std::size_t index) { return results_.take(index); }

private:
    F& function_;
    Gathered<R> results_;
};

/// What a callable brings along to another process: nothing but its code; bytes that are the same whenever they are
/// written; or what its codec writes.
template <class F>
constexpr Baggage baggage_of() {
    if constexpr (std::is_pointer_v<F> || (std::is_empty_v<F> && !serial::Serializable<F>))
        return Baggage::none;
    else if constexpr (!serial::Serializable<F> && requires { serial::detail::CallableTraits<F>::is_plain; })
        return Baggage::constant;
    else
        return Baggage::any;
}

/// One that goes to other processes, with arguments of these stored types: TaskCheck allows them.
template <template <class> class Gathered, class F, class... Args>
class GatheringCall : public CallBase<SentCallFor<typename TaskBody<F, Args...>::Result>, const F,
                                      typename TaskBody<F, Args...>::Result, Gathered> {
    using Body = TaskBody<F, Args...>;
    using Base = CallBase<SentCallFor<typename Body::Result>, const F, typename Body::Result, Gathered>;

public:
    using Base::Base;

    serial::Token write_callable(serial::Sink& out, serial::Target target) const final {
        serial::write_callable(out, this->callee(), target);
        return serial::token_of<Body>();
    }
    Baggage baggage() const noexcept final { return baggage_of<F>(); }
    void read_result(std::size_t index, serial::Source& in) final {
        if constexpr (!std::is_void_v<typename Base::Result>)
            this->results().put(index, serial::read<typename Base::Result>(in));
    }
    std::size_t item_bytes() const noexcept final { return Body::kArgumentBytes; }
    void read_results(std::size_t first, std::size_t count, serial::Source& in) final {
        if constexpr (std::is_void_v<typename Base::Result>)
            return;
        else if constexpr (serial::has_fixed_size_v<typename Base::Result> &&
                           requires(Gathered<typename Base::Result> & all) { all.read(first, count, in); })
            this->results().read(first, count, in);
        else
            Base::read_results(first, count, in);
    }
    void take_gathered([[maybe_unused]] std::size_t index, [[maybe_unused]] serial::GrowingValue& gathered) final {
        if constexpr (result_grows_v<typename Base::Result>)
            this->results().put(index, static_cast<serial::GrowingValueOf<typename Base::Result>&>(gathered).take());
    }
};

template <class F, class... Args>
using CallOf = GatheringCall<Results, F, Args...>;

/// A call whose errors are gathered beside its results.
template <class Call>
class Collecting final : public Call {
public:
    using Call::Call;

    void take_error(std::size_t index, std::exception_ptr error) override { errors_.emplace(index, std::move(error)); }

    /// What became of each item, once all have ended.
    auto take_outcomes() {
        std::vector<Outcome<typename Call::Result>> outcomes;
        outcomes.reserve(this->items());
        for (std::size_t i = 0; i != this->items(); ++i) {
            if (const auto failed = errors_.find(i); failed != errors_.end())
                outcomes.emplace_back(std::move(failed->second));
            else
                outcomes.emplace_back(this->take_at(i));
        }
        return outcomes;
    }

private:
    std::unordered_map<std::size_t, std::exception_ptr> errors_;
};

/// `pool.apply(f, args...)`.
template <class F, class... Args>
class ApplyCall final : public GatheringCall<OneResult, F, Args...> {
public:
    ApplyCall(const F& function, const std::tuple<Args...>& arguments)
        : GatheringCall<OneResult, F, Args...>(function, 1), arguments_(arguments) {}

    void write_item(std::size_t, serial::Sink& out, serial::Target target) override {
        std::apply([&](const Args&... arguments) { (serial::write_argument(out, arguments, target), ...); },
                   arguments_);
    }
    bool arguments_grow() const noexcept override { return sizeof...(Args) == 1 && (serial::can_grow_v<Args> && ...); }
    LongArgument long_argument(std::size_t) noexcept override {
        if constexpr (sizeof...(Args) == 1)
            return long_argument_of(std::get<0>(arguments_));
        else
            return {};
    }

private:
    const std::tuple<Args...>& arguments_;
};

/// `pool.map(f, range)`: one argument for each item.
template <class F, class Range>
class MapCall : public CallOf<F, stored_t<typename Items<Range>::Value>> {
    using Item = stored_t<typename Items<Range>::Value>;

public:
    MapCall(const F& function, Items<Range>& items) : CallOf<F, Item>(function, items.size()), items_(items) {}

    void write_item(std::size_t index, serial::Sink& out, serial::Target target) override {
        write_as<Item>(out, items_[index], target);
    }
    void write_items(std::size_t first, std::size_t count, serial::Sink& out, serial::Target target) override {
        for (std::size_t i = 0; i != count; ++i) write_as<Item>(out, items_[first + i], target);
    }
    bool arguments_grow() const noexcept override { return kGrow; }
    LongArgument long_argument([[maybe_unused]] std::size_t index) noexcept override {
        if constexpr (kGrow)
            return long_argument_of(items_[index]);
        else
            return {};
    }

private:
    static constexpr bool kGrow = std::ranges::contiguous_range<Range> && serial::can_grow_v<Item>;

    Items<Range>& items_;
};

/// The stored types of the elements of a tuple-like type.
template <class Tuple, class Indices = std::make_index_sequence<std::tuple_size_v<Tuple>>>
struct Elements;
template <class Tuple, std::size_t... I>
struct Elements<Tuple, std::index_sequence<I...>> {
    template <class F>
    using CallBase = CallOf<F, stored_t<std::tuple_element_t<I, Tuple>>...>;

    static void write(serial::Sink& out, const Tuple& tuple, serial::Target target) {
        (write_as<stored_t<std::tuple_element_t<I, Tuple>>>(out, std::get<I>(tuple), target), ...);
    }
};

/// `pool.starmap(f, range)`: each item is a tuple of arguments.
template <class F, class Range>
class StarmapCall : public Elements<typename Items<Range>::Value>::template CallBase<F> {
    using ItemElements = Elements<typename Items<Range>::Value>;

public:
    StarmapCall(const F& function, Items<Range>& items)
        : ItemElements::template CallBase<F>(function, items.size()), items_(items) {}

    void write_item(std::size_t index, serial::Sink& out, serial::Target target) override {
        ItemElements::write(out, items_[index], target);
    }
    void write_items(std::size_t first, std::size_t count, serial::Sink& out, serial::Target target) override {
        for (std::size_t i = 0; i != count; ++i) ItemElements::write(out, items_[first + i], target);
    }

private:
    Items<Range>& items_;
};

template <class F, class Range>
using CollectingMap = Collecting<MapCall<F, Range>>;
template <class F, class Range>
using CollectingStarmap = Collecting<StarmapCall<F, Range>>;

}  // namespace cohort::detail
