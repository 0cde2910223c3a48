// SPDX-License-Identifier: MIT
#include <cohort/serial/callable.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/stored_call.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cohort::serial;
using cohort::SerializationError;

// The callable as another process would have it.
template <class F>
F sent(const F& callable, Target target = Target::fresh) {
    BufferSink sink;
    write_callable(sink, callable, target);
    Source source(sink.bytes(), Trust::channel);
    F received = std::move(read_callable<F>(source).get());
    EXPECT_EQ(source.left(), 0U);
    return received;
}

template <class F>
std::string refusal(const F& callable, Target target = Target::fresh) {
    BufferSink sink;
    try {
        write_callable(sink, callable, target);
    } catch (const SerializationError& error) {
        EXPECT_EQ(sink.size(), 0U);
        EXPECT_NE(error.type(), "");
        return error.what();
    }
    return "it was sent";
}

int square(int i) {
    return i * i;
}
int add(int a, int b) {
    return a + b;
}
int add(const std::string& a, int b) {
    return static_cast<int>(a.size()) + b;
}
template <class T>
T doubled(T value) {
    return value + value;
}

struct Shape {
    static int corners() { return 4; }
    int times(int factor) const { return factor * size; }
    virtual int name() const { return 1; }
    virtual ~Shape() = default;
    int size = 3;
};

struct Square : Shape {
    int name() const override { return 2; }
};

TEST(Callable, functions_travel_by_their_place) {
    EXPECT_EQ(sent(&square)(5), 25);
    EXPECT_EQ(sent(static_cast<int (*)(const std::string&, int)>(add))("abc", 1), 4);
    EXPECT_EQ(sent(&doubled<double>)(1.5), 3);
    EXPECT_EQ(sent(&Shape::corners)(), 4);
    EXPECT_EQ(sent(+[](int i) { return i + 1; })(1), 2);
    auto* nowhere = reinterpret_cast<int (*)(int)>(std::uintptr_t{64});
    BufferSink sink;
    EXPECT_THROW(write_callable(sink, nowhere, Target::fresh), SerializationError);
}

TEST(Callable, member_pointers_travel) {
    Square square_shape;
    EXPECT_EQ(std::invoke(sent(&Shape::times), square_shape, 2), 6);
    EXPECT_EQ(std::invoke(sent(&Shape::name), square_shape), 2);
    EXPECT_EQ(std::invoke(sent(&Shape::size), square_shape), 3);
}

TEST(Callable, lambdas_travel_with_plain_captures) {
    int factor = 3;
    double half = 0.5;
    std::array<int, 3> table{1, 2, 3};
    std::pair<int, double> both{1, 2.5};
    EXPECT_EQ(sent([](int i) { return i; })(7), 7);
    EXPECT_EQ(sent([factor](int i) { return factor * i; })(7), 21);
    EXPECT_EQ(sent([factor, half](auto i) { return factor * half * i; })(2), 3);
    EXPECT_EQ(sent([table](std::size_t i) { return table[i]; })(2), 3);
    EXPECT_EQ(sent([both] { return both.first + both.second; })(), 3.5);
    EXPECT_EQ(sent([t = std::tuple(1, 'a')] { return std::get<1>(t); })(), 'a');
    EXPECT_EQ(sent([count = 0]() mutable { return ++count; })(), 1);
    const auto twice = [](int i) { return 2 * i; };
    EXPECT_EQ(sent([factor, twice] { return twice(factor); })(), 6);
    struct Big {
        std::array<double, 10000> values{};
    };
    auto big = std::make_unique<Big>();
    big->values[9999] = 4;
    EXPECT_EQ(sent([copy = *big] { return copy.values[9999]; })(), 4);
}

struct Scaled {
    double factor = 1;
    std::vector<double> offsets{};
    double operator()(double x) const { return factor * x + offsets.at(0); }
};

struct Hidden {
    explicit Hidden(int n) : secret(n) {}
    int operator()() const { return secret; }

private:
    int secret;
};

TEST(Callable, function_objects_travel) {
    EXPECT_EQ(sent(std::plus<>{})(2, 3), 5);
    EXPECT_EQ(sent(Hidden(4))(), 4);
}

TEST(Callable, captured_addresses_are_refused) {
    int local = 1;
    static int global = 2;
    auto heap = std::make_unique<int>(3);
    std::string text = "text";
    auto by_reference = [&local] { return local; };
    EXPECT_NE(refusal(by_reference).find("captures a pointer or a reference"), std::string::npos);
    EXPECT_NE(refusal(by_reference).find("cohort::partial"), std::string::npos);
    EXPECT_NE(refusal(by_reference, Target::forked).find("captures"), std::string::npos);
    EXPECT_NE(refusal([p = &global] { return *p; }).find("captures"), std::string::npos);
    EXPECT_NE(refusal([p = heap.get(), n = 3] { return *p + n; }).find("captures"), std::string::npos);
    EXPECT_NE(refusal([n = 3U, v = std::string_view(text)] { return v.size() + n; }).find("captures"),
              std::string::npos);
    EXPECT_NE(refusal([p = text.c_str()] { return *p; }, Target::forked).find("captures"), std::string::npos);
}

