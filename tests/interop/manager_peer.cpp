// SPDX-License-Identifier: MIT
// A manager's server, or a client that uses one of Python. See managers.py.
#include "expect.hpp"

#include <cohort/cohort.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cohort;

int add(int left, int right) {
    return left + right;
}

std::vector<int> numbers(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
}

void fail() {
    throw std::out_of_range("there is no such thing");
}

class Counter {
public:
    explicit Counter(int start) : value_(start) {}
    int add(int n) { return value_ += n; }
    void fail() const { throw std::out_of_range("no more than " + std::to_string(value_)); }
    std::string str() const { return "counter at " + std::to_string(value_); }

private:
    int value_;
};

void serve(const Address& address, const std::string& key) {
    BaseManager manager({.address = address, .authkey = key});
    manager.register_type("add", add);
    manager.register_type("numbers", numbers);
    manager.register_type("fail", fail);
    manager.register_type("tasks", [tasks = Queue<int>(2)] { return tasks; });
    manager.register_type("lock", [lock = Lock()] { return lock; });
    manager.register_type("level", [level = Value<int>(5)] { return level; });
    manager.register_type("Counter", exposed<Counter>{}
                                         .constructor<int>({"start"})
                                         .method("add", &Counter::add, {"n"})
                                         .method("fail", &Counter::fail)
                                         .method("__str__", &Counter::str));
    manager.register_type("the_counter", [only = std::make_shared<Counter>(1)] { return only; });
    ManagerServer server = manager.get_server();
    std::cout << server.address() << std::endl;
    server.serve_forever();
}

void use_dict(const BaseManager& manager) {
    const auto d = manager.call<DictProxy<std::string, int>>("dict", std::map<std::string, int>{{"a", 1}});
    expect(d["a"] == 1, "dict: get");
    d["b"] = 2;
    d["b"] += 5;
    d["b"] -= 3;
    expect(d.at("b") == 4, "dict: set and change");
    expect(d.size() == 2 && d.contains("a") && !d.contains("c"), "dict: size, contains");
    expect(d.keys() == std::vector<std::string>({"a", "b"}), "dict: keys");
    expect(d.copy() == std::map<std::string, int>({{"a", 1}, {"b", 4}}), "dict: copy");
    expect(d.repr() == "{'a': 1, 'b': 4}", "dict: repr");
    expect(d.get("c", 7) == 7 && !d.get("c"), "dict: get");
    expect(d.setdefault("c", 9) == 9 && d.pop("c") == 9 && !d.erase("c") && d.erase("b"), "dict: pop, erase");
    expect_thrown<KeyError>([&] { d.at("none"); }, "dict: KeyError");
    int sum = 0;
    for (const auto& [name, value] : d) sum += value;
    expect(sum == 1, "dict: for");
    const auto iterator = d.call<ObjectProxy>("__iter__");
    expect(iterator.call<std::string>("__next__") == "a", "dict: iterator");
    expect_thrown<RemoteError>([&] { iterator.call("__next__"); }, "dict: end of iterator");
}

void use_list(const BaseManager& manager) {
    const auto l = manager.call<ListProxy<int>>("list", std::vector<int>{3, 1, 2});
    l.append(5);
    l.extend({7, 8});
    expect(l.copy() == std::vector<int>({3, 1, 2, 5, 7, 8}), "list: append, extend");
    expect(l[-1] == 8 && l.pop() == 8 && l.pop(0) == 3, "list: index, pop");
    l.sort(true);
    expect(l.copy() == std::vector<int>({7, 5, 2, 1}), "list: sort");
    expect(l.slice(1, 3) == std::vector<int>({5, 2}) && l.slice({}, {}, -2) == std::vector<int>({1, 5}), "list: slice");
    l[0] = 100;
    l[0] -= 1;
    expect(l[0] == 99 && l.index(5) == 1 && l.count(2) == 1, "list: set, index, count");
    expect_thrown<std::out_of_range>([&] { l.at(50); }, "list: out_of_range");
    expect_thrown<ValueError>([&] { l.remove(50); }, "list: remove");
    const auto inner = manager.call<ListProxy<int>>("list", std::vector<int>{1});
    const auto outer = manager.call<ListProxy<ListProxy<int>>>("list");
    outer.append(inner);
    outer.at(0).append(2);
    expect(inner.copy() == std::vector<int>({1, 2}), "list: nested");
}

void use_others(const BaseManager& manager) {
    const auto n = manager.call<NamespaceProxy>("Namespace", kw("x", 1));
    n.set("y", std::string("text"));
    expect(n.get<int>("x") == 1 && n.get<std::string>("y") == "text", "Namespace");
    n.erase("x");
    expect_thrown<AttributeError>([&] { n.get<int>("x"); }, "Namespace: AttributeError");
    const auto v = manager.call<ValueProxy<double>>("Value", "d", 1.5);
    v.set(2.5);
    expect(v.get() == 2.5, "Value");
    const auto a = manager.call<ArrayProxy<int>>("Array", "i", std::vector<int>{1, 2, 3});
    a[1] = 20;
    expect(a.copy() == std::vector<int>({1, 20, 3}), "Array");
    const auto q = manager.call<QueueProxy<int>>("Queue");
    q.put(5);
    expect(q.qsize() == 1 && q.get() == 5, "Queue");
    expect_thrown<Empty>([&] { q.get(std::chrono::milliseconds(1)); }, "Queue: Empty");
    const auto e = manager.call<EventProxy>("Event");
    expect(!e.wait(std::chrono::milliseconds(10)), "Event: wait");
    e.set();
    expect(e.wait() && e.is_set(), "Event: set");
}

void use_python_class(const BaseManager& manager) {
    // [counter]
    const auto counter = manager.call("Counter", 10);
    expect(counter.call<int>("add", 5) == 15, "Counter: positional");
    expect(counter.call<int>("add", kw("n", 7)) == 22, "Counter: keyword");
    // [/counter]
    expect_thrown<ValueError>([&] { counter.call("fail"); }, "Counter: exception");
    expect_thrown<RemoteError>([&] { counter.call("_hidden"); }, "Counter: not exposed");
    expect(manager.call<std::string>("greet", "you") == "hello you", "greet");
}

void use(const Address& address, const std::string& key, bool python_server) {
    BaseManager manager({.address = address, .authkey = key});
    manager.connect();
    use_dict(manager);
    use_list(manager);
    use_others(manager);
    if (python_server) use_python_class(manager);
    expect_thrown<RemoteError>([&] { manager.call("no_such_type"); }, "no such type");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string_view mode = argv[1];
    const Address address = *argv[2] ? Address::parse(argv[2]) : Address();
    try {
        if (mode == "serve")
            serve(address, argv[3]);
        else
            use(address, argv[3], mode == "use-python");
    } catch (const std::exception& error) {
        std::cout << "FAILED: " << error.what() << '\n';
        return 1;
    }
    if (mode != "serve" && failures == 0) std::cout << "ok" << std::endl;
    return failures == 0 ? 0 : 1;
}
