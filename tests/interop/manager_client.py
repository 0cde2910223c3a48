# SPDX-License-Identifier: MIT
"""A program of Python that uses a manager's server; it does not know whose. See managers.py.

Usage: manager_client.py ADDRESS KEY [all|own]      own: the server is Python's, the same must hold there
"""
import copy
import multiprocessing
import queue
import sys
from multiprocessing import process
from multiprocessing.managers import AcquirerProxy, AutoProxy, BaseManager, RemoteError, SyncManager


class Manager(SyncManager):
    pass


for name in ["add", "numbers", "fail", "tasks", "level", "Counter", "the_counter"]:
    Manager.register(name)
Manager.register("lock", proxytype=AcquirerProxy)
if not hasattr(SyncManager, "set"):
    Manager.register("set")


def raises(kind, text, function, *args, **kwds):
    try:
        function(*args, **kwds)
    except kind as error:
        if text is not None:
            assert str(error) == text, (str(error), text)
        return error
    raise AssertionError("%s was not raised by %r%r" % (kind, function, args))


def use_dict(m):
    d = m.dict({"a": 1}, b=2)
    assert d["a"] == 1 and d["b"] == 2 and len(d) == 2
    d[1] = [1, 2.5, None, True, "é", b"\x00\xff", (1, 2), {3}, {"k": {"n": -(2 ** 70)}}]
    assert d[1.0] == [1, 2.5, None, True, "é", b"\x00\xff", (1, 2), {3}, {"k": {"n": -(2 ** 70)}}]
    assert "a" in d and "x" not in d
    raises(KeyError, "'x'", d.__getitem__, "x")
    raises(KeyError, "'x'", d.__delitem__, "x")
    raises(KeyError, "'x'", d.pop, "x")
    raises(TypeError, "unhashable type: 'list'", d.__getitem__, [])
    assert d.pop("x", 5) == 5 and d.get("x") is None and d.get("x", 3) == 3
    assert d.setdefault("s", 4) == 4 and d.setdefault("s", 5) == 4
    del d[1], d["s"]
    assert d.keys() == ["a", "b"] and d.values() == [1, 2] and d.items() == [("a", 1), ("b", 2)], d.items()
    assert list(d) == ["a", "b"]
    assert str(d) == "{'a': 1, 'b': 2}", str(d)
    assert repr(d).startswith("<DictProxy object, typeid 'dict' at 0x"), repr(d)
    assert d.copy() == {"a": 1, "b": 2} == d._getvalue() == copy.deepcopy(d)
    d.update([("c", 3)], d=4)
    d.update({"e": 5})
    assert d.popitem() == ("e", 5)
    d.clear()
    assert d.copy() == {} and str(d) == "{}"
    raises(KeyError, "'popitem(): dictionary is empty'", d.popitem)
    d.update(zip("abc", range(3)))
    iterator = iter(d)
    next(iterator)
    d["more"] = 1
    raises(RuntimeError, "dictionary changed size during iteration", next, iterator)
    raises(TypeError, None, d.update, 5)
    error = raises(RemoteError, None, d._callmethod, "no_such_method")
    assert "KeyError: 'no_such_method'" in str(error) and "is not in exposed=" in str(error), error
    big = {"k%d" % i: "v" * 1000 for i in range(3000)}
    d.update(big)
    assert len(d) == 3004 and d["k2999"] == "v" * 1000 and d.copy()["k17"] == "v" * 1000


