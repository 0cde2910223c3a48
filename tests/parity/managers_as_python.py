#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""managers_as_python.cpp and this script do the same with managers; what they print must be the same.

Usage: managers_as_python.py PROGRAM      without a program: only prints
"""
import difflib
import multiprocessing
import queue
import subprocess
import sys
import threading


def say(what, result):
    print(what, "->", result, flush=True)


def error_of(call):
    try:
        call()
    except queue.Empty:
        return "Empty"
    except queue.Full:
        return "Full"
    except Exception as error:
        return str(error)
    return "no error"


def dicts(m):
    d = m.dict({"b": 2, "a": 1})
    say("a dict", d)
    d["c"] = 3
    d["b"] += 10
    say("changed", d)
    say("missing", error_of(lambda: d["x"]))
    say("popped", d.pop("a"))
    say("popped, missing", error_of(lambda: d.pop("a")))
    say("with a default", d.pop("a", 7))
    say("setdefault", d.setdefault("s", 5))
    say("popitem", "%s %d" % d.popitem())
    say("contains", "%d%d" % ("b" in d, "x" in d))
    d.update({"z": 26, "b": 0})
    say("updated", d)
    say("sum", sum(value for key, value in d.items()))
    d.clear()
    say("cleared", "%s %d" % (d, len(d)))
    say("popitem of nothing", error_of(d.popitem))
    texts = m.dict({"q'uote": "dou\"ble", "tab\t": "line\n", "é": "\U0001f600", "nothing": ""})
    say("texts", texts)
    numbers = m.dict({1: 0.1, 2: 1e100, 3: -0.0, 4: 1e16, 5: 123456789.5, 6: float("inf")})
    say("numbers", numbers)


def lists(m):
    l = m.list([3, 1, 2])
    l.append(5)
    l.extend([9, 8])
    l.insert(-100, 0)
    say("a list", l)
    l.sort()
    say("sorted", l)
    l.sort(reverse=True)
    say("backwards", l)
    l.reverse()
    say("slices", "%s %s %s" % (sum(l[1:3]), len(l[::2]), l[-2:][0]))
    l[-1] = 100
    say("from the end", "%d %d" % (l[-1], l[0]))
    say("beyond", error_of(lambda: l[50]))
    say("beyond, set", error_of(lambda: l.__setitem__(-50, 1)))
    say("pop", "%d %d" % (l.pop(), l.pop(0)))
    say("pop, beyond", error_of(lambda: l.pop(50)))
    say("remove, missing", error_of(lambda: l.remove(77)))
    say("count, index", "%d %d" % (l.count(2), l.index(2)))
    say("index, missing", error_of(lambda: l.index(77)))
    del l[0]
    say("in the end", l)
    say("a list of lists", m.list([[1, 2], [], [3]]))
    say("pairs", m.list([(1, "a"), (2, "b")]))
    say("pop of nothing", error_of(m.list([]).pop))


def others(m):
    n = m.Namespace(x=1, y="text")
    n.z = [1.5, 2]
    say("a Namespace", n)
    del n.x
    say("without x", n)
    say("missing", error_of(lambda: n.x))
    say("missing, deleted", error_of(lambda: n.__delattr__("x")))
    v = m.Value("i", 5)
    v.value = v.value + 1
    say("a Value", v)
    say("of a double", m.Value("d", 2.5))
    a = m.Array("i", [1, 2, 3])
    a[1] = 20
    say("an Array", a)
    say("its parts", "%d %d" % (a[-1], len(a)))
    say("of doubles", m.Array("d", [1, 2.5]))
    say("beyond", error_of(lambda: a[3]))
    e = m.Event()
    say("an Event", "%d %d" % (e.is_set(), e.wait(0.001)))
    e.set()
    say("set", "%d %d" % (e.is_set(), e.wait(0.001)))
    q = m.Queue(2)
    q.put(1)
    q.put(2)
    say("a Queue", "%d %d %d" % (q.qsize(), q.full(), q.empty()))
    say("put to a full one", error_of(lambda: q.put(3, timeout=0.001)))
    say("put_nowait to a full one", error_of(lambda: q.put_nowait(3)))
    say("got", "%d %d" % (q.get(), q.get_nowait()))
    say("got of an empty one", error_of(lambda: q.get(timeout=0.001)))
    j = m.JoinableQueue()
    j.put(1)
    j.get()
    j.task_done()
    j.join()
    say("task_done once too often", error_of(j.task_done))


def nested(m):
    d = m.dict()
    d["list"] = m.list([1])
    d["list"].append(2)
    say("nested", d["list"])
    l = d["list"]
    d.clear()
    l.append(3)
    say("kept", l)
    outer = m.list([m.list([i]) for i in range(3)])
    for inner in outer:
        inner.append(7)
    say("lists of a list", "%s %s" % (outer[0], outer[-1]))


def work(d, l, number):
    d[number] = number * number
    l.append(number)


def processes(m):
    for method in ["fork", "spawn", "forkserver"]:
        d, l = m.dict(), m.list()
        context = multiprocessing.get_context(method)
        for number in range(3):
            child = context.Process(target=work, args=(d, l, number))
            child.start()
            child.join()
        say("processes by " + method, "%s %s" % (d, l))


def square_into(task):
    number, results = task
    results[number] = number * number
    return number


def pools(m):
    results = m.dict()
    with multiprocessing.Pool(2) as pool:
        say("pool", pool.map(square_into, [(number, results) for number in range(5)]))
    say("by a pool", sorted(results.items()))


def threads(m):
    l = m.list()
    running = [threading.Thread(target=lambda i=i: l.append(i)) for i in range(5)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    l.sort()
    say("by threads", l)


def behave_as_python():
    with multiprocessing.Manager() as m:
        for part in (dicts, lists, others, nested, processes, pools, threads):
            part(m)


def main():
    if len(sys.argv) == 1:
        return behave_as_python()
    python = subprocess.run([sys.executable, __file__], check=True, stdout=subprocess.PIPE, text=True).stdout
    cohort = subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True).stdout
    difference = list(difflib.unified_diff(python.splitlines(), cohort.splitlines(), "python", "cohort", lineterm=""))
    print("\n".join(difference) or f"the same {len(python.splitlines())} lines")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
