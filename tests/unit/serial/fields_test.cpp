// SPDX-License-Identifier: MIT
#include <cohort/serial/detail/fields.hpp>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "round_trip.hpp"

namespace cohort::serial {
namespace {

using detail::DeclaredFields;
using detail::field_count;
using detail::has_base;
using detail::TypeList;

struct Nothing {};
struct Point {
    int x = 0;
    int y = 0;
    bool operator==(const Point&) const = default;
};
struct NoDefault {
    explicit NoDefault(int) {}
};

// --- How many fields, and of which types ---

struct One {
    int a;
};
static_assert(field_count<Nothing>() == 0);
static_assert(field_count<One>() == 1);
static_assert(field_count<Point>() == 2);

struct WithArrays {
    char text[4096];
    Point point;
    Point points[2];
    int matrix[2][3];
    std::string name;
};
static_assert(field_count<WithArrays>() == 5);
static_assert(
    std::is_same_v<DeclaredFields<WithArrays>, TypeList<char[4096], Point, Point[2], int[2][3], std::string>>);

struct ArraysBeforeNoDefault {
    int numbers[3];
    NoDefault no_default;
    Point point;
    std::string name;
    int matrix[2][2];
};
static_assert(field_count<ArraysBeforeNoDefault>() == 5);

struct InitializedNoDefault {
    NoDefault no_default = NoDefault(1);
    int numbers[2] = {1, 2};
    std::string name{"x"};
};
static_assert(field_count<InitializedNoDefault>() == 3);

struct Various {
    std::optional<int> optional;
    std::vector<Various> children;
    std::unique_ptr<Various> next;
    const int constant;
    std::array<int, 3> array;
    Nothing nothing;
    std::mutex mutex;
    bool last;
};
static_assert(field_count<Various>() == 8);

struct Derived : Point {
    int z;
};
static_assert(has_base<Derived>());
static_assert(!has_base<WithArrays>());

struct WithReference {
    const int& reference;
    int x;
};
static_assert(std::is_same_v<DeclaredFields<WithReference>, TypeList<const int&, int>>);

#define FOUR(name) name##0, name##1, name##2, name##3
#define SIXTEEN(name) FOUR(name##0), FOUR(name##1), FOUR(name##2), FOUR(name##3)
struct SixtyFour {
    int SIXTEEN(a), SIXTEEN(b), SIXTEEN(c), SIXTEEN(d);
    bool operator==(const SixtyFour&) const = default;
};
struct SixtyFive {
    int SIXTEEN(a), SIXTEEN(b), SIXTEEN(c), SIXTEEN(d), e;
};
static_assert(field_count<SixtyFour>() == 64);
static_assert(field_count<SixtyFive>() == detail::kTooManyFields);

// --- What arrives ---

struct Person {
    std::string name;
    int age;
    std::vector<Person> children;
    std::map<std::string, std::optional<Point>> places;
    bool operator==(const Person&) const = default;
};

struct Arrays {
    int numbers[3];
    std::string names[2];
    bool flags[2][2];
    Point point;
    bool operator==(const Arrays&) const = default;
};

struct Padded {
    char letter;
    double number;
    bool flag;
    bool operator==(const Padded&) const = default;
};

struct Unmovable {
    const int number;
    std::atomic<int> counter;
};

struct MoveOnly {
    std::unique_ptr<int> owned;
    const std::string name;
};

struct Owners {
    std::array<MoveOnly, 2> owners;
};

TEST(Aggregate, ArrivesWithoutUserCode) {
    expect_same(Point{1, -1});
    expect_same(Person{"Ada", 36, {{"Byron", 1, {}, {}}}, {{"home", Point{3, 4}}, {"away", {}}}});
    expect_same(Arrays{{1, 2, 3}, {"a", "b"}, {{true, false}, {false, true}}, {5, 6}});
    expect_same(std::vector<Arrays>(3));
    expect_same(Padded{'x', 2.5, true});
    expect_same(std::vector<Padded>{{'x', 2.5, true}, {'y', -1, false}});
    expect_same(std::vector<Point>(1000, Point{1, 2}));
    SixtyFour many{};
    many.d33 = 64;
    expect_same(many);
    there_and_back(Nothing());
    EXPECT_EQ(there_and_back(std::vector<Nothing>(5)).size(), 5u);
}

TEST(Aggregate, MayBeConstantOrMoveOnly) {
    std::vector<std::byte> bytes = message_of(Unmovable{3, 4});
    Source source(bytes);
    Unmovable unmovable = read_message<Unmovable>(source);
    EXPECT_EQ(unmovable.number, 3);
    EXPECT_EQ(unmovable.counter, 4);
    auto owner = there_and_back(MoveOnly{std::make_unique<int>(3), "name"});
    EXPECT_EQ(*owner.owned, 3);
    EXPECT_EQ(owner.name, "name");
    auto holder = there_and_back(Owners{{MoveOnly{std::make_unique<int>(1), "a"}, MoveOnly{nullptr, "b"}}});
    EXPECT_EQ(*holder.owners[0].owned, 1);
    EXPECT_EQ(holder.owners[1].name, "b");
}

TEST(Aggregate, HasNoPaddingInMessages) {
    BufferSink sink;
    write(sink, Padded{});
    EXPECT_EQ(sink.size(), 10u);
    write(sink, std::vector<Padded>(3));
    EXPECT_EQ(sink.size(), 10u + 1 + 30);
    write(sink, Nothing());
    EXPECT_EQ(sink.size(), 41u);
}

TEST(Aggregate, FieldsBelongToTheFingerprint) {
    struct Before {
        struct Item {
            int number;
        };
    };
    struct After {
        struct Item {
            long number;
        };
    };
    EXPECT_NE(fingerprint_v<Before::Item>, fingerprint_v<After::Item>);
    EXPECT_NE(fingerprint_v<Person>, fingerprint_v<Point>);
    EXPECT_NE(fingerprint_v<std::vector<Person>>, fingerprint_v<Person>);
}

}  // namespace
}  // namespace cohort::serial
