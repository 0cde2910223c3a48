// SPDX-License-Identifier: MIT
// Proxies that are sent by processes which forget them at once.
#include "manager/server/loans.hpp"

#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>

#include "manager/object_table.hpp"
#include "manager/types/value.hpp"
#include "process/forkserver.hpp"
#include "unit/manager/calls.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cohort;
using namespace cohort::manager;
using namespace std::chrono_literals;

class LoansTest : public testing::Test {
protected:
    std::string add_object() { return objects->add("Value", std::make_shared<ValueReferent>("i", Object(1)), 0); }
    std::uint64_t lend(const std::string& ident) {
        return loans.add(objects->reference_to(*objects->at(ident).referent));
    }

    const std::shared_ptr<ObjectTable> objects = std::make_shared<ObjectTable>();
    TestTimers timers;
    Loans loans{timers, 1h};
};

TEST_F(LoansTest, an_object_is_kept_until_its_proxy_was_received) {
    const std::string ident = add_object();
    const auto loan = lend(ident);
    objects->decref(ident, 0);
    EXPECT_EQ(objects->size(), 1U);
    loans.end(loan, "another");
    loans.end(loan + 1, ident);
    EXPECT_EQ(loans.size(), 1U);
    objects->incref(ident, 0);
    loans.end(loan, ident);
    loans.end(loan, ident);
    EXPECT_EQ(loans.size(), 0U);
    EXPECT_EQ(objects->at(ident).references, 1);
    EXPECT_EQ(timers.size(), 0U);
}

TEST_F(LoansTest, a_proxy_that_nobody_receives_is_forgotten_after_a_time) {
    const std::string ident = add_object();
    const auto loan = lend(ident);
    lend(ident);
    objects->decref(ident, 0);
    timers.run_all();
    EXPECT_EQ(loans.size(), 0U);
    EXPECT_EQ(objects->size(), 0U);
    loans.end(loan, ident);
}

/// Ends the forkserver, which else stays until the program ends.
class ProxiesInMessages : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }

    const Manager m;
};

ListProxy<int> make_list(const std::string& address, int n) {
    BaseManager client({.address = Address::parse(address)});
    client.connect();
    const auto list = client.call<ListProxy<int>>("list");
    list.append(n);
    return list;
}

TEST_F(ProxiesInMessages, a_task_of_a_pool_returns_what_it_has_made) {
    for (const StartMethod method : {StartMethod::fork, StartMethod::forkserver, StartMethod::spawn}) {
        Pool pool({.processes = 2, .start_method = method});
        const auto list = pool.apply(make_list, m.address().to_string(), 5);
        EXPECT_EQ(list.copy(), (std::vector<int>{5}));
        auto later = pool.apply_async(make_list, m.address().to_string(), 6);
        later.wait();
        pool.close();
        pool.join();
        EXPECT_EQ(later.get().copy(), (std::vector<int>{6}));
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
}

DictProxy<std::string, ListProxy<int>> make_nested(const std::string& address) {
    BaseManager client({.address = Address::parse(address)});
    client.connect();
    const auto dict = client.call<DictProxy<std::string, ListProxy<int>>>("dict");
    dict["list"] = make_list(address, 7);
    return dict;
}

TEST_F(ProxiesInMessages, what_is_nested_in_a_result_lives_too) {
    Pool pool(1);
    {
        const auto dict = pool.apply(make_nested, m.address().to_string());
        const ListProxy<int> list = dict.at("list");
        EXPECT_EQ(list.copy(), (std::vector<int>{7}));
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
}

TEST_F(ProxiesInMessages, a_process_that_has_ended_has_put_them_in_a_queue) {
    Queue<std::vector<ListProxy<int>>> queue;
    Process child({.start_method = StartMethod::fork}, [&] {
        queue.put({make_list(m.address().to_string(), 1), make_list(m.address().to_string(), 2)});
    });
    child.start();
    child.join();
    {
        const auto lists = queue.get();
        EXPECT_EQ(lists.at(0).copy(), (std::vector<int>{1}));
        EXPECT_EQ(lists.at(1).copy(), (std::vector<int>{2}));
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
}

TEST_F(ProxiesInMessages, a_process_that_was_killed_has_sent_one_through_a_pipe) {
    const auto [receiver, sender] = Pipe({.duplex = false});
    Event sent;
    Process child({.start_method = StartMethod::fork}, [&, &sender = sender] {
        sender.send(make_list(m.address().to_string(), 3));
        sent.set();
        std::this_thread::sleep_for(1h);
    });
    child.start();
    sent.wait();
    child.kill();
    child.join();
    EXPECT_EQ(receiver.recv<ListProxy<int>>().copy(), (std::vector<int>{3}));
    EXPECT_EQ(m.number_of_objects(), 0U);
}

TEST_F(ProxiesInMessages, a_proxy_of_a_server_that_has_gone_can_be_sent) {
    Queue<ListProxy<int>> queue;
    {
        const Manager other;
        queue.put(other.list<int>());
    }
    EXPECT_THROW(queue.get(), std::exception);
}

}  // namespace
