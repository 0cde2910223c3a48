# SPDX-License-Identifier: MIT
"""A manager's server of Python. See managers.py.

Usage: manager_server.py ADDRESS KEY
"""
import sys
from multiprocessing import process
from multiprocessing.managers import SyncManager


class Counter:
    def __init__(self, start):
        self.value = start

    def add(self, n=1):
        self.value += n
        return self.value

    def fail(self):
        raise ValueError("failed as told")

    def _hidden(self):
        pass


class Manager(SyncManager):
    pass


def greet(name):
    return "hello " + name


Manager.register("Counter", Counter)
Manager.register("greet", greet)


def main():
    address = sys.argv[1]
    if ":" in address:
        host, port = address.rsplit(":", 1)
        address = (host, int(port))
    elif address.startswith("@"):
        address = "\0" + address[1:]
    key = sys.argv[2].encode()
    process.current_process().authkey = key  # it may have to connect to itself
    server = Manager(address=address, authkey=key).get_server()
    address = server.address
    if isinstance(address, tuple):
        address = "%s:%d" % address
    elif isinstance(address, bytes):
        address = address.decode()
    print(address.replace("\0", "@", 1), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
