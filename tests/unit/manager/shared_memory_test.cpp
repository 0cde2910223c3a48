// SPDX-License-Identifier: MIT
// Calls that go through memory which a client and the server share.
#include <cohort/manager/manager.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>

#include "manager/server/server.hpp"
#include "os/fault.hpp"
#include "process/forkserver.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;
using os::Fault;

constexpr int kEnough = 20;  // calls, after which memory is shared

/// Ends the forkserver, which else stays until the program ends.
class SharedManagerTest : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
};

/// How many links of this process have shared memory.
int shared_links() {
    std::ifstream maps("/proc/self/maps");
    int count = 0;
    for (std::string line; std::getline(maps, line);) count += line.find("memfd:cohort-manager") != std::string::npos;
    return count;
}

using Numbers = DictProxy<int, int>;

void call_often(const Numbers& d) {
    for (int i = 0; i < kEnough; ++i) d[i] = i;
}

/// Whether calls fail as is written when the server is gone.
bool fails(const Numbers& d) {
    try {
        for (;;) d.size();
    } catch (const EofError&) {
        return true;
    } catch (const std::system_error&) {
        return true;
    }
}

TEST_F(SharedManagerTest, memory_is_shared_by_who_calls_often) {
    const Manager m;
    const auto d = m.dict<int, int>();
    EXPECT_EQ(shared_links(), 0);
    call_often(d);
    EXPECT_EQ(shared_links(), 1);
    EXPECT_EQ(d.size(), static_cast<std::size_t>(kEnough));
    EXPECT_THROW(d.at(-1), KeyError);
    std::thread([&] {
        call_often(d);
        EXPECT_EQ(shared_links(), 2);
    }).join();
    EXPECT_EQ(shared_links(), 1);
}

TEST_F(SharedManagerTest, it_can_be_switched_off) {
    const Manager m({.shared_memory = false});
    const auto d = m.dict<int, int>();
    call_often(d);
    EXPECT_EQ(shared_links(), 0);
    EXPECT_EQ(d.at(3), 3);
}

TEST_F(SharedManagerTest, a_tcp_server_shares_none) {
    const Manager m({.address = Address::tcp("127.0.0.1", 0)});
    const auto d = m.dict<int, int>();
    call_often(d);
    EXPECT_EQ(shared_links(), 0);
}

TEST_F(SharedManagerTest, without_memory_or_descriptors_the_socket_goes_on) {
    const Manager m;
    const auto d = m.dict<int, int>();
    for (const char* call : {"mmap", "fstat"}) {
        const Fault fault(call, ENOMEM, 1, Fault::kAlways);
        std::thread([&] { call_often(d); }).join();
    }
    EXPECT_EQ(d.at(3), 3);
    EXPECT_EQ(shared_links(), 0);
}

TEST_F(SharedManagerTest, values_of_any_size_pass) {
    const Manager m;
    const auto d = m.dict<int, std::string>();
    for (int i = 0; i < kEnough; ++i) d[i] = "";
    for (const std::size_t size : {0UL, 1UL, 4000UL, 4080UL, 65000UL, 65536UL, 1000003UL, 20000000UL}) {
        std::string value(size, 'x');
        for (std::size_t i = 0; i < size; i += 1000) value[i] = static_cast<char>('a' + i / 1000 % 26);
        d[0] = value;
        EXPECT_EQ(d.at(0), value);
    }
    EXPECT_EQ(shared_links(), 1);
}

TEST_F(SharedManagerTest, a_call_that_waits_is_answered_when_another_client_calls) {
    const Manager m;
    const auto d = m.dict<int, int>();
    const auto queue = m.Queue<int>();
    constexpr int kItems = 200;
    std::thread taker([&] {
        call_often(d);
        for (int i = 0; i < kItems; ++i) EXPECT_EQ(queue.get(), i);
    });
    call_often(d);
    for (int i = 0; i < kItems; ++i) queue.put(i);
    taker.join();
}

TEST_F(SharedManagerTest, a_forked_child_has_memory_of_its_own) {
    const Manager m;
    const auto d = m.dict<int, int>();
    call_often(d);
    Process child({.start_method = StartMethod::fork}, [&] {
        call_often(d);
        if (shared_links() != 1) _exit(1);
        d[0] = 100;
    });
    child.start();
    for (int i = 0; i < 1000; ++i) d[1] = i;
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(d.at(0), 100);
    EXPECT_EQ(d.at(1), 999);
}

TEST_F(SharedManagerTest, many_clients_count_exactly) {
    const Manager m;
    const auto d = m.dict<int, int>({{0, 0}});
    constexpr int kClients = 16, kCounts = 200;
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i)
        clients.emplace_back([&] {
            for (int n = 0; n < kCounts; ++n) d[0] += 1;
        });
    for (auto& each : clients) each.join();
    EXPECT_EQ(d.at(0), kClients * kCounts);
}

TEST_F(SharedManagerTest, a_client_that_waits_sees_the_death_of_the_server) {
    Manager m;
    const auto d = m.dict<int, int>();
    const auto event = m.Event();
    call_often(d);
    const pid_t server = active_children().at(0).pid;
    std::thread killer([&] {
        Numbers(d).size();
        ::kill(server, SIGKILL);
    });
    try {
        event.wait(forever);
        FAIL() << "the wait ended";
    } catch (const EofError&) {
    } catch (const std::system_error&) {
    }
    killer.join();
    EXPECT_TRUE(fails(d));
}

TEST_F(SharedManagerTest, a_client_that_dies_in_a_call_is_forgotten) {
    const Manager m;
    const auto d = m.dict<int, std::string>();
    Event calls;
    Process child({.start_method = StartMethod::fork}, [&] {
        const auto list = m.list<int>({1});
        const std::string large(3000000, 'x');
        for (int i = 0; i < kEnough; ++i) d[0] = "";
        calls.set();
        for (;;) d[0] = large;
    });
    child.start();
    calls.wait();
    EXPECT_EQ(m.number_of_objects(), 2U);
    child.kill();
    child.join();
    while (m.number_of_objects() != 1) std::this_thread::yield();
}

TEST_F(SharedManagerTest, a_stopped_client_holds_up_no_other) {
    const Manager m;
    const auto d = m.dict<int, std::string>({{0, std::string(3000000, 'x')}});
    Event calls;
    Process child({.start_method = StartMethod::fork}, [&] {
        calls.set();
        for (;;) d.at(0);
    });
    child.start();
    calls.wait();
    ::kill(*child.pid(), SIGSTOP);
    for (int i = 0; i < 100; ++i) d[1] = "y";
    ::kill(*child.pid(), SIGCONT);
    child.kill();
    child.join();
}

TEST_F(SharedManagerTest, there_is_memory_for_so_many_clients) {
    manager::Server server({.authkey = "key", .most_sharing = 1});
    std::thread serving([&] { server.run(); });
    std::thread([&] {
        BaseManager m({.address = server.address(), .authkey = "key"});
        m.connect();
        const auto d = m.call<Numbers>("dict");
        call_often(d);
        EXPECT_EQ(shared_links(), 2);  // both sides' mapping
        std::thread([&] {
            call_often(d);
            EXPECT_EQ(shared_links(), 2);
        }).join();
    }).join();
    server.stop();
    serving.join();
}

}  // namespace
