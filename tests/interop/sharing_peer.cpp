// SPDX-License-Identifier: MIT
// Four processes that change one dict together with those of sharing_peer.py, and what a server's errors become. See
// sharing.py.
#include <cohort/cohort.hpp>

#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cohort;

constexpr int kProcesses = 4;

/// An object of a server that somebody else has made.
ObjectProxy proxy_of(const Address& address, const std::string& type, const std::string& id) {
    const Object place = address.is_tcp() ? Object::tuple({Object(address.host()), Object(address.port())})
                                          : Object(std::string_view(address.path()));
    return ObjectProxy::from_object(Object::proxy(Object::global("multiprocessing.managers", "BaseProxy"),
                                                  Object::token(type, place, id), Object::dict()));
}

/// A Lock of the server, or a Queue that has one item while nobody holds it.
class Mutex {
public:
    explicit Mutex(ObjectProxy proxy) : proxy_(std::move(proxy)), is_queue_(proxy_.type_id() == "Queue") {}
    void lock() const { proxy_.call<void>(is_queue_ ? "get" : "acquire"); }
    void unlock() const { is_queue_ ? proxy_.call<void>("put", 0) : proxy_.call<void>("release"); }

private:
    const ObjectProxy proxy_;
    const bool is_queue_;
};

using Counts = DictProxy<std::string, int>;

void count(const Counts& counts, const ObjectProxy& lock, int times) {
    const Mutex mutex(lock);
    for (int i = 0; i < times; ++i) {
        if (counts.is_atomic()) {
            counts["added"] += 1;
            counts.update_with("updated", [](int n) { return n + 1; });
        }
        mutex.lock();
        counts["locked"] = counts["locked"] + 1;
        mutex.unlock();
    }
}

int share(const Address& address, char** arguments) {
    const Counts counts(proxy_of(address, "dict", arguments[0]));
    const ObjectProxy lock = proxy_of(address, arguments[1], arguments[2]);
    std::vector<Process> processes;
    for (int i = 0; i < kProcesses; ++i) processes.emplace_back(count, counts, lock, std::stoi(arguments[3]));
    for (Process& each : processes) each.start();
    int failed = 0;
    for (Process& each : processes) {
        each.join();
        failed += each.exitcode() != 0;
    }
    return failed;
}

template <class E>
bool is_thrown(const std::function<void()>& call, std::string_view text) {
    try {
        call();
    } catch (const E& error) {
        return std::string_view(error.what()) == text;
    } catch (const std::exception& error) {
        std::cout << typeid(error).name() << ": " << error.what() << '\n';
    }
    return false;
}

/// What Python's exceptions are here.
int errors(const Address& address, const std::string& key) {
    BaseManager manager({.address = address, .authkey = key});
    manager.connect();
    const auto raiser = manager.call<ObjectProxy>("Raiser");
    int failed = 0;
    const auto expect = [&]<class E>(std::string_view name, std::string_view argument, std::string_view text,
                                     const E*) {
        if (is_thrown<E>([&] { raiser.call("fail", name, argument); }, text)) return;
        std::cout << "FAILED: " << name << '\n';
        ++failed;
    };
    expect("KeyError", "k", "'k'", static_cast<const KeyError*>(nullptr));
    expect("IndexError", "far", "far", static_cast<const std::out_of_range*>(nullptr));
    expect("ValueError", "bad", "bad", static_cast<const ValueError*>(nullptr));
    expect("TypeError", "odd", "odd", static_cast<const TypeError*>(nullptr));
    expect("AttributeError", "none", "none", static_cast<const AttributeError*>(nullptr));
    expect("EOFError", "end", "end", static_cast<const EofError*>(nullptr));
    try {
        raiser.call("fail", "Own", "text");
        ++failed;
    } catch (const RemoteError& error) {
        if (std::string_view(error.what()).find("text") == std::string_view::npos) ++failed;
    }
    try {
        manager.call<QueueProxy<int>>("Queue").get_nowait();
        ++failed;
    } catch (const Empty&) {
    }
    return failed;
}

int wrong_key(const Address& address) {
    BaseManager manager({.address = address, .authkey = "another key"});
    try {
        manager.connect();
    } catch (const AuthenticationError&) {
        return 0;
    }
    return 1;
}

/// An array of Python's.
int arrays(const Address& address, const std::string& key) {
    BaseManager manager({.address = address, .authkey = key});
    manager.connect();
    const std::vector<double> numbers{1.5, -2, 1e300};
    const auto array = manager.call<ArrayProxy<double>>("Array", "d", numbers);
    const auto bytes = manager.call<ArrayProxy<int>>("Array", "b", std::vector<int>{-128, 0, 127});
    const auto large = manager.call<ArrayProxy<std::uint64_t>>("Array", "Q", std::vector<std::uint64_t>{~0ULL, 1});
    array[1] = 7;
    return array.copy() == std::vector<double>{1.5, 7, 1e300} && array.slice(2) == std::vector<double>{1e300} &&
                   bytes.value<std::vector<int>>() == std::vector<int>{-128, 0, 127} &&
                   large.copy() == std::vector<std::uint64_t>{~0ULL, 1}
               ? 0
               : 1;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) return 2;
    const std::string_view mode = arguments[1];
    try {
        const Address address = Address::parse(arguments[2]);
        const std::string key = arguments[3];
        set_authkey(key);
        const int failed = mode == "share"       ? share(address, arguments + 4)
                           : mode == "errors"    ? errors(address, key)
                           : mode == "arrays"    ? arrays(address, key)
                           : mode == "wrong-key" ? wrong_key(address)
                                                 : 2;
        if (failed == 0) std::cout << "ok" << std::endl;
        return failed;
    } catch (const std::exception& error) {
        std::cout << "FAILED: " << error.what() << std::endl;
        return 1;
    }
}