TEST(Callable, addresses_of_code_go_to_forked_processes_only) {
    auto* function = &square;
    auto uses_function = [function](int i) { return function(i); };
    EXPECT_EQ(sent(uses_function, Target::forked)(3), 9);
    EXPECT_NE(refusal(uses_function, Target::fresh).find("captures"), std::string::npos);
    EXPECT_NE(refusal(uses_function, Target::fresh).find("a pointer to a function"), std::string::npos);
    EXPECT_EQ(sent(cohort::partial([](auto f, int i) { return f(i); }, function))(3), 9);
}

// A number in the range of addresses. Sanitizers reserve most of that range, each another part.
std::uint64_t address_of_nothing() {
    std::uint64_t candidate = std::uint64_t{1} << 33;
    while (::msync(reinterpret_cast<void*>(candidate), 1, MS_ASYNC) == 0) candidate += std::uint64_t{1} << 33;
    return candidate;
}

TEST(Callable, numbers_that_are_no_addresses_pass) {
    const std::uint64_t nothing = address_of_nothing();
    EXPECT_EQ(sent([n = nothing] { return n; })(), nothing);
    EXPECT_EQ(sent([n = -1, d = 1e300] { return n + d; })(), -1 + 1e300);
    EXPECT_EQ(sent([p = static_cast<int*>(nullptr)] { return p; })(), nullptr);
}

TEST(Callable, by_value_sends_what_only_looks_like_an_address) {
    int local = 0;
    auto number = reinterpret_cast<std::uintptr_t>(&local);
    auto lambda = [number] { return number; };
    EXPECT_NE(refusal(lambda).find("cohort::by_value"), std::string::npos);
    EXPECT_EQ(sent(cohort::by_value(lambda))(), number);
    EXPECT_EQ(
        sent(cohort::partial(cohort::by_value([number](int i) { return number + static_cast<unsigned>(i); }), 1))(),
        number + 1);
}

// Leaves addresses where the next function's locals will lie.
[[gnu::noinline]] void litter_the_stack() {
    std::array<void*, 512> addresses{};
    for (void*& each : addresses) each = &addresses;
    asm volatile("" : : "r"(addresses.data()) : "memory");
}

struct alignas(16) Wide {
    char c;
    double d;
};

template <int Round>
[[gnu::noinline]] void send_padded() {
    char letter = 'a';
    bool flag = true;
    double number = 2;
    int count = 3;
    short size = 4;
    EXPECT_EQ(sent([letter, number] { return letter + number; })(), 'a' + 2.0);
    EXPECT_EQ(sent([number, flag] { return number + flag; })(), 3);
    EXPECT_EQ(sent([count, number, size] { return count + number + size; })(), 9);
    EXPECT_EQ(sent([number, count] { return number + count; })(), 5);
    Wide wide;
    wide.c = 1;
    wide.d = 2;
    EXPECT_EQ(sent([wide] { return wide.c + wide.d; })(), 3);
    auto* function = &square;
    EXPECT_EQ(sent([function, flag] { return function(4) + flag; }, Target::forked)(), 17);
}

TEST(Callable, padding_is_not_judged) {
    litter_the_stack();
    send_padded<0>();
    litter_the_stack();
    send_padded<1>();
}

TEST(Callable, strangers_cannot_send_addresses) {
    int local = 0;
    auto number = reinterpret_cast<std::uintptr_t>(&local);
    auto lambda = cohort::by_value([number] { return number; });
    BufferSink sink;
    write_callable(sink, lambda, Target::forked);
    Source stranger(sink.bytes());
    EXPECT_THROW(read_callable<decltype(lambda)>(stranger), SerializationError);
    sink.clear();
    write_callable(sink, &square, Target::forked);
    write_callable(sink, &Shape::times, Target::forked);
    Source other(sink.bytes());
    EXPECT_THROW(read_callable<int (*)(int)>(other), SerializationError);
    EXPECT_THROW(read_callable<decltype(&Shape::times)>(other), SerializationError);
    EXPECT_THROW(read_callable<decltype(&Shape::size)>(other), SerializationError);
}

TEST(Partial, binds_the_first_arguments) {
    EXPECT_EQ(cohort::partial(square, 3)(), 9);
    auto three_more = cohort::partial(static_cast<int (*)(int, int)>(add), 3);
    EXPECT_EQ(three_more(4) + three_more(5), 15);
    const auto fixed = cohort::partial([](const std::string& a, const std::string& b) { return a + b; }, "x");
    EXPECT_EQ(fixed("y"), "xy");
    EXPECT_EQ(cohort::partial(std::strlen, "four")(), 4U);
    EXPECT_EQ(cohort::partial(&Shape::times, Shape{})(2), 6);
    EXPECT_EQ(cohort::partial(&Shape::name, std::unique_ptr<Shape>(new Square))(), 2);
    auto counts = cohort::partial([n = 0](int step) mutable { return n += step; }, 2);
    counts();
    EXPECT_EQ(counts(), 4);
}

