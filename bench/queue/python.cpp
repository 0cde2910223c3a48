// SPDX-License-Identifier: MIT
#include "queue/contenders.hpp"
#include "queue/trips.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

// A child sends, this process receives.
constexpr const char* kStream = R"(
import multiprocessing as mp, os, sys, time
kind, count, pinned = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'pinned'
messages = [bytes([i]) * 64 for i in range(251)]
context = mp.get_context('fork')
def pin(core):
    if pinned: os.sched_setaffinity(0, {core})
def make():
    if kind == 'Pipe':
        reader, writer = context.Pipe(duplex=False)
        return writer.send_bytes, reader.recv_bytes
    queue = getattr(context, kind)()
    return queue.put, queue.get
def produce(put, go):
    pin(0)
    go.recv()
    for i in range(count): put(messages[i % 251])
put, get = make()
theirs, ours = context.Pipe(duplex=False)
child = context.Process(target=produce, args=(put, theirs))
child.start()
pin(1)
ours.send(None)
begin = time.perf_counter()
total = 0
for i in range(count): total += get()[0]
print(count / (time.perf_counter() - begin))
assert total == sum(i % 251 for i in range(count))
child.join()
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

Contender python(const std::string& kind) {
    return {"CPython " + kind, [=](const Crowd& crowd) {
                return figure_of_python(kStream, kind + (crowd.pinned ? " 40000 pinned" : " 40000 unpinned"));
            }};
}

double python_trip(Place place) {
    return figure_of_python(kTrip, place == Place::two_cores ? "1 1500" : "0 3000");
}

}  // namespace bench
