// SPDX-License-Identifier: MIT
#include <cohort/serial/cure.hpp>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "round_trip.hpp"

namespace cohort::serial {
namespace {

template <class T>
constexpr Cure cure_of = detail::blame_v<T>.cure;

struct Recursive {
    std::vector<Recursive> children;
    std::map<std::string, std::unique_ptr<Recursive>> named;
};

static_assert(Serializable<int>);
static_assert(Serializable<std::string>);
static_assert(Serializable<Recursive>);
static_assert(Serializable<std::vector<std::variant<int, Recursive>>>);

struct HasPointer {
    int number;
    const char* text;
};
struct HasVirtual {
    virtual ~HasVirtual() = default;
};
class Closed {
public:
    explicit Closed(int number) : number_(number) {}
    int number() const { return number_; }

private:
    int number_;
};
struct Base {
    int x;
};
struct Derived : Base {
    int y;
};
struct Bits {
    int a : 3;
    int b : 5;
};
struct [[gnu::packed]] Packed {
    char a;
    int b;
};
struct Rigid {
    const int constant;
    int numbers[2];
};
union Union {
    int i;
    float f;
};
struct Functor {
    int captured;
    explicit Functor(int value) : captured(value) {}
    int operator()(int x) const { return x + captured; }
};
struct PlainFunctor {
    int captured;
    int operator()(int x) const { return x + captured; }
};
struct Less {
    explicit Less(int) {}
    bool operator()(int a, int b) const { return a < b; }
};
struct CannotBeMade {
    CannotBeMade() = default;
    CannotBeMade(const CannotBeMade&) = delete;
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
};
struct TwoForms {
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
    template <class Archive>
    void save(Archive& archive) const {
        archive(number);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(number);
    }
};
struct Deleter {
    int state = 0;
    void operator()(int*) const {}
};

static_assert(cure_of<int*> == Cure::pointer);
static_assert(cure_of<void*> == Cure::pointer);
static_assert(cure_of<const char*> == Cure::pointer);
static_assert(cure_of<HasPointer> == Cure::pointer);
static_assert(cure_of<std::vector<HasPointer>> == Cure::pointer);
static_assert(cure_of<std::unique_ptr<int[]>> == Cure::owner);
static_assert(cure_of<std::unique_ptr<int, Deleter>> == Cure::owner);
static_assert(cure_of<std::shared_ptr<void>> == Cure::owner);
static_assert(cure_of<std::reference_wrapper<int>> == Cure::reference);
static_assert(cure_of<std::string_view> == Cure::view);
static_assert(cure_of<std::span<int>> == Cure::view);
static_assert(cure_of<std::function<void()>> == Cure::function);
static_assert(cure_of<Functor> == Cure::function);
static_assert(cure_of<PlainFunctor> == Cure::none);
static_assert(cure_of<std::mutex> == Cure::local);
static_assert(cure_of<std::thread> == Cure::local);
static_assert(cure_of<std::future<int>> == Cure::local);
static_assert(cure_of<std::condition_variable> == Cure::local);
static_assert(cure_of<Union> == Cure::union_kind);
static_assert(cure_of<Derived> == Cure::derived);
static_assert(cure_of<Bits> == Cure::squeezed);
static_assert(cure_of<Packed> == Cure::squeezed);
static_assert(cure_of<Rigid> == Cure::rigid);
static_assert(cure_of<HasVirtual> == Cure::virtual_kind);
static_assert(cure_of<Closed> == Cure::closed);
static_assert(cure_of<std::set<int, Less>> == Cure::stateful);
static_assert(cure_of<std::priority_queue<int, std::vector<int>, Less>> == Cure::stateful);
static_assert(cure_of<CannotBeMade> == Cure::unmade);
static_assert(cure_of<TwoForms> == Cure::several);
static_assert(cure_of<std::exception> == Cure::unknown);
static_assert(cure_of<std::map<std::string, std::vector<Closed>>> == Cure::closed);

TEST(Cure, NamesTheTypeToBlameAndWhatToDo) {
    EXPECT_EQ(cure_for<std::vector<int>>(), "");
    EXPECT_EQ(
        cure_for<std::vector<HasPointer>>(),
        "const char*: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a "
        "std::shared_ptr");
}

}  // namespace
}  // namespace cohort::serial
