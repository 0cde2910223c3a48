// SPDX-License-Identifier: MIT
#include <string>

#include "manager/contest.hpp"
#include "support/command.hpp"

namespace bench {

namespace {

constexpr const char* kCalls = R"(
import multiprocessing as mp, os, sys, time
place, operation, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def go_to(core):
    if place != 'any': os.sched_setaffinity(0, {core if place == 'two' else 0})
go_to(1)
manager = mp.Manager()
go_to(0)
d = manager.dict()
value = b'x' * size
d['key'] = value
def call(count):
    if operation == 'set':
        for _ in range(count): d['key'] = value
    else:
        for _ in range(count): d['key']
call(count // 10)
begin = time.perf_counter()
call(count)
print((time.perf_counter() - begin) / count * 1e6)
assert d['key'] == value
)";

// Prints thousands of calls a second, or how many times the calls of the busiest client are those of the other.
constexpr const char* kCrowd = R"(
import multiprocessing as mp, sys, time
clients, what = int(sys.argv[1]), sys.argv[2]
manager = mp.Manager()
d = manager.dict()
d['key'] = b'x' * 32
counts = mp.RawArray('l', clients)
ready, begin, end = mp.Semaphore(0), mp.Event(), mp.RawValue('b', 0)
def client(i):
    d['key']
    ready.release()
    begin.wait()
    n = 0
    while not end.value:
        d['key']
        n += 1
    counts[i] = n
all = [mp.Process(target=client, args=(i,)) for i in range(clients)]
for each in all: each.start()
for each in all: ready.acquire()
before = time.perf_counter()
begin.set()
time.sleep(0.5)
end.value = 1
took = time.perf_counter() - before
for each in all: each.join()
print(sum(counts) / took / 1e3 if what == 'rate' else max(counts) / max(min(counts), 1))
)";

const char* text_of(Place place) {
    switch (place) {
        case Place::one_core:
            return "one ";
        case Place::two_cores:
            return "two ";
        case Place::anywhere:
            break;
    }
    return "any ";
}

}  // namespace

double python_calls(const Calls& calls) {
    return figure_of_python(kCalls, text_of(calls.place) +
                                        std::string(calls.operation == Operation::set ? "set " : "get ") +
                                        std::to_string(calls.bytes) + " " + std::to_string(calls.count));
}

double python_crowd(int clients, bool rate) {
    return figure_of_python(kCrowd, std::to_string(clients) + (rate ? " rate" : " fairness"));
}

}  // namespace bench
