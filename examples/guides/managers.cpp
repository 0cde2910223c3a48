// SPDX-License-Identifier: MIT
// What docs/guides/managers.md quotes.
#include <cohort/cohort.hpp>

#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// [manager]
using Stock = cohort::DictProxy<std::string, int>;

void sell(const Stock& stock, const cohort::ListProxy<int>& sold) {
    const int left = stock.update_with("tickets", [](int n) { return n - 1; });
    sold.append(left + 1);
}

void tickets() {
    const cohort::Manager manager;
    const auto stock = manager.dict<std::string, int>({{"tickets", 20}});
    const auto sold = manager.list<int>();
    std::vector<cohort::Process> sellers;
    sellers.reserve(20);
    for (int i = 0; i < 20; ++i) sellers.emplace_back(sell, stock, sold);
    for (auto& each : sellers) each.start();
    for (auto& each : sellers) each.join();
    sold.sort();
    std::cout << sold << '\n' << stock << '\n';
}
// [/manager]

// [locks]
void transfer(const cohort::DictProxy<std::string, int>& accounts) {
    const auto lock = accounts.lock();
    const std::scoped_lock guard(lock);
    accounts["a"] -= 10;
    accounts["b"] += 10;
}

void locks() {
    const cohort::Manager manager;
    const auto accounts = manager.dict<std::string, int>({{"a", 100}, {"b", 0}});
    const auto all_here = manager.Barrier(3);
    std::vector<cohort::Process> children;
    children.reserve(3);
    for (int i = 0; i < 3; ++i)
        children.emplace_back([accounts, all_here] {
            all_here.wait();
            transfer(accounts);
        });
    for (auto& each : children) each.start();
    for (auto& each : children) each.join();
    std::cout << accounts << '\n';
}
// [/locks]

// [pool]
void pool() {
    cohort::BaseManager manager;
    manager.register_type("square", [](int n) { return n * n; });
    manager.start();
    const auto pool = manager.call<cohort::PoolProxy>("Pool", 4);
    for (const int each : pool.map<int>("square", std::vector{1, 2, 3})) std::cout << each << ' ';
    for (const int each : pool.imap<int>("square", std::vector{4, 5})) std::cout << each << ' ';
    std::cout << pool.apply<int>("square", 6) << '\n';
}
// [/pool]

// [register]
std::map<std::string, double> rates() {
    return {{"EUR", 1.0}, {"USD", 1.1}};
}

void registered() {
    cohort::BaseManager manager({.authkey = "abc"});
    manager.register_type("rates", rates);
    manager.register_type("add", [](int a, int b) { return a + b; });
    manager.start();

    cohort::BaseManager client({.address = manager.address(), .authkey = "abc"});
    client.connect();
    const auto shared = client.call<cohort::DictProxy<std::string, double>>("rates");
    shared["USD"] = 1.2;
    std::cout << shared << ' ' << client.call<int>("add", 2, 3) << '\n';
}
// [/register]

// [shared]
void shared_with_the_program() {
    cohort::Queue<std::string> orders;
    cohort::BaseManager manager({.authkey = "abc"});
    manager.register_type("orders", [orders] { return orders; });
    manager.start();

    manager.call<cohort::QueueProxy<std::string>>("orders").put("tea");  // a client, in any language
    std::cout << orders.get() << '\n';
}
// [/shared]

// [exposed]
class Account {
public:
    explicit Account(double balance) : balance_(balance) {}
    void pay(double amount) {
        if (amount > balance_) throw std::out_of_range("not enough money");
        balance_ -= amount;
    }
    double balance() const { return balance_; }

private:
    double balance_;
};

void classes() {
    cohort::BaseManager manager({.authkey = "abc"});
    manager.register_type("Account", cohort::exposed<Account>{}
                                         .constructor<double>({"balance"})
                                         .method("pay", &Account::pay, {"amount"})
                                         .method("balance", &Account::balance));
    manager.start();

    const auto account = manager.call<cohort::ObjectProxy>("Account", 10);
    account.call("pay", cohort::kw("amount", 2.5));
    std::cout << account.call<double>("balance") << '\n';
}
// [/exposed]

}  // namespace

int main() {
    tickets();
    locks();
    pool();
    registered();
    shared_with_the_program();
    classes();
}
