// SPDX-License-Identifier: MIT
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "sync/contenders.hpp"

namespace bench {

namespace {

// The same work, less often. Ten steps of it take about as long as one of an empty loop in Python.
constexpr const char* kScript = R"(
import multiprocessing as mp, os, sys, time
context, kind, name, place, extra = mp.get_context('fork'), *sys.argv[1:5]
extra = int(extra)
cores = sorted(os.sched_getaffinity(0))

def alone(make):
    lock, count = make(), 200000
    begin = time.perf_counter()
    for _ in range(count):
        lock.acquire()
        lock.release()
    return (time.perf_counter() - begin) / count * 1e9

def increment():
    value, count = context.Value('l'), 100000
    begin = time.perf_counter()
    for _ in range(count):
        with value: value.value += 1
    assert value.value == count
    return (time.perf_counter() - begin) / count * 1e9

def pin(side):
    if place != 'anywhere': os.sched_setaffinity(0, {cores[side if place == 'two' else 0]})

def both(side):
    children = [context.Process(target=side, args=(i,)) for i in (0, 1)]
    for child in children: child.start()
    for child in children: child.join()
    assert all(child.exitcode == 0 for child in children)

def contend(make):
    lock, counter, count = make(), context.RawValue('l'), 100000
    begin, ends = context.RawValue('d'), context.RawArray('d', 2)
    start = context.Barrier(2)
    def side(i):
        pin(i)
        if start.wait() == 0: begin.value = time.perf_counter()
        for _ in range(count):
            lock.acquire()
            counter.value += 1
            lock.release()
            for _ in range(extra // 10): pass
        ends[i] = time.perf_counter()
    both(side)
    assert counter.value == 2 * count
    return 2e-6 * count / (max(ends) - begin.value)

class Semaphores:
    def __init__(self): self.sides = context.Semaphore(0), context.Semaphore(0)
    def give(self, to): self.sides[to].release()
    def take(self, me): self.sides[me].acquire()
class Events:
    def __init__(self): self.sides = context.Event(), context.Event()
    def give(self, to): self.sides[to].set()
    def take(self, me):
        self.sides[me].wait()
        self.sides[me].clear()
class Conditions:
    def __init__(self): self.condition, self.turn = context.Condition(), context.RawValue('i')
    def give(self, to):
        with self.condition:
            self.turn.value = to
            self.condition.notify()
    def take(self, me):
        with self.condition: self.condition.wait_for(lambda: self.turn.value == me)

def take_turns(make):
    turns, given, total, count = make(), context.RawValue('d'), context.RawValue('d'), 1000
    def give(i):
        until = time.perf_counter() + extra * 1e-6
        while extra and time.perf_counter() < until: pass
        given.value = time.perf_counter()
        turns.give(1 - i)
    def take(i):
        turns.take(i)
        if extra: total.value += time.perf_counter() - given.value
    def side(i):
        pin(i)
        for turn in range(count + 1):
            if i == 0:
                if turn == 1: begin, total.value = time.perf_counter(), 0
                give(i)
            take(i)
            if i == 1: give(i)
        if i == 0 and not extra: total.value = time.perf_counter() - begin
    both(side)
    return total.value / count * 1e6

if kind == 'alone': print(alone(getattr(context, name)))
elif kind == 'contend': print(contend(getattr(context, name)))
elif kind == 'turns': print(take_turns(globals()[name]))
else: print(increment())
)";

struct ClosePipe {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
};

/// @param extra  what else there is to do: steps of work, or microseconds
double run(const std::string& kind, const std::string& name, Place place, long extra) {
    const std::string where = place == Place::anywhere ? "anywhere" : place == Place::two_cores ? "two" : "same";
    const std::string command =
        "python3 -c \"" + std::string(kScript) + "\" " + kind + " " + name + " " + where + " " + std::to_string(extra);
    std::unique_ptr<std::FILE, ClosePipe> output(::popen(command.c_str(), "r"));
    double figure = 0;
    if (!output || std::fscanf(output.get(), "%lf", &figure) != 1) throw std::runtime_error("CPython gave no figure");
    return figure;
}

LockContender lock(const std::string& name) {
    return {"CPython " + name, [=] { return run("alone", name, Place::anywhere, 0); },
            [=](const Rivalry& rivalry) { return run("contend", name, rivalry.place, rivalry.work_outside); }};
}

TurnContender turns(const std::string& name, const std::string& type) {
    return {"CPython " + name, [=](const Meeting& meeting) {
                return run("turns", type, meeting.place, meeting.asleep ? kUntilAsleep.count() : 0);
            }};
}

}  // namespace

Family python_family() {
    Family family;
    family.locks = {lock("Lock")};
    family.turns = {turns("Semaphore", "Semaphores"), turns("Event", "Events"), turns("Condition", "Conditions")};
    family.increments = {{"CPython Value", [] { return run("increment", "Value", Place::anywhere, 0); }}};
    return family;
}

}  // namespace bench
