// SPDX-License-Identifier: MIT
// Managers whose clients come through TLS; and who may come without a key.
#include <cohort/manager/manager.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/process/process.hpp>

#include "process/forkserver.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

class TlsManager : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
    Certificates files;
    const Manager manager{{.address = Address::tls("127.0.0.1", 0, files.issue()), .authkey = "secret"}};
};

TEST_F(TlsManager, objects_and_messages_of_any_size) {
    const auto texts = manager.list<std::string>();
    for (const std::size_t size : {0UL, 1UL, 16'000UL, 16'384UL, 65'536UL, 1'000'003UL, 20'000'000UL}) {
        const std::string text(size, 'x');
        texts.append(text);
        EXPECT_EQ(texts.pop(), text);
    }
    std::vector<std::jthread> threads;
    const auto counts = manager.dict<std::string, int>({{"n", 0}});
    for (int i = 0; i != 3; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j != 50; ++j) counts["n"] += 1;
        });
    threads.clear();
    EXPECT_EQ(counts["n"], 150);
}

TEST_F(TlsManager, proxies_within_values_and_in_other_processes) {
    const auto lists = manager.list<ListProxy<int>>();
    lists.append(manager.list<int>({1, 2, 3}));
    EXPECT_EQ(lists.at(0).size(), 3U);
    for (const StartMethod method : {StartMethod::fork, StartMethod::spawn}) {
        Process child(
            {.start_method = method}, +[](const ListProxy<int>& list) { list.append(4); }, lists.at(0));
        child.start();
        child.join();
        EXPECT_EQ(child.exitcode(), 0);
    }
    EXPECT_EQ(lists.at(0).size(), 5U);
}

TEST_F(TlsManager, clients_need_the_certificate_and_the_key) {
    const int port = manager.address().port();
    const auto connect = [&](const Address& address,
                             const std::string& key) {  // in a thread, whose connection ends with it
        return std::async(std::launch::async,
                          [&] {
                              BaseManager client({.address = address, .authkey = key});
                              client.connect();
                              return client.number_of_objects();
                          })
            .get();
    };
    EXPECT_EQ(connect(Address::tls("127.0.0.1", port, files.issue()), "secret"), 0U);
    EXPECT_THROW(connect(Address::tls("127.0.0.1", port, files.issue()), "another"), AuthenticationError);
    EXPECT_THROW(connect(Address::tls("127.0.0.1", port, files.trusting()), "secret"), AuthenticationError);
    EXPECT_THROW(connect(Address::tls("127.0.0.1", port, files.issue({.by_another = true})), "secret"),
                 AuthenticationError);
    EXPECT_EQ(connect(Address::tls("127.0.0.1", port, files.issue()), "secret"), 0U);
}

TEST(ManagerKeys, other_machines_need_one) {
    EXPECT_THROW(Manager({.address = Address::tcp("0.0.0.0", 0), .authkey = ""}), ValueError);
    EXPECT_THROW(BaseManager({.address = Address::tcp("", 0), .authkey = ""}).get_server(), ValueError);
    BaseManager({.address = Address::tcp("", 0)}).get_server();  // with the process's
    BaseManager open({.address = Address::tcp("0.0.0.0", 0), .authkey = "", .allow_unauthenticated = true});
    open.get_server();
}

}  // namespace
}  // namespace cohort::test
