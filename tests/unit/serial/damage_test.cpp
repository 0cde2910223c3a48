// SPDX-License-Identifier: MIT
// Messages that are not what a sender wrote: cut, changed, too long, made up. All of them end in a value or in a
// SerializationError; the sanitizers watch that nothing else happens.
#include <array>
#include <chrono>
#include <complex>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "round_trip.hpp"

namespace cohort::serial {
namespace {

struct Node {
    int number = 0;
    std::vector<Node> children{};
    std::shared_ptr<Node> next{};
    std::weak_ptr<Node> previous{};
};

struct User {
    std::string name{};
    std::vector<int> numbers{};
    template <class Archive>
    void serialize(Archive& archive, std::uint32_t) {
        archive(name, numbers);
    }
};

struct Everything {
    bool flag = true;
    int numbers[2] = {1, 2};
    std::string text = "text";
    std::wstring wide = L"wide";
    std::vector<double> doubles{1, 2, 3};
    std::vector<bool> bits = std::vector<bool>(11, true);
    std::vector<std::monostate> nothings = std::vector<std::monostate>(5);
    std::deque<std::string> deque{"a", "b"};
    std::list<int> list{1, 2};
    std::forward_list<int> forward_list{1, 2};
    std::map<std::string, std::vector<int>> map{{"a", {1}}, {"b", {}}};
    std::unordered_map<int, std::string> unordered_map{{1, "a"}, {2, "b"}};
    std::set<int> set{1, 2, 3};
    std::priority_queue<int> queue{{}, {3, 1, 2}};
    std::optional<std::string> optional{"there"};
    std::variant<int, std::string, bool> variant{"chosen"};
    std::tuple<char, bool, double> tuple{'x', true, 2.5};
    std::unique_ptr<std::string> unique = std::make_unique<std::string>("owned");
    std::shared_ptr<Node> shared = std::make_shared<Node>();
    std::vector<std::shared_ptr<Node>> several{shared, nullptr, shared};
    std::vector<Node> nodes{Node{1, {Node{}, Node{}}}};
    std::chrono::milliseconds time{5};
    std::filesystem::path path{"/tmp"};
    std::complex<float> complex{1, 2};
    User user{"name", {1, 2}};
    std::vector<User> users{{"a", {}}, {"b", {1}}};
};

/// Opens rings of nodes, which changed bytes may have made: they are values as good as any, but nobody frees them.
template <class T>
void open_rings(T&) {}
void open_rings(Node& node) {
    std::shared_ptr<Node> next = std::move(node.next);
    for (Node& child : node.children) open_rings(child);
    if (next) open_rings(*next);
}
void open_rings(Everything& everything) {
    everything.several.push_back(everything.shared);
    for (const auto& node : everything.several)
        if (node) open_rings(*node);
    for (Node& node : everything.nodes) open_rings(node);
}

std::vector<std::byte> sample() {
    Everything everything;
    auto inner = std::make_shared<Node>();
    inner->previous = everything.shared;
    everything.shared->next = inner;
    return message_of(everything);
}

/// Whether the bytes were read as a value.
template <class T = Everything>
bool reads(std::span<const std::byte> bytes) {
    // A copy of the very size, so that a sanitizer sees one byte too many.
    std::vector<std::byte> exact(bytes.begin(), bytes.end());
    Source source(exact);
    try {
        [[maybe_unused]] T value = read_message<T>(source);
        open_rings(value);
        return true;
    } catch (const SerializationError&) {
        return false;
    }
}

template <class T>
bool reads_value(std::initializer_list<unsigned> bytes) {
    BufferSink sink;
    write(sink, fingerprint_v<T>);
    for (unsigned byte : bytes) write(sink, static_cast<unsigned char>(byte));
    return reads<T>(sink.bytes());
}

TEST(Damage, EveryCutIsNoticed) {
    std::vector<std::byte> bytes = sample();
    ASSERT_TRUE(reads(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(reads(std::span(bytes).first(size))) << size;
}

TEST(Damage, EveryChangedByteIsAValueOrAnError) {
    const std::vector<std::byte> bytes = sample();
    std::size_t values = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned change : {0x01u, 0x80u, 0xffu, 0x7fu}) {
            std::vector<std::byte> damaged = bytes;
            damaged[at] ^= static_cast<std::byte>(change);
            values += reads(damaged);
        }
    }
    EXPECT_GT(values, 0u);  // numbers and letters may be anything
    EXPECT_LT(values, 4 * bytes.size());
}

TEST(Damage, RandomBytesAreAValueOrAnError) {
    const unsigned seed = 20240229;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::byte> bytes = message_of(fingerprint_v<Everything>);
    bytes.erase(bytes.begin(), bytes.begin() + 8);
    for (int round = 0; round < 2000; ++round) {
        bytes.resize(8 + random() % 300);
        // Small numbers are more often a valid size.
        for (std::size_t i = 8; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>(random() % (random() % 2 == 0 ? 4u : 256u));
        reads(bytes);
    }
}

TEST(Damage, SizesCannotPromiseMoreThanThereIs) {
    const std::initializer_list<unsigned> huge = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4};
    EXPECT_FALSE(reads_value<std::string>(huge));
    EXPECT_FALSE(reads_value<std::vector<int>>(huge));
    EXPECT_FALSE(reads_value<std::vector<bool>>(huge));
    EXPECT_FALSE(reads_value<std::vector<std::monostate>>(huge));
    EXPECT_FALSE(reads_value<std::vector<std::vector<int>>>(huge));
    EXPECT_FALSE(reads_value<std::list<std::monostate>>(huge));
    EXPECT_FALSE((reads_value<std::unordered_map<int, int>>(huge)));
    EXPECT_FALSE((reads_value<std::vector<std::array<double, 100>>>(huge)));
    EXPECT_FALSE(reads_value<std::filesystem::path>(huge));
    EXPECT_FALSE(reads_value<std::vector<User>>(huge));
    // Ten bytes of a number make 70 bits.
    EXPECT_FALSE(reads_value<std::string>({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}));
}

TEST(Damage, FlagsAreTrueOrFalse) {
    enum class Switch : bool { off, on };
    EXPECT_TRUE(reads_value<bool>({1}));
    EXPECT_FALSE(reads_value<bool>({2}));
    EXPECT_FALSE(reads_value<Switch>({2}));
    EXPECT_FALSE((reads_value<std::vector<std::array<bool, 2>>>({1, 0, 7})));
    EXPECT_FALSE(reads_value<std::optional<int>>({2, 0, 0, 0, 0}));
    EXPECT_FALSE(reads_value<std::unique_ptr<int>>({3, 0, 0, 0, 0}));
}

TEST(Damage, AlternativesExist) {
    using Choice = std::variant<bool, char>;
    EXPECT_TRUE((reads_value<Choice>({1, 'x'})));
    EXPECT_FALSE((reads_value<Choice>({2, 0})));
}

TEST(Damage, KeysComeOnce) {
    EXPECT_TRUE(reads_value<std::set<char>>({2, 'a', 'b'}));
    EXPECT_FALSE(reads_value<std::set<char>>({2, 'a', 'a'}));
    EXPECT_TRUE(reads_value<std::multiset<char>>({2, 'a', 'a'}));
}

TEST(Damage, SharedObjectsHaveComeBeforeAndAreOfTheirType) {
    using Two = std::pair<std::shared_ptr<char>, std::shared_ptr<char>>;
    EXPECT_TRUE(reads_value<Two>({1, 'x', 1}));
    EXPECT_FALSE(reads_value<Two>({2, 'x', 1}));
    EXPECT_FALSE(reads_value<Two>({1, 'x', 3, 'y'}));
    using Mixed = std::pair<std::shared_ptr<char>, std::shared_ptr<int>>;
    EXPECT_FALSE(reads_value<Mixed>({1, 'x', 1}));
}

TEST(Damage, AnObjectThatIsNotThereYetCannotBeShared) {
    struct Fixed {
        const std::shared_ptr<Fixed> itself;  // const: it cannot exist before its fields
    };
    EXPECT_TRUE(reads_value<std::shared_ptr<Fixed>>({1, 0}));
    EXPECT_FALSE(reads_value<std::shared_ptr<Fixed>>({1, 1}));
}

TEST(Damage, RingsOfADamagedMessageAreFreed) {
    using Two = std::pair<std::shared_ptr<Node>, bool>;
    // A node that is its own successor, and then no bool: the leak checker would find the node.
    EXPECT_FALSE(reads_value<Two>({1, 0, 0, 0, 0, 0, 1, 0, 7}));
}

TEST(Damage, NestingIsBounded) {
    struct Chain {
        std::unique_ptr<Chain> next;
    };
    BufferSink sink;
    write(sink, fingerprint_v<Chain>);
    for (int i = 0; i < 1'000'000; ++i) write(sink, true);
    EXPECT_FALSE(reads<Chain>(sink.bytes()));
    struct Tree {
        std::vector<Tree> children;
    };
    EXPECT_FALSE(reads<Tree>(sink.bytes()));
}

TEST(Damage, BytesLeftOverAreNoticedWhereAskedFor) {
    BufferSink sink;
    write(sink, 1);
    Source source(sink.bytes());
    read<short>(source);
    EXPECT_THROW(source.expect_end(), SerializationError);
    read<short>(source);
    EXPECT_NO_THROW(source.expect_end());
}

}  // namespace
}  // namespace cohort::serial
