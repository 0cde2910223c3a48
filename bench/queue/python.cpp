// SPDX-License-Identifier: MIT
#include <algorithm>

#include "queue/contenders.hpp"
#include "queue/trips.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

// Children send, others receive, all as many messages.
constexpr const char* kStream = R"(
import multiprocessing as mp, os, sys, time
kind, pinned = sys.argv[1], sys.argv[2] == 'pinned'
pairs, count, size = map(int, sys.argv[3:])
messages = [bytes([i]) * size for i in range(min(251, count))]
context = mp.get_context('fork')
def pin(core):
    if pinned: os.sched_setaffinity(0, {core})
def make():
    if kind == 'Pipe':
        reader, writer = context.Pipe(duplex=False)
        return writer.send_bytes, reader.recv_bytes
    queue = getattr(context, kind)()
    return queue.put, queue.get
def produce(put, go, sums):
    pin(0)
    go.acquire()
    for i in range(count): put(messages[i % 251])
def consume(get, go, sums):
    pin(1)
    go.acquire()
    total = 0
    for i in range(count): total += get()[0]
    sums.put(total)
put, get = make()
go, sums = context.Semaphore(0), context.SimpleQueue()
children = [context.Process(target=body, args=(end, go, sums)) for body, end in ((consume, get), (produce, put))
            for _ in range(pairs)]
for child in children: child.start()
begin = time.perf_counter()
for child in children: go.release()
total = sum(sums.get() for _ in range(pairs))
print(pairs * count / (time.perf_counter() - begin))
assert total == pairs * sum(i % 251 for i in range(count))
for child in children: child.join()
)";

// There and back over two queues.
constexpr const char* kTrip = R"(
import multiprocessing as mp, os, sys, time
core, count = int(sys.argv[1]), int(sys.argv[2])
context = mp.get_context('fork')
there, back = context.Queue(), context.Queue()
def echo():
    os.sched_setaffinity(0, {core})
    for _ in range(count + 1): back.put(there.get())
child = context.Process(target=echo)
child.start()
os.sched_setaffinity(0, {0})
messages = [bytes([i]) * 64 for i in range(251)]
def once(i):
    there.put(messages[i % 251])
    assert back.get() == messages[i % 251]
once(0)
begin = time.perf_counter()
for i in range(count): once(i)
print((time.perf_counter() - begin) / count * 1e6)
child.join()
)";

}  // namespace

Contender python(const std::string& kind, std::size_t bytes) {
    return {"CPython " + kind, [=](const Crowd& crowd) {
                const std::uint64_t each = std::min<std::uint64_t>(40'000, messages_for(bytes) / 25) / crowd.producers;
                std::string arguments = kind + (crowd.pinned ? " pinned" : " unpinned");
                for (const std::uint64_t number : {std::uint64_t{crowd.producers}, each, std::uint64_t{bytes}})
                    arguments += " " + std::to_string(number);
                return figure_of_python(kStream, arguments);
            }};
}

double python_trip(Place place) {
    return figure_of_python(kTrip, place == Place::two_cores ? "1 1500" : "0 3000");
}

}  // namespace bench
