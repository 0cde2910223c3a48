// SPDX-License-Identifier: MIT
#include <cohort/serial/archive.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "round_trip.hpp"

// Types that users have written for cereal.
namespace user {

struct Member {
    int number = 0;
    std::vector<std::string> names{};
    bool operator==(const Member&) const = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(number), cereal::make_nvp("names", names));
    }
};

class Private {
public:
    static Private make(int number) {
        Private made;
        made.number_ = number;
        return made;
    }
    bool operator==(const Private&) const = default;

private:
    friend class cereal::access;
    Private() = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive& number_;
    }
    int number_ = 0;
};

struct Free {
    std::map<int, Member> members{};
    bool operator==(const Free&) const = default;
};
template <class Archive>
void serialize(Archive& archive, Free& value) {
    archive(value.members);
}

struct Pair {
    int number = 0;
    bool operator==(const Pair&) const = default;
    template <class Archive>
    void save(Archive& archive) const {
        static_assert(Archive::is_saving::value);
        archive << number;
    }
    template <class Archive>
    void load(Archive& archive) {
        static_assert(Archive::is_loading::value);
        archive >> number;
    }
};

struct FreePair {
    int number = 0;
    bool operator==(const FreePair&) const = default;
};
template <class Archive>
void save(Archive& archive, const FreePair& value) {
    archive(value.number);
}
template <class Archive>
void load(Archive& archive, FreePair& value) {
    archive(value.number);
}

struct Minimal {
    int number = 0;
    bool operator==(const Minimal&) const = default;
    template <class Archive>
    std::string save_minimal(const Archive&) const {
        return std::to_string(number);
    }
    template <class Archive>
    void load_minimal(const Archive&, const std::string& text) {
        number = std::stoi(text);
    }
};

enum class Unit { meter, foot };
struct FreeMinimal {
    Unit unit = Unit::meter;
    bool operator==(const FreeMinimal&) const = default;
};
template <class Archive>
int save_minimal(const Archive&, const FreeMinimal& value) {
    return static_cast<int>(value.unit);
}
template <class Archive>
void load_minimal(const Archive&, FreeMinimal& value, const int& number) {
    value.unit = static_cast<Unit>(number);
}

struct Versioned {
    int number = 0;
    std::uint32_t version = 0;
    template <class Archive>
    void serialize(Archive& archive, std::uint32_t version_of_class) {
        archive(number);
        version = version_of_class;
    }
};

struct VersionedPair {
    int number = 0;
    template <class Archive>
    void save(Archive& archive, std::uint32_t version) const {
        archive(number + static_cast<int>(version));
    }
    template <class Archive>
    void load(Archive& archive, std::uint32_t version) {
        archive(number);
        number -= static_cast<int>(version);
    }
};

struct InNamespaceCereal {
    int number = 0;
    bool operator==(const InNamespaceCereal&) const = default;
};

// --- Inheritance ---

struct Base {
    int base = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(base);
    }
};
struct Left : virtual Base {
    int left = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::virtual_base_class<Base>(this), left);
    }
};
struct Right : virtual Base {
    int right = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::virtual_base_class<Base>(this), right);
    }
};
struct Diamond : Left, Right {
    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::base_class<Left>(this), cereal::base_class<Right>(this));
    }
};

struct Inheriting : Base {
    int own = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(cereal::base_class<Base>(this), own);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(cereal::base_class<Base>(this), own);
    }
};

class Shape {
public:
    Shape() = default;
    virtual ~Shape() = default;
    int corners = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(corners);
    }
};
class Square : public Shape {};

// --- Containers and pointers of one's own ---

class Buffer {
public:
    std::vector<float> numbers{};
    template <class Archive>
    void save(Archive& archive) const {
        archive(cereal::make_size_tag(static_cast<cereal::size_type>(numbers.size())));
        archive(cereal::binary_data(numbers.data(), numbers.size() * sizeof(float)));
    }
    template <class Archive>
    void load(Archive& archive) {
        cereal::size_type size = 0;
        archive(cereal::make_size_tag(size));
        numbers.resize(static_cast<std::size_t>(size));
        archive(cereal::binary_data(numbers.data(), numbers.size() * sizeof(float)));
    }
};

