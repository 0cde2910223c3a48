// SPDX-License-Identifier: MIT
// Does with cohort's managers what managers_as_python.py does with Python's, in the same order, and prints the same
// lines.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

template <class T>
void say(const std::string& what, const T& result) {
    std::cout << what << " -> " << result << std::endl;
}

template <class... Parts>
std::string text(const Parts&... parts) {
    std::ostringstream out;
    const char* separator = "";
    ((out << std::exchange(separator, " ") << parts), ...);
    return out.str();
}

template <class Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const Empty&) {
        return "Empty";
    } catch (const Full&) {
        return "Full";
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

void dicts(const Manager& m) {
    const auto d = m.dict<std::string, int>({{"b", 2}, {"a", 1}});
    say("a dict", d);
    d["c"] = 3;
    d["b"] += 10;
    say("changed", d);
    say("missing", error_of([&] { d["x"].get(); }));
    say("popped", d.pop("a"));
    say("popped, missing", error_of([&] { d.pop("a"); }));
    say("with a default", d.pop("a", 7));
    say("setdefault", d.setdefault("s", 5));
    const auto [key, value] = d.popitem();
    say("popitem", text(key, value));
    say("contains", text(d.contains("b")) + text(d.contains("x")));
    d.call("update", std::vector<std::pair<std::string, int>>{{"z", 26}, {"b", 0}});
    say("updated", d);
    int sum = 0;
    for (const auto& [name, number] : d) sum += number;
    say("sum", sum);
    d.clear();
    say("cleared", text(d, d.size()));
    say("popitem of nothing", error_of([&] { d.popitem(); }));
    const auto texts = m.dict<std::string, std::string>(
        {{"q'uote", "dou\"ble"}, {"tab\t", "line\n"}, {"é", "\U0001f600"}, {"nothing", ""}});
    say("texts", texts);
    const auto numbers = m.dict<int, double>(
        {{1, 0.1}, {2, 1e100}, {3, -0.0}, {4, 1e16}, {5, 123456789.5}, {6, std::numeric_limits<double>::infinity()}});
    say("numbers", numbers);
}

void lists(const Manager& m) {
    const auto l = m.list<int>({3, 1, 2});
    l.append(5);
    l.extend({9, 8});
    l.insert(-100, 0);
    say("a list", l);
    l.sort();
    say("sorted", l);
    l.sort(true);
    say("backwards", l);
    l.reverse();
    int sum = 0;
    for (const int each : l.slice(1, 3)) sum += each;
    say("slices", text(sum, l.slice({}, {}, 2).size(), l.slice(-2)[0]));
    l[-1] = 100;
    say("from the end", text(l[-1], l[0]));
    say("beyond", error_of([&] { l.at(50); }));
    say("beyond, set", error_of([&] { l[-50] = 1; }));
    const int last = l.pop();
    say("pop", text(last, l.pop(0)));
    say("pop, beyond", error_of([&] { l.pop(50); }));
    say("remove, missing", error_of([&] { l.remove(77); }));
    say("count, index", text(l.count(2), l.index(2)));
    say("index, missing", error_of([&] { l.index(77); }));
    l.erase(0);
    say("in the end", l);
    say("a list of lists", m.list<std::vector<int>>({{1, 2}, {}, {3}}));
    say("pairs", m.list<std::pair<int, std::string>>({{1, "a"}, {2, "b"}}));
    say("pop of nothing", error_of([&] { m.list<int>().pop(); }));
}

void others(const Manager& m) {
    const auto n = m.Namespace(kw("x", 1), kw("y", "text"));
    n.set("z", std::vector<Object>{1.5, 2});
    say("a Namespace", n);
    n.erase("x");
    say("without x", n);
    say("missing", error_of([&] { n.get("x"); }));
    say("missing, deleted", error_of([&] { n.erase("x"); }));
    const auto v = m.Value(5);
    v.set(v.get() + 1);
    say("a Value", v);
    say("of a double", m.Value(2.5));
    const auto a = m.Array<int>({1, 2, 3});
    a[1] = 20;
    say("an Array", a);
    say("its parts", text(a[-1], a.size()));
    say("of doubles", m.Array<double>({1, 2.5}));
    say("beyond", error_of([&] { a.at(3); }));
    const auto e = m.Event();
    say("an Event", text(e.is_set(), e.wait(1ms)));
    e.set();
    say("set", text(e.is_set(), e.wait(1ms)));
    const auto q = m.Queue<int>(2);
    q.put(1);
    q.put(2);
    say("a Queue", text(q.qsize(), q.full(), q.empty()));
    say("put to a full one", error_of([&] { q.put(3, 1ms); }));
    say("put_nowait to a full one", error_of([&] { q.put_nowait(3); }));
    const int first = q.get();
    say("got", text(first, q.get_nowait()));
    say("got of an empty one", error_of([&] { q.get(1ms); }));
    const auto j = m.JoinableQueue<int>();
    j.put(1);
    j.get();
    j.task_done();
    j.join();
    say("task_done once too often", error_of([&] { j.task_done(); }));
}

void nested(const Manager& m) {
    const auto d = m.dict<std::string, ListProxy<int>>();
    d["list"] = m.list<int>({1});
    d.at("list").append(2);
    say("nested", d["list"]);
    const ListProxy<int> l = d["list"];
    d.clear();
    l.append(3);
    say("kept", l);
    const auto outer = m.list<ListProxy<int>>({m.list<int>({0}), m.list<int>({1}), m.list<int>({2})});
    for (const ListProxy<int>& inner : outer) inner.append(7);
    say("lists of a list", text(outer[0], outer[-1]));
}

using Squares = DictProxy<int, int>;

void work(const Squares& d, const ListProxy<int>& l, int number) {
    d[number] = number * number;
    l.append(number);
}

void processes(const Manager& m) {
    for (const StartMethod method : {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver}) {
        const auto d = m.dict<int, int>();
        const auto l = m.list<int>();
        for (int number = 0; number < 3; ++number) {
            Process child({.start_method = method}, work, d, l, number);
            child.start();
            child.join();
        }
        say(text("processes by", to_string(method)), text(d, l));
    }
}

int square_into(const std::pair<int, Squares>& task) {
    const auto& [number, results] = task;
    results[number] = number * number;
    return number;
}

void pools(const Manager& m) {
    const auto results = m.dict<int, int>();
    Pool pool(2);
    std::vector<std::pair<int, Squares>> tasks;
    for (int number = 0; number < 5; ++number) tasks.emplace_back(number, results);
    say("pool", Object::from(pool.map(square_into, tasks)));
    const std::map<int, int> sorted = results.copy();
    say("by a pool", Object::from(std::vector<std::pair<int, int>>(sorted.begin(), sorted.end())));
}

void threads(const Manager& m) {
    const auto l = m.list<int>();
    std::vector<std::jthread> running;
    for (int i = 0; i < 5; ++i) running.emplace_back([l, i] { l.append(i); });
    running.clear();
    l.sort();
    say("by threads", l);
}

}  // namespace

int main() {
    const Manager m;
    for (const auto part : {dicts, lists, others, nested, processes, pools, threads}) part(m);
}
