// SPDX-License-Identifier: MIT
#include <cohort/manager/shared_memory_manager.hpp>

#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace {

using namespace cohort;

bool exists(const std::string& name) {
    try {
        SharedMemory({.name = name});
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

TEST(SharedMemoryManagerTest, segments_go_with_the_server) {
    std::string segment_name;
    std::string list_name;
    {
        SharedMemoryManager manager;
        EXPECT_THROW(manager.SharedMemory(10), ValueError);
        manager.start();
        EXPECT_THROW(manager.get_server(), ValueError);
        const auto segment = manager.SharedMemory(100);
        segment.buf()[99] = std::byte{7};
        const auto list = manager.ShareableList({1, 2.5, "text"});
        EXPECT_EQ(list.get(2), ShareableItem("text"));
        EXPECT_THROW(manager.SharedMemory(0), ValueError);
        auto removed_before = manager.SharedMemory(1);
        removed_before.unlink();
        segment_name = segment.name();
        list_name = list.name();
        EXPECT_TRUE(exists(segment_name) && exists(list_name));
        manager.shutdown();
        EXPECT_EQ(segment.buf()[99], std::byte{7});
        EXPECT_THROW(manager.SharedMemory(10), std::system_error);
    }
    EXPECT_FALSE(exists(segment_name) || exists(list_name));
}

TEST(SharedMemoryManagerTest, a_server_in_this_process_keeps_segments_of_its_clients) {
    SharedMemoryManager manager;
    std::string name;
    {
        ManagerServer server = manager.get_server();
        std::thread serving([&] { server.serve_forever(); });
        std::thread using_it([&] {
            SharedMemoryManager client({.address = server.address()});
            client.connect();
            name = client.SharedMemory(10).name();
        });
        using_it.join();
        EXPECT_TRUE(exists(name));
        server.stop();
        serving.join();
    }
    EXPECT_FALSE(exists(name));
}

TEST(SharedMemoryManagerTest, other_servers_keep_none) {
    BaseManager plain;
    plain.start();
    SharedMemoryManager client({.address = plain.address()});
    client.connect();
    EXPECT_THROW(client.SharedMemory(10), RemoteError);
}

}  // namespace