struct Graph {
    std::shared_ptr<Member> first{};
    std::shared_ptr<Member> second{};
    int raw[2][2] = {};
    template <class Archive>
    void serialize(Archive& archive) {
        archive(cereal::defer(first), second, raw);
        archive.serializeDeferments();
    }
};

struct Empty {
    template <class Archive>
    void serialize(Archive&) {}
};

}  // namespace user

CEREAL_CLASS_VERSION(user::Versioned, 7)

namespace cereal {

template <class Archive>
void serialize(Archive& archive, user::InNamespaceCereal& value) {
    archive(value.number);
}

template <class Archive>
struct specialize<Archive, user::Inheriting, specialization::member_load_save> {};

}  // namespace cereal

namespace cohort::serial {
namespace {

TEST(Archive, CallsEachFormOfUserFunctions) {
    expect_same(user::Member{3, {"a", "b"}});
    expect_same(user::Free{{{1, {2, {"x"}}}}});
    expect_same(user::Pair{5});
    expect_same(user::FreePair{6});
    expect_same(user::Minimal{-17});
    expect_same(user::FreeMinimal{user::Unit::foot});
    expect_same(user::InNamespaceCereal{8});
    expect_same(std::vector<user::Pair>{{1}, {2}});
    EXPECT_TRUE(*there_and_back(std::make_unique<user::Private>(user::Private::make(4))) == user::Private::make(4));
}

TEST(Archive, CallsVersionedFunctionsWithTheVersion) {
    auto versioned = there_and_back(user::Versioned{3});
    EXPECT_EQ(versioned.number, 3);
    EXPECT_EQ(versioned.version, 7u);
    EXPECT_EQ(there_and_back(user::VersionedPair{3}).number, 3);
}

TEST(Archive, WritesBasesOnce) {
    user::Diamond diamond;
    diamond.base = 1;
    diamond.left = 2;
    diamond.right = 3;
    auto back = there_and_back(diamond);
    EXPECT_EQ(back.base, 1);
    EXPECT_EQ(back.left, 2);
    EXPECT_EQ(back.right, 3);
    BufferSink sink;
    write(sink, diamond);
    EXPECT_EQ(sink.size(), 3 * sizeof(int));
}

TEST(Archive, FollowsCerealSpecialize) {
    user::Inheriting value;
    value.base = 1;
    value.own = 2;
    auto back = there_and_back(value);
    EXPECT_EQ(back.base, 1);
    EXPECT_EQ(back.own, 2);
}

TEST(Archive, ReadsSizesAndBlocks) {
    EXPECT_EQ(there_and_back(user::Buffer{{1, 2.5, 3}}).numbers, (std::vector<float>{1, 2.5, 3}));
    EXPECT_TRUE(there_and_back(user::Buffer()).numbers.empty());
}

TEST(Archive, KeepsSharedObjectsOfUserTypes) {
    user::Graph graph{std::make_shared<user::Member>(user::Member{1, {}}), nullptr, {{1, 2}, {3, 4}}};
    graph.second = graph.first;
    auto back = there_and_back(graph);
    EXPECT_EQ(back.first, back.second);
    EXPECT_EQ(back.first->number, 1);
    EXPECT_EQ(back.raw[1][0], 3);
}

TEST(Archive, EmptyObjectsInContainersAreCounted) {
    EXPECT_EQ(there_and_back(std::vector<user::Empty>(100)).size(), 100u);
    EXPECT_EQ(there_and_back(std::vector<user::Empty>()).size(), 0u);
}

TEST(Archive, RefusesToSlice) {
    user::Shape shape;
    shape.corners = 4;
    EXPECT_EQ(there_and_back(std::make_unique<user::Shape>(shape))->corners, 4);
    std::unique_ptr<user::Shape> square = std::make_unique<user::Square>();
    try {
        message_of(square);
        FAIL();
    } catch (const SerializationError& error) {
        EXPECT_EQ(error.type(), "user::Square");
    }
    EXPECT_THROW(message_of(std::shared_ptr<user::Shape>(std::move(square))), SerializationError);
}

TEST(Archive, RefusesSizesThatTheBytesCannotHold) {
    BufferSink sink;
    write(sink, fingerprint_v<user::Buffer>);
    detail::write_count(sink, 1'000'000'000);
    Source source(sink.bytes());
    EXPECT_THROW(read_message<user::Buffer>(source), SerializationError);
}

}  // namespace
}  // namespace cohort::serial
