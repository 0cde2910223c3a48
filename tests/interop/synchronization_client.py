# SPDX-License-Identifier: MIT
"""A program of Python that uses the locks, the pools and the shared memory of a manager's server; it does not know whose. See synchronization.py.

Usage: synchronization_client.py ADDRESS KEY [cohort|own]      own: the server is Python's

The server of cohort is told to end.
"""
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing import process, resource_tracker
from multiprocessing.connection import Client
from multiprocessing.managers import (AcquirerProxy, BarrierProxy, ConditionProxy, SharedMemoryManager, SyncManager,
                                      dispatch)

from manager_client import raises

fork = multiprocessing.get_context("fork")


class Manager(SyncManager):
    pass


# What a program of cohort shares, see synchronization_peer.cpp.
Manager.register("shared_rlock", proxytype=AcquirerProxy)
Manager.register("shared_semaphore", proxytype=AcquirerProxy)
Manager.register("shared_condition", proxytype=ConditionProxy)
Manager.register("shared_barrier", proxytype=BarrierProxy)
Manager.register("barrier_by_names")


def in_child(function, *args):
    child = fork.Process(target=function, args=args)
    child.start()
    return child


def ends_well(*children):
    for each in children:
        each.join()
        assert each.exitcode == 0, each


def acquire_later(lock, results):
    results.append(lock.acquire(True, 0.01))
    results.append(lock.acquire())
    lock.release()


def use_lock(m):
    lock = m.Lock()
    assert lock.acquire() is True and lock.acquire(False) is False and lock.acquire(True, 0.01) is False
    results = m.list()
    child = in_child(acquire_later, lock, results)
    while len(results) == 0:
        time.sleep(0.001)
    lock.release()
    ends_well(child)
    assert results[:] == [False, True], results[:]
    raises(RuntimeError, "release unlocked lock", lock.release)
    raises(ValueError, "can't specify a timeout for a non-blocking call", lock.acquire, False, 1)
    raises(ValueError, None, lock.acquire, True, -2)
    raises(TypeError, None, lock.acquire, True, "a")
    assert str(lock).startswith("<unlocked _thread.lock object"), str(lock)
    with lock:
        assert str(lock).startswith("<locked _thread.lock object"), str(lock)
        thread = threading.Thread(target=lock.release)  # anybody may
        thread.start()
        thread.join()
        lock.acquire()
    if hasattr(lock, "locked"):
        assert lock.locked() is False


def use_rlock(lock):
    with lock, lock:
        assert lock.acquire(timeout=1)
        others = []
        thread = threading.Thread(target=lambda: others.append(lock.acquire(False)))
        thread.start()
        thread.join()
        assert others == [False]
        lock.release()
    raises(RuntimeError, "cannot release un-acquired lock", lock.release)


def use_semaphores(m):
    semaphore = m.Semaphore(2)
    assert semaphore.acquire() and semaphore.acquire(False) and not semaphore.acquire(False)
    assert not semaphore.acquire(True, 0.01)
    child = in_child(semaphore.release)
    assert semaphore.acquire()
    ends_well(child)
    semaphore.release()
    with semaphore:
        assert not semaphore.acquire(False)
    raises(ValueError, "can't specify timeout for non-blocking acquire", semaphore.acquire, False, 1)
    bounded = m.BoundedSemaphore(1)
    raises(ValueError, "Semaphore released too many times", bounded.release)
    raises(Exception, None, m.Semaphore, -1)


def wait_for_a_turn(condition, turns):
    with condition:
        assert condition.wait_for(lambda: len(turns) > 0)
        turns.pop()
        turns.append("done")
        condition.notify_all()


def use_condition(m, condition):
    raises(RuntimeError, "cannot wait on un-acquired lock", condition.wait)
    raises(RuntimeError, "cannot notify on un-acquired lock", condition.notify)
    turns = m.list()
    child = in_child(wait_for_a_turn, condition, turns)
    with condition:
        assert condition.wait(0.01) is False
        assert condition.wait_for(lambda: False, 0.01) is False
        turns.append("yours")
        condition.notify(1)
        assert condition.wait_for(lambda: turns[:] == ["done"], 60)
    ends_well(child)


def pass_barrier(barrier, numbers):
    for _ in range(3):
        numbers.append(barrier.wait())


def use_barrier(m, barrier):
    numbers = m.list()
    ends_well(*[in_child(pass_barrier, barrier, numbers) for _ in range(3)])
    assert sorted(numbers) == [0, 0, 0, 1, 1, 1, 2, 2, 2], numbers[:]
    assert (barrier.parties, barrier.n_waiting, barrier.broken) == (3, 0, False)
    raises(threading.BrokenBarrierError, None, barrier.wait, 0.01)
    assert barrier.broken
    barrier.reset()
    assert not barrier.broken
    barrier.abort()
    raises(threading.BrokenBarrierError, None, barrier.wait)
    raises(threading.BrokenBarrierError, None, m.Barrier(2, timeout=0.01).wait)


