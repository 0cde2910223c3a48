// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

// Calls to user code: arguments are stored first and handed to the target later, perhaps in another process.
// The target is called with the stored arguments as lvalues where that compiles, else with the move-only ones as
// rvalues and the rest as lvalues, else with all as rvalues. A stored string is given as c_str() to a target that
// cannot take it otherwise.
namespace cohort::detail {

/// The type in which an argument of type T is kept until the call: its decayed copy; text is kept as `std::string`.
template <class T>
using stored_t = std::conditional_t<std::is_same_v<std::decay_t<T>, const char*>, std::string, std::decay_t<T>>;

/// Copies the arguments for a later call; moves those given as rvalues.
template <class... Args>
std::tuple<stored_t<Args>...> store_arguments(Args&&... args) {
    return std::tuple<stored_t<Args>...>(std::forward<Args>(args)...);
}

// Containers of move-only elements claim to be copyable; handing one to a parameter by value would not compile.
template <class T, class = void>
inline constexpr bool copies_elements_v = true;
template <class T>
inline constexpr bool copies_elements_v<T, std::void_t<typename T::value_type, decltype(std::declval<T&>().begin())>> =
    std::is_copy_constructible_v<typename T::value_type>&& copies_elements_v<typename T::value_type>;

template <class T>
inline constexpr bool claims_to_copy_v = std::is_copy_constructible_v<T> && !copies_elements_v<T>;

/// Whether what is given as a T can be stored for a call: copied, or moved where it is an rvalue.
template <class T>
inline constexpr bool is_storable_v = std::is_constructible_v<stored_t<T>, T> &&
                                      (!claims_to_copy_v<stored_t<T>> || std::is_same_v<T, std::remove_cvref_t<T>>);

// Which arguments are handed over as rvalues, in the order in which it is tried. Without containers of move-only
// elements only three of these differ.
enum class Manner {
    claimants_moved,           // containers that only claim to be copyable
    none_moved,                //
    move_only_moved,           // all that cannot be copied
    all_but_claimants_copied,  // the move-only ones, but not the containers
    all_moved,
};

template <class T>
constexpr bool moves(Manner manner) {
    switch (manner) {
        case Manner::claimants_moved:
            return claims_to_copy_v<T>;
        case Manner::none_moved:
            return false;
        case Manner::move_only_moved:
            return claims_to_copy_v<T> || !std::is_copy_constructible_v<T>;
        case Manner::all_but_claimants_copied:
            return !std::is_copy_constructible_v<T>;
        case Manner::all_moved:
            return true;
    }
    return false;
}

template <class T>
inline constexpr bool is_string_v = std::is_same_v<std::remove_const_t<T>, std::string>;

// One way to call: which strings are given as c_str(), and how the rest is handed over.
struct CallPlan {
    bool may_move = true;
    Manner manner = may_move ? Manner::claimants_moved : Manner::none_moved;
    std::size_t strings = 0;  // 0: none as c_str(), 1: all, further: the combinations

    constexpr bool as_c_string(std::size_t nth) const {
        return strings == 1 || (strings > 1 && ((strings - 1) >> nth & 1) != 0);
    }
    constexpr CallPlan next() const {
        if (!may_move || manner == Manner::all_moved) return {may_move, CallPlan{may_move}.manner, strings + 1};
        return {may_move, static_cast<Manner>(static_cast<int>(manner) + 1), strings};
    }
    // Beyond four strings only none and all are tried.
    constexpr bool exists(std::size_t string_count) const {
        if (string_count == 0) return strings == 0;
        if (string_count > 4) return strings < 2;
        return strings < std::size_t{1} << string_count;
    }
};

template <class T, bool AsCString, bool Moved>
using passed_t = std::conditional_t<AsCString, const char*, std::conditional_t<Moved, T&&, T&>>;

// A plan carried out on stored arguments of a tuple's types; const ones stay so. More arguments may follow them.
template <CallPlan Plan, class Arguments, class Indices = std::make_index_sequence<std::tuple_size_v<Arguments>>>
struct Passing;

template <CallPlan Plan, class... Args, std::size_t... I>
struct Passing<Plan, std::tuple<Args...>, std::index_sequence<I...>> {
    // How many strings stand before the argument at Index.
    template <std::size_t Index>
    static constexpr std::size_t strings_before = (std::size_t{0} + ... + std::size_t{I < Index && is_string_v<Args>});

