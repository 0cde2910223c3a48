// SPDX-License-Identifier: MIT
// Three ways for processes to count together: with the lock that a Value has, with an atomic addition, and with a guard
// around several of them.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>
#include <vector>

namespace {

struct Account {
    long deposits = 0;
    long total = 0;
};

void count(const cohort::Value<long>& locked, const cohort::Value<long>& atomic,
           const cohort::Value<Account>& account) {
    for (int i = 0; i != 1000; ++i) {
        {
            std::scoped_lock guard(locked);
            ++*locked;
        }
        atomic.fetch_add(1);
        std::scoped_lock guard(account);
        account->deposits += 1;
        account->total += 5;
    }
}

}  // namespace

int main() {
    const cohort::Value<long> locked;
    const cohort::Value<long> atomic;
    const cohort::Value<Account> account;
    std::vector<cohort::Process> children;
    for (int i = 0; i != 4; ++i) children.emplace_back(count, locked, atomic, account).start();
    for (cohort::Process& child : children) child.join();
    std::cout << locked.value() << ' ' << atomic.value() << '\n';
    std::cout << account.value().deposits << " deposits, " << account.value().total << " in total\n";
}