def hold(locks, semaphore, ready):
    for each in locks:
        each.acquire()
    with semaphore:
        ready.set()
        time.sleep(3600)


def use_what_the_dead_left(m, locks, semaphore):
    ready = m.Event()
    child = in_child(hold, locks, semaphore, ready)
    assert ready.wait(60)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    for each in [*locks, semaphore]:
        assert each.acquire(True, 60), each
        each.release()


def use_handles_of_the_program(m):
    lock, condition = m.shared_rlock(), m.shared_condition()
    use_rlock(lock)
    use_condition(m, condition)
    use_barrier(m, m.shared_barrier())
    raises(threading.BrokenBarrierError, None, m.barrier_by_names().wait)
    use_what_the_dead_left(m, [lock, condition], m.shared_semaphore())


def use_pool(m):
    with m.Pool(2) as pool:
        assert pool.apply("square", (7,)) == 49 and pool.map("square", [1, 2, 3]) == [1, 4, 9]
        assert pool.starmap("add", [(1, 2), (3, 4)]) == [3, 7]
        result = pool.map_async("square", range(4))
        assert result.get(60) == [0, 1, 4, 9] and result.ready() and result.successful()
        result = pool.apply_async("square", (-1,))
        result.wait()
        raises(IndexError, "no -1", result.get)
        raises(IndexError, "no -1", pool.map, "square", [1, -1])
        assert list(pool.imap("square", [1, 2, 3])) == [1, 4, 9]
        assert sorted(pool.imap_unordered("square", [1, 2, 3])) == [1, 4, 9]
        raises(TypeError, None, pool.apply, len, ([],))
        raises(KeyError, None, pool.apply, "cube", (1,))
        raises(ValueError, "Pool is still running", pool.join)
        assert str(pool) == "<multiprocessing.pool.Pool state=RUN pool_size=2>", str(pool)
        pool.close()
        raises(ValueError, "Pool not running", pool.apply, "square", (1,))
        pool.join()


def is_there(segment):
    return os.path.exists("/dev/shm/" + segment.name)


def use_shared_memory(address, key):
    m = SharedMemoryManager(address=address, authkey=key)
    m.connect()
    segment, shareable = m.SharedMemory(64), m.ShareableList([1, 2.5, "text"])
    for each in [segment, shareable.shm]:
        resource_tracker.unregister(each._name, "shared_memory")  # else it warns that somebody else removed it
        assert is_there(each)
    assert shareable[2] == "text"
    with Client(address, authkey=key) as connection:
        dispatch(connection, None, "shutdown")
    while is_there(segment) or is_there(shareable.shm):
        time.sleep(0.001)
    shareable.shm.close()
    segment.close()


def count(locks, values, times):
    for lock, value in zip(locks, values):
        for _ in range(times):
            with lock:
                value.value += 1


def use_in_children(m):
    locks = [m.Lock(), m.RLock(), m.BoundedSemaphore(), m.Condition()]
    for method in ["fork", "spawn", "forkserver"]:
        context = multiprocessing.get_context(method)
        values = [m.Value("i", 0) for _ in locks]
        children = [context.Process(target=count, args=(locks, values, 20)) for _ in range(2)]
        for each in children:
            each.start()
        ends_well(*children)
        for lock, value in zip(locks, values):
            assert value.value == 40, (method, lock, value.value)


def main():
    address, key, what = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
    if ":" in address:
        host, port = address.rsplit(":", 1)
        address = (host, int(port))
    elif address.startswith("@"):
        address = "\0" + address[1:]
    process.current_process().authkey = key
    m = Manager(address=address, authkey=key)
    m.connect()
    use_lock(m)
    lock = m.RLock()
    use_rlock(lock)
    assert str(lock).startswith("<unlocked _thread.RLock object owner=0 count=0"), str(lock)
    use_semaphores(m)
    use_condition(m, m.Condition())
    use_condition(m, m.Condition(m.Lock()))
    use_barrier(m, m.Barrier(3))
    if what == "cohort":
        use_condition(m, m.Condition(m.RLock()))
        use_what_the_dead_left(m, [m.Lock(), m.RLock(), m.Condition()], m.Semaphore(1))
        use_handles_of_the_program(m)
        use_pool(m)
    use_in_children(m)
    if what == "cohort":
        use_shared_memory(address, key)
    print("ok")


if __name__ == "__main__":
    main()