def use_list(m):
    l = m.list(range(5))
    assert l[0] == 0 and l[-1] == 4 and l[1:3] == [1, 2] and l[::-2] == [4, 2, 0] and l[10:] == [], l[:]
    raises(IndexError, "list index out of range", l.__getitem__, 5)
    raises(TypeError, "list indices must be integers or slices, not str", l.__getitem__, "a")
    raises(IndexError, "list assignment index out of range", l.__setitem__, -6, 1)
    raises(ValueError, "slice step cannot be zero", l.__getitem__, slice(0, 1, 0))
    l[0:2] = [10, 11, 12]
    assert l[:] == [10, 11, 12, 2, 3, 4]
    l[::2] = ["x", "y", "z"]
    assert l[:] == ["x", 11, "y", 2, "z", 4]
    raises(ValueError, "attempt to assign sequence of size 1 to extended slice of size 3", l.__setitem__,
           slice(None, None, 2), [1])
    del l[::2]
    assert l[:] == [11, 2, 4]
    del l[-1]
    l.append(7)
    l.extend((8, 9))
    l += [10]
    l.insert(0, -1)
    l.insert(100, 11)
    assert l[:] == [-1, 11, 2, 7, 8, 9, 10, 11], l[:]
    assert l.count(11) == 2 and l.index(11) == 1 and l.index(11, 2) == 7
    raises(ValueError, None, l.index, 50)
    raises(ValueError, "list.remove(x): x not in list", l.remove, 50)
    l.remove(11)
    assert l.pop() == 11 and l.pop(0) == -1 and len(l) == 5
    raises(IndexError, "pop index out of range", l.pop, 50)
    l.sort(reverse=True)
    assert l[:] == [10, 9, 8, 7, 2]
    l.sort()
    l.reverse()
    assert str(l) == "[10, 9, 8, 7, 2]"
    l.append("text")
    raises(TypeError, "'<' not supported between instances of 'str' and 'int'", l.sort)
    assert l.pop() == "text"
    raises(TypeError, "list.append() takes exactly one argument (0 given)", l._callmethod, "append")
    assert l + [1] == [10, 9, 8, 7, 2, 1] and l * 2 == [10, 9, 8, 7, 2] * 2 and 8 in l
    raises(TypeError, 'can only concatenate list (not "tuple") to list', l.__add__, (1,))
    l *= 0
    assert l[:] == []
    raises(IndexError, "pop from empty list", l.pop)
    assert list(m.list("abc")) == ["a", "b", "c"]
    assert list(m.list([1, 2]).__reversed__()) == [2, 1]


def use_nested(m, own):
    outer = m.list([m.dict({"n": m.list([1, 2])}), 5])
    outer[0]["n"].append(3)
    assert outer[0]["n"][:] == [1, 2, 3]
    assert isinstance(outer[0], type(m.dict())), outer[0]
    inner = m.list([1])
    keep = m.dict(inner=inner)
    del inner
    assert keep["inner"][:] == [1]
    if not own:
        before = m._number_of_objects()
        keep.clear()
        assert m._number_of_objects() == before - 1
    other = m.list([7])
    more = m.list()
    more.extend(other)
    assert more[:] == [7]


def use_others(m):
    n = m.Namespace(x=1, y="a")
    n.z = [1]
    assert (n.x, n.y, n.z) == (1, "a", [1])
    assert str(n) == "Namespace(x=1, y='a', z=[1])", str(n)
    del n.x
    raises(AttributeError, "'Namespace' object has no attribute 'x'", getattr, n, "x")
    assert vars(n._getvalue()) == {"y": "a", "z": [1]}
    v = m.Value("i", 5)
    v.value = 7
    assert v.value == 7 and v.get() == 7 and str(v) == "Value('i', 7)", str(v)
    a = m.Array("i", [1, 2, 3])
    a[1] = 20
    assert len(a) == 3 and a[1] == 20 and a[-1] == 3 and list(a[0:2]) == [1, 20], a[0:2]
    assert str(a) == "array('i', [1, 20, 3])", str(a)
    raises(IndexError, "array index out of range", a.__getitem__, 3)
    raises(OverflowError, None, a.__setitem__, 0, 2 ** 40)
    assert a._getvalue().tolist() == [1, 20, 3]
    s = m.set([1, 2, 3])
    s.add(4)
    s.discard(1)
    assert s._getvalue() == {2, 3, 4}
    q = m.Queue(2)
    q.put(1)
    q.put({"two": 2}, timeout=5)
    raises(queue.Full, None, q.put_nowait, 3)
    raises(queue.Full, None, q.put, 3, True, 0.01)
    assert q.full() and q.qsize() == 2 and q.get() == 1 and q.get(timeout=1) == {"two": 2} and q.empty()
    raises(queue.Empty, None, q.get, False)
    raises(queue.Empty, None, q.get, True, 0.01)
    raises(ValueError, "'timeout' must be a non-negative number", q.get, True, -1)
    q.task_done()
    q.task_done()
    q.join()
    raises(ValueError, "task_done() called too many times", q.task_done)
    child = multiprocessing.get_context("fork").Process(target=q.put, args=("late",))
    child.start()
    assert q.get() == "late"
    child.join()
    e = m.Event()
    assert not e.is_set() and not e.wait(0.01)
    child = multiprocessing.get_context("fork").Process(target=e.set)
    child.start()
    assert e.wait(60) and e.is_set()
    child.join()