TEST(Partial, moves_bound_values_out_of_rvalues_only) {
    auto takes = [](std::unique_ptr<int> p, int i) { return *p + i; };
    auto bound = cohort::partial(takes, std::make_unique<int>(5));
    static_assert(!std::is_invocable_v<decltype(bound)&, int>);
    EXPECT_EQ(std::move(bound)(1), 6);
}

TEST(Partial, travels_with_its_values) {
    EXPECT_EQ(sent(cohort::partial(&square, 3))(), 9);
    std::vector<int> values{1, 2, 3};
    EXPECT_EQ(sent(cohort::partial([](const std::vector<int>& v, std::size_t i) { return v.at(i); }, values))(2), 3);
    EXPECT_EQ(sent(cohort::partial(std::strlen, "four"))(), 4U);
    EXPECT_EQ(sent(cohort::partial(&std::string::size, "four"))(), 4U);
}

TEST(Partial, nests) {
    int k = 10;
    auto inner = cohort::partial(static_cast<int (*)(int, int)>(add), 1);
    auto outer = cohort::partial([](auto f, auto g, int i) { return f(g(i)); }, inner, [k](int i) { return k * i; });
    EXPECT_EQ(outer(2), 21);
    EXPECT_EQ(sent(outer)(2), 21);
    EXPECT_EQ(sent(cohort::partial(cohort::partial([k](int a, int b, int c) { return k + a + b + c; }, 1), 2))(3), 16);
    int local = 0;
    auto refused = cohort::partial([](auto f) { return f(); }, [&local] { return local; });
    BufferSink sink;
    EXPECT_THROW(write_callable(sink, refused, Target::forked), SerializationError);
}

TEST(Callable, the_type_tells_what_never_travels) {
    auto text = [s = std::string("s")] { return s; };
    auto owner = [p = std::make_unique<int>(1)] { return *p; };
    static_assert(!travels_v<decltype(text)>);
    static_assert(!travels_v<decltype(owner)>);
    static_assert(!travels_v<std::function<int()>>);
    static_assert(!travels_v<std::reference_wrapper<int()>>);
    static_assert(!travels_v<cohort::Partial<int (*)(int*), int*>>);
    static_assert(!travels_v<cohort::Partial<std::function<void()>>>);
    static_assert(!argument_travels_v<int*>);
    static_assert(!argument_travels_v<std::string_view>);
    static_assert(argument_travels_v<std::vector<std::string>>);
    static_assert(argument_travels_v<decltype([](auto i) { return i; })>);
    auto what = [](auto require) {
        try {
            require();
        } catch (const SerializationError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_EQ(what([] { require_travels<int (*)()>(); }), "nothing was thrown");
    EXPECT_NE(what([] { require_travels<decltype(text)>(); }).find("cohort::partial(f, values...)"), std::string::npos);
    EXPECT_NE(what([] { require_travels<std::function<int()>>(); }).find("std::function"), std::string::npos);
    EXPECT_NE(what([] { require_argument_travels<std::reference_wrapper<int>>(); }).find("the object itself"),
              std::string::npos);
    EXPECT_NE(what([] { require_argument_travels<int*>(); }).find("int*"), std::string::npos);
    EXPECT_EQ(what([] { require_travels<cohort::Partial<int (*)(int*), int*>>(); }),
              "cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or "
              "a std::shared_ptr (the "
              "type is int*)");
    EXPECT_NE(what([] { require_argument_travels<std::string_view>(); }).find("a view cannot be sent"),
              std::string::npos);
    EXPECT_NE(what([] { require_argument_travels<std::vector<const char*>>(); }).find("the type is const char*"),
              std::string::npos);
    EXPECT_NE(what([] { require_argument_travels<decltype(text)>(); }).find("its captures are not plain data"),
              std::string::npos);
}

TEST(Callable, a_null_pointer_is_refused) {
    int (*none)(int) = nullptr;
    EXPECT_THROW(refuse_null(none), cohort::ValueError);
    EXPECT_THROW(refuse_null(cohort::partial(none, 1)), cohort::ValueError);
    std::size_t (std::string::*no_member)() const = nullptr;
    EXPECT_THROW(refuse_null(no_member), cohort::ValueError);
    refuse_null(&std::string::size);
    refuse_null([] {});
}

TEST(Arguments, are_kept_as_copies) {
    auto arguments = cohort::args(1, "text", std::make_unique<int>(3));
    static_assert(std::is_same_v<decltype(arguments), cohort::Arguments<int, std::string, std::unique_ptr<int>>>);
    EXPECT_EQ(std::get<1>(arguments.values), "text");
    static_assert(std::is_same_v<decltype(cohort::args()), cohort::Arguments<>>);
}

}  // namespace
