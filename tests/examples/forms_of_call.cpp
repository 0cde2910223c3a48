// SPDX-License-Identifier: MIT
// Forms of call that must compile without warnings: overloads, deduction, braces. Nothing here is run.
#include <cohort/cohort.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using cohort::Pool;
using cohort::Process;
using cohort::ProcessOptions;

void nothing() {}
void take_number(int) {}
void take_text(std::string) {}
int twice(int n) {
    return 2 * n;
}
int sum(int a, int b) {
    return a + b;
}

class Worker : public Process {
public:
    Worker() : Process({.name = "worker"}) {}
    void run() override {}
};

[[maybe_unused]] void constructors_of_a_process() {
    Process runs_nothing;
    Process only_options({.name = "named"});
    Process options_and_target({.name = "named", .daemon = true}, take_number, 3);
    Process default_options({}, take_number, 3);
    ProcessOptions options{.name = "named"};
    const ProcessOptions constant{.name = "named"};
    Process from_variable(options, take_number, 3);
    Process from_constant(constant, take_number, 3);
    Process from_variable_only(options);
}

[[maybe_unused]] void targets_of_a_process() {
    Process literal(take_text, "text");
    Process function(std::function<void()>{});
    Process member(&Worker::run, std::make_unique<Worker>());
    Process move_only([](std::unique_ptr<int>) {}, std::make_unique<int>(1));
    Process generic([](auto number) { (void)number; }, 3);
    Process(nothing).start();
}

[[maybe_unused]] void processes_in_containers() {
    Process one(nothing);
    std::vector<Process> several;
    several.emplace_back(take_number, 3).start();
    several.push_back(std::move(one));
    several.emplace_back(ProcessOptions{.name = "named"}, take_number, 3);
    std::vector<Worker> workers;
    workers.push_back(Worker());
}

void done() {}
void done_with(int) {}

[[maybe_unused]] void asynchronous_calls() {
    using namespace std::chrono_literals;
    Pool pool;
    cohort::AsyncResult<int> plain = pool.apply_async(twice, 3);
    cohort::AsyncResult<int> packed = pool.apply_async(twice, cohort::args(3));
    cohort::AsyncResult<int> called =
        pool.apply_async(twice, cohort::args(3), {.callback = done_with, .timeout = 2s, .retries = 1});
    cohort::AsyncResult<void> none = pool.apply_async(nothing);
    cohort::AsyncResult<void> with = pool.apply_async(nothing, cohort::args(), {.callback = done});
    int total = 0;
    const auto add = [&](int n) { total += n; };
    pool.apply_async(twice, cohort::args(3), {.callback = add, .error_callback = [](std::exception_ptr) {}});
    for (auto f : {twice, twice}) pool.apply_async(f, 3);
    std::vector<cohort::AsyncResult<int>> results(2);
    results[0] = pool.apply_async(sum, 1, 2);
    const std::vector<int> input{1, 2, 3};
    const std::vector<int> doubled = pool.map_async(twice, input, {.chunksize = 2}).get(1s);
    pool.map_async(twice, {1, 2}, {.callback = [](const std::vector<int>&) {}});
    pool.starmap_async(sum, std::vector{std::tuple(1, 2)}).wait(1s);
    for (int n : pool.imap(twice, input)) total += n;
    for (int n : pool.imap_unordered(twice, std::vector{1, 2}, {.chunksize = 2})) total += n;
    auto stream = pool.imap(take_text, std::vector<std::string>{"a"});
    while (stream.next(1s)) {
    }
}

void take_queue(cohort::Queue<int>) {}

[[maybe_unused]] void queues() {
    using namespace std::chrono_literals;
    cohort::Queue<int> numbers;
    Process handle(take_queue, numbers);
    Process generic([](auto queue) { queue.put(1); }, numbers);
    cohort::Queue<std::optional<std::string>> texts(3);
    texts.put(std::nullopt);
    texts.put("a");
    texts.put(std::string("a"), true, 0.1s);
    texts.put("a", 1s);
    cohort::Queue<std::vector<int>> lists;
    lists.put({1, 2, 3});
    const std::vector<int> list = lists.get(1s);
    const std::optional<std::vector<int>> maybe = lists.try_get();
    numbers.put_many(list);
    numbers.put_many(std::vector{1, 2}, 1s);
    const std::vector<int> many = numbers.get_many(32, 1s);
    for (int& number : numbers) ++number;
    for (const auto& text : texts) static_cast<void>(text);
    cohort::JoinableQueue<std::string> tasks(10);
    tasks.put("task");
    const std::string task = tasks.get();
    tasks.task_done();
    tasks.join();
    const bool all_done = tasks.join(1s);
    static_cast<void>(all_done);
    Process worker([](cohort::JoinableQueue<std::string> queue) { queue.task_done(); }, tasks);
}

[[maybe_unused]] void locks_and_values() {
    using namespace std::chrono_literals;
    cohort::Lock lock;
    cohort::Lock other;
    std::scoped_lock two(lock, other);
    std::unique_lock timed(lock, 1s);
    cohort::Condition own;
    cohort::Condition shared(lock);
    cohort::Value<long> value(50);
    cohort::Array<int> list({1, 2, 3});
    cohort::Array<int> one({5});
    cohort::Array<double> size(1000);
    std::scoped_lock guards(value, list.get_lock());
    cohort::RLock one_lock;
    cohort::Value<int> guarded(5, one_lock);
    cohort::Array<double> guarded_list(10, one_lock);
    cohort::Semaphore semaphore(2);
    cohort::BoundedSemaphore bounded(2);
    std::scoped_lock units(semaphore, bounded, own);
    cohort::Barrier barrier(2);
    cohort::Barrier with_action(2, nothing, 1s);
    cohort::Barrier with_capture(2, [&] { lock.release(); });
    cohort::Event event;
    event.wait(cohort::forever);
    lock.acquire(true, 1s);
    lock.acquire(1s);
    own.wait_for([] { return true; }, 1s);
}

