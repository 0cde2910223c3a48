# SPDX-License-Identifier: MIT
"""Four processes that change one dict together with those of sharing_peer.cpp. See sharing.py.

Usage: sharing_peer.py share ADDRESS KEY DICT LOCK_TYPE LOCK TIMES      DICT and LOCK are the names of objects
       sharing_peer.py wrong-key ADDRESS KEY
       sharing_peer.py serve ADDRESS KEY
"""
import multiprocessing
import sys
from multiprocessing import process
from multiprocessing.managers import AcquirerProxy, AutoProxy, BaseManager, DictProxy, SyncManager, Token

PROCESSES = 4


def parse_address(text):
    if text.startswith("@"):
        return "\0" + text[1:]
    if "/" in text:
        return text
    host, port = text.rsplit(":", 1)
    return host, int(port)


def address_text(address):
    if isinstance(address, tuple):
        return "%s:%d" % address
    if isinstance(address, bytes):
        address = address.decode()
    return address.replace("\0", "@", 1)


class Mutex:
    """A Lock of the server, or a Queue that has one item while nobody holds it."""

    def __init__(self, token, key):
        if token.typeid == "Queue":
            queue = AutoProxy(token, "pickle", authkey=key, exposed=("get", "put"))
            self.lock, self.unlock = queue.get, lambda: queue.put(0)
        else:
            lock = AcquirerProxy(token, "pickle", authkey=key)
            self.lock, self.unlock = lock.acquire, lock.release


def make_mutex(manager):
    """(type, proxy) of what all sides can lock."""
    if hasattr(manager, "Lock"):
        try:
            return "Lock", manager.Lock()
        except Exception:
            pass  # a server without them
    queue = manager.Queue()
    queue.put(0)
    return "Queue", queue


def count(counts, lock, key, times):
    counts = DictProxy(counts, "pickle", authkey=key)
    mutex = Mutex(lock, key)
    for _ in range(times):
        mutex.lock()
        counts["locked"] = counts["locked"] + 1
        mutex.unlock()


def share(address, key, counts, lock_type, lock, times):
    tokens = Token("dict", address, counts), Token(lock_type, address, lock)
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=count, args=(*tokens, key, int(times))) for _ in range(PROCESSES)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    return all(each.exitcode == 0 for each in processes)


def wrong_key(address, key):
    del key
    try:
        BaseManager(address=address, authkey=b"another key").connect()
    except multiprocessing.AuthenticationError:
        return True
    return False


class Own(Exception):
    pass


class Raiser:
    def fail(self, name, text):
        raise (Own if name == "Own" else getattr(__builtins__, name))(text)


class Manager(SyncManager):
    pass


Manager.register("Raiser", Raiser)


def serve(address, key):
    server = Manager(address=address, authkey=key).get_server()
    print(address_text(server.address), flush=True)
    server.serve_forever()


def main(mode, address, key, *more):
    key = key.encode()
    process.current_process().authkey = key
    functions = {"share": share, "wrong-key": wrong_key, "serve": serve}
    good = functions[mode](parse_address(address), key, *more)
    print("ok" if good else "FAILED")


if __name__ == "__main__":
    main(*sys.argv[1:])