def use_registered(m):
    assert m.add(2, 3)._getvalue() == 5 and str(m.add(2, 3)) == "5"
    numbers = m.numbers(4)
    numbers.append(9)
    assert numbers._getvalue() == [0, 1, 2, 3, 9]
    error = raises(RemoteError, None, m.fail)
    assert "IndexError: there is no such thing" in str(error), error
    raises(RemoteError, None, m.add, 1)


def use_shared(m):
    q = m.tasks()
    names = ["put", "get", "qsize", "empty", "full", "put_nowait", "get_nowait", "task_done", "join"]
    assert all(hasattr(q, name) for name in names), dir(q)
    assert m.tasks()._token.id == q._token.id
    q.put(1)
    q.put(2, timeout=5)
    raises(queue.Full, None, q.put, 3, True, 0.01)
    assert q.full() and q.qsize() == 2 and q.get() == 1 and q.get_nowait() == 2 and q.empty()
    raises(queue.Empty, None, q.get, timeout=0.01)
    raises(ValueError, "'timeout' must be a non-negative number", q.get, True, -1)
    raises(TypeError, None, q.put, "text")
    q.task_done()
    q.task_done()
    q.join()
    raises(ValueError, None, q.task_done)
    child = multiprocessing.get_context("fork").Process(target=q.put, args=(7,))
    child.start()
    assert q.get() == 7
    child.join()
    lock = m.lock()
    with lock:
        assert not m.lock().acquire(False)
    assert lock.acquire(True, 5)
    lock.release()
    level = m.level()
    level.set(level.get() + 1)
    assert level.get() == 6 == level._getvalue()
    c = m.Counter(5)
    assert c.add(2) == 7 and c.add(n=3) == 10 and str(c) == "counter at 10"
    assert m.Counter(start=1).add(0) == 1
    raises(IndexError, "no more than 10", c.fail)
    raises(TypeError, None, c.add)
    raises(TypeError, None, c.add, "text")
    raises(RemoteError, None, c._callmethod, "none")
    one, other = m.the_counter(), m.the_counter()
    one.add(4)
    assert other.add(0) >= 5 and one._token.id == other._token.id


def append_to(l, d, n):
    for _ in range(n):
        l.append(1)
    d[n] = len(l)


def use_in_children(m):
    for method in ["fork", "spawn", "forkserver"]:
        context = multiprocessing.get_context(method)
        l, d = m.list(), m.dict()
        children = [context.Process(target=append_to, args=(l, d, 5)) for _ in range(2)]
        for each in children:
            each.start()
        for each in children:
            each.join()
        assert len(l) == 10 and 5 in d, (method, l[:])


def main():
    address, key, what = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
    if ":" in address:
        host, port = address.rsplit(":", 1)
        address = (host, int(port))
    elif address.startswith("@"):
        address = "\0" + address[1:]
    # [connect]
    process.current_process().authkey = key  # for proxies that come within values
    m = Manager(address=address, authkey=key)
    m.connect()
    # [/connect]
    use_dict(m)
    use_list(m)
    use_nested(m, what == "own")
    use_others(m)
    if what == "all":
        use_registered(m)
        use_shared(m)
        raises(RemoteError, None, m._create, "no_such_type")
    use_in_children(m)
    print("ok")


if __name__ == "__main__":
    main()
