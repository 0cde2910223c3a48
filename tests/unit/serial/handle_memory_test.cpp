// SPDX-License-Identifier: MIT
#include <cohort/serial/handle_memory.hpp>

#include <cohort/channel/queue.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/serial/partial.hpp>

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cohort::serial {
namespace {

struct Nested {
    int number = 0;
    std::vector<Descriptor> list{};
};

struct Tree {
    Descriptor root{};
    std::vector<Tree> branches{};
};

struct Unsendable {
    std::mutex* mutex = nullptr;
    Descriptor descriptor{};
};

/// Which of the objects lie in the memory that is visited for a value.
template <class T>
std::vector<bool> visited(const T& value, const std::vector<const void*>& objects) {
    std::vector<bool> found(objects.size());
    visit_handle_memory(value, [&](const void* begin, std::size_t bytes) {
        for (std::size_t i = 0; i < objects.size(); ++i) {
            const auto* from = static_cast<const std::byte*>(begin);
            const auto* at = static_cast<const std::byte*>(objects[i]);
            if (at >= from && at < from + bytes) found[i] = true;
        }
    });
    return found;
}

template <class T>
std::size_t ranges_of(const T& value) {
    std::size_t count = 0;
    visit_handle_memory(value, [&](const void*, std::size_t) { ++count; });
    return count;
}

TEST(HandleMemory, the_object_itself) {
    const Descriptor one;
    const std::tuple<int, std::optional<Descriptor>> within{1, Descriptor()};
    const Unsendable other;
    EXPECT_EQ(visited(one, {&one}), std::vector{true});
    EXPECT_EQ(visited(within, {&*std::get<1>(within)}), std::vector{true});
    EXPECT_EQ(visited(other, {&other.descriptor}), std::vector{true});
}

// To walk through a queue takes its items.
TEST(HandleMemory, nothing_is_taken_out_of_queues) {
    const std::vector<Queue<int>> queues(2);
    queues[1].put(1);
    queues[1].put(2);
    queues[1].close();
    EXPECT_EQ(ranges_of(queues[1]), 1U);
    EXPECT_EQ(ranges_of(queues), 3U);
    EXPECT_EQ(queues[1].qsize(), 2U);
}

TEST(HandleMemory, the_items_of_containers) {
    Nested nested;
    nested.list.resize(2);
    EXPECT_EQ(visited(nested, {&nested.list[0], &nested.list[1]}), (std::vector{true, true}));
    std::map<std::string, std::list<Descriptor>> map;
    map["key"].emplace_back();
    EXPECT_EQ(visited(map, {&map["key"].front()}), std::vector{true});
    const auto owned = std::make_unique<Nested>(std::move(nested));
    EXPECT_EQ(visited(owned, {&owned->list[1]}), std::vector{true});
    EXPECT_EQ(ranges_of(std::unique_ptr<Nested>()), 1U);
}

TEST(HandleMemory, types_that_contain_themselves) {
    Tree tree;
    tree.branches.resize(2);
    tree.branches[1].branches.resize(1);
    EXPECT_EQ(visited(tree, {&tree.root, &tree.branches[0].root, &tree.branches[1].branches[0].root}),
              (std::vector{true, true, true}));
}

TEST(HandleMemory, bound_values) {
    std::vector<Descriptor> list(1);
    const Descriptor* item = list.data();
    const auto bound = partial([](const std::vector<Descriptor>&) {}, std::move(list));
    EXPECT_EQ(visited(bound, {item}), std::vector{true});
}

TEST(HandleMemory, containers_without_handles_are_not_walked) {
    EXPECT_EQ(ranges_of(std::vector<std::string>(1000)), 1U);
}

}  // namespace
}  // namespace cohort::serial