// Handles are parts of aggregates that are made with braces.
struct Tools {
    cohort::Lock lock;
    cohort::RLock rlock;
    cohort::Semaphore semaphore;
    cohort::BoundedSemaphore bounded;
    cohort::Event event;
    cohort::Condition condition;
    cohort::Value<int> value;
    cohort::RawValue<double> raw;
    cohort::Queue<int> queue;
    cohort::SimpleQueue<int> simple;
};

[[maybe_unused]] void aggregates_of_handles() {
    Tools all{};
    Tools same = all;
    cohort::Queue<Tools> queue;
    queue.put(same);
}

[[maybe_unused]] void constructors_of_a_pool() {
    Pool all;
    Pool four(4);
    Pool in_braces{4};
    Pool options({.processes = 4});
    Pool options_in_braces{{.processes = 4}};
    Pool initialized({.processes = 4}, take_text, "text");
    Pool initialized_by_default({}, take_text, "text");
}

[[maybe_unused]] void maps(Pool& pool) {
    const std::vector<int> numbers{1, 2, 3};
    std::vector<int> results = pool.map(twice, numbers);
    results = pool.map(twice, numbers, {.chunksize = 2});
    results = pool.map(twice, {1, 2, 3});
    results = pool.map(twice, cohort::range(10));
    results = pool.map([](int n) { return n + 1; }, numbers, {.retries = 1, .progress = "counting"});
    pool.map(take_number, numbers);
    results = pool.starmap(sum, std::vector<std::pair<int, int>>{{1, 2}, {3, 4}});
    results = pool.starmap(sum, {std::tuple(1, 2), std::tuple(3, 4)});
}

[[maybe_unused]] void calls(Pool& pool) {
    int result = pool.apply(twice, 3);
    result = pool.apply([result](int n) { return result + n; }, 3);
    pool.apply(nothing);
    pool.apply(take_text, "text");
}

[[maybe_unused]] void waits(Process& process) {
    using namespace std::chrono_literals;
    process.join();
    bool ended = process.join(2s);
    ended = process.join(0.5s);
    process.join(cohort::forever);
    (void)ended;
}

void take_ends(cohort::Connection, cohort::Connection) {}

[[maybe_unused]] void ends_of_a_pipe() {
    auto [a, b] = cohort::Pipe();
    Process copied(take_ends, a, b), moved(take_ends, a, std::move(b));
    auto one_way = cohort::Pipe({.duplex = false});
    const cohort::PipeOptions options{.duplex = false};
    auto [in, out] = cohort::Pipe(options);
}

[[maybe_unused]] void messages() {
    auto [a, b] = cohort::Pipe({.duplex = false});
    b.send<std::optional<int>>(3);
    b.send<std::optional<int>>(std::nullopt);
    b.send("text");
    b.send(std::vector{1, 2});
    const std::vector<int> list{1};
    b.send(list);
    b.send<std::vector<int>>({1, 2});
    b.send(std::make_unique<int>(1));
    auto v = a.recv<std::vector<int>>();
    std::vector<std::byte> buffer(8);
    b.send_bytes(buffer);
    b.send_bytes("text");
    b.send_bytes(std::string("text"));
    b.send_bytes(std::as_bytes(std::span(v)));
    b.send_bytes(buffer, 1, 2);
    buffer = a.recv_bytes();
    buffer = a.recv_bytes(100);
    const std::size_t size = a.recv_bytes_into(buffer);
    (void)size;
    b.send(a);
    cohort::Connection sent = a.recv<cohort::Connection>();
    cohort::Descriptor descriptor = a.recv<cohort::Descriptor>();
}

[[maybe_unused]] void waits_for_several(Process& p) {
    using namespace std::chrono_literals;
    auto [a, b] = cohort::Pipe();
    bool ready = a.poll() || a.poll(1s) || a.poll(cohort::forever);
    cohort::Queue<int> queue;
    cohort::SimpleQueue<std::string> simple;
    std::vector<cohort::Waitable> all = cohort::wait({a, b, p, p.sentinel()}, 2s);
    all = cohort::wait({a, b, p, queue, simple}, 2s);
    all = cohort::wait({queue}, 0.5s);
    all = cohort::wait(std::vector<cohort::Queue<int>>{queue, queue});
    all = cohort::wait({a, b, p});
    all = cohort::wait({a}, 0.5s);
    all = cohort::wait(std::vector<cohort::Connection>{a, b});
    ready = all.front() == a || all.front() == p || all.front() == queue || ready;
}

[[maybe_unused]] void listeners_and_clients(int port, const std::string& key) {
    using namespace std::chrono_literals;
    cohort::Listener by_default;
    cohort::Listener listener({.address = cohort::Address::tcp("127.0.0.1", port), .authkey = key});
    cohort::Listener in_a_path({.address = cohort::Address::unix("/tmp/socket"), .backlog = 1, .authkey = "abc"});
    cohort::Connection one = listener.accept();
    auto another = listener.accept(2s);
    const auto client = cohort::Client(listener.address(), {.authkey = key});
    const auto impatient = cohort::Client(listener.address(), {.authkey = "abc", .timeout = 1s});
    const auto open = cohort::Client(listener.address());
    client.send_object(cohort::Object("text"));
    const cohort::Object object = client.recv_object();
    cohort::wait({listener, client}, 1s);
    cohort::deliver_challenge(client, key);
    cohort::answer_challenge(client, "abc");
}

}  // namespace
