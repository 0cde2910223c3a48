// SPDX-License-Identifier: MIT
// What CPython's _TestMyManager and _TestRemoteManager show.
#include <cohort/base/errors.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/manager/exposed.hpp>

#include "conformance/manager/families.hpp"

#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace cohort::test {
namespace {

struct FooBar {
    static std::string f() { return "f()"; }
    static std::string g() { throw ValueError("g"); }
    static std::string h() { return "_h()"; }
};

std::vector<int> squares() {
    std::vector<int> numbers;
    for (int i = 0; i != 10; ++i) numbers.push_back(i * i);
    return numbers;
}

class MyManager : public BaseManager {
public:
    using BaseManager::BaseManager;
    void register_types() {
        const auto f = [](FooBar&) { return FooBar::f(); };
        const auto g = [](FooBar&) { return FooBar::g(); };
        const auto h = [](FooBar&) { return FooBar::h(); };
        register_type("Foo", exposed<FooBar>{}.constructor<>().method("f", f).method("g", g));
        register_type("Bar", exposed<FooBar>{}.constructor<>().method("f", f).method("_h", h));
        register_type("baz", squares);
    }
};

class TestMyManager : public AtEachFamily {
protected:
    static void common(const MyManager& manager) {
        const auto foo = manager.call("Foo");
        const auto bar = manager.call("Bar");
        EXPECT_EQ(foo.methods(), (std::vector<std::string>{"f", "g"}));
        EXPECT_EQ(bar.methods(), (std::vector<std::string>{"f", "_h"}));
        EXPECT_EQ(foo.call<std::string>("f"), "f()");
        EXPECT_THROW(foo.call("g"), ValueError);
        EXPECT_THROW(foo.call("_h"), RemoteError);
        EXPECT_EQ(bar.call<std::string>("f"), "f()");
        EXPECT_EQ(bar.call<std::string>("_h"), "_h()");
        EXPECT_EQ(manager.call<std::vector<int>>("baz"), squares());
    }
};
INSTANTIATE_TEST_SUITE_P(, TestMyManager, kEveryFamily, name_of_family);

TEST_P(TestMyManager, mymanager) {
    MyManager manager({.address = address()});
    manager.register_types();
    manager.start();
    common(manager);
    manager.shutdown();
    EXPECT_TRUE(manager.join());
}

class TestRemoteManager : public AtEachFamily {};
INSTANTIATE_TEST_SUITE_P(, TestRemoteManager, kEveryFamily, name_of_family);

Object values() {
    return Object::list({"hello world", Object(), true, 2.25, "hall\u00e5 v\u00e4rlden",
                         "\u043f\u0440\u0438\u0432\u0456\u0442 \u0441\u0432\u0456\u0442",
                         Object::bytes("hall\xe5 v\xe4rlden")});
}

void put_values(const Address& address, const std::string& authkey) {
    BaseManager manager({.address = address, .authkey = authkey});
    manager.connect();
    manager.call<QueueProxy<Object>>("get_queue").put(values());
}

TEST_P(TestRemoteManager, remote) {
    const std::string authkey = "a key of 32 bytes";
    BaseManager manager({.address = address(), .authkey = authkey});
    manager.register_type("get_queue", [queue = cohort::Queue<Object>()] { return queue; });
    manager.start();
    Process process(put_values, manager.address(), authkey);
    process.start();
    BaseManager other({.address = manager.address(), .authkey = authkey});
    other.connect();
    EXPECT_EQ(other.call<QueueProxy<Object>>("get_queue").get(), values());
    process.join();
    EXPECT_EQ(process.exitcode(), 0);
}

}  // namespace
}  // namespace cohort::test
