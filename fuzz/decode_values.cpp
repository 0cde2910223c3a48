// SPDX-License-Identifier: MIT
// Values of every kind out of arbitrary bytes. The first byte chooses the type. A value that is read must read back the
// same bytes that writing it gives; and no allocation may be out of proportion to the message.
#include <cohort/base/errors.hpp>
#include <cohort/serial/codec.hpp>

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <variant>
#include <vector>

namespace {

std::size_t largest_allocation = 0;

void note_allocation(const volatile void*, std::size_t size) {
    largest_allocation = std::max(largest_allocation, size);
}
void note_free(const volatile void*) {}

using cohort::SerializationError;
using namespace cohort::serial;

struct Point {
    std::int32_t x = 0;
    std::int32_t y = 0;
};

struct Padded {
    char letter = 0;
    double number = 0;
    bool flag = false;
};

struct Tree {
    std::string name{};
    std::vector<Tree> children{};
    std::unique_ptr<Tree> left{};
    std::map<std::string, std::optional<Point>> points{};
    int numbers[3] = {};
};

/// Nodes may own each other in rings: values like any other, but nobody would free them.
class Node {
public:
    Node() { all_.insert(this); }
    ~Node() { all_.erase(this); }
    Node(Node&& other) noexcept : Node() { *this = std::move(other); }
    Node& operator=(Node&&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(number_, next_, back_, names_);
    }

    static void open_rings() {
        std::vector<std::shared_ptr<Node>> owners;
        for (Node* node : all_) owners.push_back(std::move(node->next_));
    }

private:
    static inline std::set<Node*> all_;
    int number_ = 0;
    std::shared_ptr<Node> next_{};
    std::weak_ptr<Node> back_{};
    std::vector<std::shared_ptr<const std::string>> names_{};
};

class User {
public:
    template <class Archive>
    void save(Archive& archive, std::uint32_t) const {
        archive(cereal::make_size_tag(static_cast<cereal::size_type>(bytes_.size())));
        archive(cereal::binary_data(bytes_.data(), bytes_.size()), points_);
    }
    template <class Archive>
    void load(Archive& archive, std::uint32_t) {
        cereal::size_type size = 0;
        archive(cereal::make_size_tag(size));
        bytes_.resize(static_cast<std::size_t>(size));
        archive(cereal::binary_data(bytes_.data(), bytes_.size()), CEREAL_NVP(points_));
    }

private:
    std::vector<char> bytes_{};
    std::list<Point> points_{};
};

struct Silent {
    template <class Archive>
    void serialize(Archive&) {}
};

void require(bool holds) {
    if (!holds) std::abort();
}

/// Throws SerializationError if the bytes are no T.
template <class T>
void read_and_compare(std::span<const std::byte> bytes) {
    Source source(bytes);
    T value = read<T>(source);
    BufferSink first;
    write(first, value);
    Source again(first.bytes());
    T copy = read<T>(again);
    again.expect_end();
    BufferSink second;
    write(second, copy);
    require(first.size() == second.size());
}

template <class T>
void try_type(std::span<const std::byte> bytes) {
    largest_allocation = 0;
    try {
        read_and_compare<T>(bytes);
    } catch (const SerializationError&) {
    }
    Node::open_rings();
    require(largest_allocation <= 64 * bytes.size() + 4096);
}

using Function = void (*)(std::span<const std::byte>);

constexpr Function kTypes[] = {
    try_type<bool>,
    try_type<long double>,
    try_type<std::string>,
    try_type<std::u32string>,
    try_type<std::vector<int>>,
    try_type<std::vector<bool>>,
    try_type<std::vector<Padded>>,
    try_type<std::vector<Silent>>,
    try_type<std::vector<std::vector<std::string>>>,
    try_type<std::vector<std::monostate>>,
    try_type<std::deque<Point>>,
    try_type<std::list<std::string>>,
    try_type<std::forward_list<bool>>,
    try_type<std::valarray<float>>,
    try_type<std::bitset<37>>,
    try_type<std::set<std::string>>,
    try_type<std::multiset<int>>,
    try_type<std::map<int, std::vector<bool>>>,
    try_type<std::unordered_map<std::string, int>>,
    try_type<std::unordered_multimap<int, std::string>>,
    try_type<std::queue<int>>,
    try_type<std::priority_queue<int>>,
    try_type<std::optional<std::string>>,
    try_type<std::variant<int, std::string, std::vector<Point>, bool>>,
    try_type<std::tuple<char, bool, std::string>>,
    try_type<std::array<std::string, 3>>,
    try_type<std::complex<double>>,
    try_type<std::chrono::nanoseconds>,
    try_type<std::filesystem::path>,
    try_type<std::unique_ptr<std::string>>,
    try_type<std::shared_ptr<Node>>,
    try_type<std::pair<std::shared_ptr<Point>, std::weak_ptr<Point>>>,
    try_type<Tree>,
    try_type<User>,
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    require(__sanitizer_install_malloc_and_free_hooks(note_allocation, note_free) != 0);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    kTypes[data[0] % std::size(kTypes)](std::as_bytes(std::span(data, size)).subspan(1));
    return 0;
}