    template <std::size_t Index, class T>
    using passed_at = passed_t<T, is_string_v<T> && Plan.as_c_string(strings_before<Index>), moves<T>(Plan.manner)>;

    template <class F, class... More>
    static constexpr bool works_as = std::is_invocable_v<F, passed_at<I, Args>..., More...>;

    template <class F, class... More>
    using callee_t = std::conditional_t<works_as<F&, More...>, F&, F&&>;

    template <class F, class... More>
    using result_t = std::invoke_result_t<callee_t<F, More...>, passed_at<I, Args>..., More...>;

    template <class Passed, class T>
    static Passed pass(T& stored) {
        if constexpr (std::is_same_v<Passed, const char*> && is_string_v<T>)
            return stored.c_str();
        else
            return static_cast<Passed>(stored);
    }

    template <class F, class Stored, class... More>
    static result_t<F, More...> call(F& f, Stored& args, More&&... more) {
        return std::invoke(static_cast<callee_t<F, More...>>(f), pass<passed_at<I, Args>>(std::get<I>(args))...,
                           std::forward<More>(more)...);
    }
};

struct NoWayToCall {};

template <class Arguments>
inline constexpr std::size_t string_count_v = 0;
template <class... Args>
inline constexpr std::size_t string_count_v<std::tuple<Args...>> = (std::size_t{0} + ... +
                                                                    std::size_t{is_string_v<Args>});

// Each way is looked at only when the ones before do not compile: a generic lambda's body may be wrong for the others.
template <CallPlan Plan, class F, class Arguments, class... More>
constexpr auto find_passing() {
    using Way = Passing<Plan, Arguments>;
    if constexpr (!Plan.exists(string_count_v<Arguments>))
        return NoWayToCall{};
    else if constexpr (Way::template works_as<F&, More...>)
        return Way{};  // NOLINT(bugprone-branch-clone): tried in order
    else if constexpr (Way::template works_as<F, More...>)
        return Way{};
    else
        return find_passing<Plan.next(), F, Arguments, More...>();
}

// F and Args are stored types.
template <class F, class... Args>
using passing_t = decltype(find_passing<CallPlan{}, F, std::tuple<Args...>>());

/// Whether a stored F can be called with Args, which are stored first.
template <class F, class... Args>
inline constexpr bool is_stored_invocable_v = !std::is_same_v<passing_t<stored_t<F>, stored_t<Args>...>, NoWayToCall>;

template <class F, class... Args>
struct StoredResult {
    static_assert(is_stored_invocable_v<F, Args...>,
                  "cohort: the target cannot be called with these arguments (each is stored as a copy, text as "
                  "std::string, and passed as an lvalue, or moved if that does not compile)");
    using type = void;  // no second error
};
template <class F, class... Args>
requires is_stored_invocable_v<F, Args...>
struct StoredResult<F, Args...> {
    using type = typename passing_t<stored_t<F>, stored_t<Args>...>::template result_t<stored_t<F>>;
};

/// What the call returns. One short compile error if there is no way to call.
template <class F, class... Args>
using stored_result_t = typename StoredResult<F, Args...>::type;

/// Calls the target with stored arguments by the rule above. May move out of them: call it once.
template <class F, class... Args>
decltype(auto) invoke_stored(F& f, std::tuple<Args...>& args) {
    if constexpr (is_stored_invocable_v<F, Args...>)
        return passing_t<F, Args...>::call(f, args);
    else
        static_cast<void>(StoredResult<F, Args...>{});
}

}  // namespace cohort::detail
