#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records what this version of Python sends to managers and their clients, with the pickles of protocols 4 and 5.

Usage: record.py messages FILE             messages of both directions and what they mean: recorded/messages.tsv
       record.py requests SERVER FOLDER    the requests of manager_client.py to SERVER (manager_peer): seeds for fuzzing

A file of requests has for each of them a byte for the client (0: a connection of its own, 1: all others), two for the
length, the lowest first, and the pickle. Names of objects begin with `cohortprefix` there.
"""
import array
import io
import os
import queue
import sys
from multiprocessing import connection, process
from multiprocessing.managers import ListProxy, RebuildProxy, Token
from multiprocessing.reduction import ForkingPickler

import manager_client
from managers import KEY, Server

PROTOCOLS = (4, 5)  # 3.8 to 3.13, and from 3.14 on
LONGEST = 1000
PLACEHOLDER = b"cohortprefix"


def dumps(value, protocol):
    with io.BytesIO() as buffer:
        ForkingPickler(buffer, protocol).dump(value)
        return buffer.getvalue()


class Proxy:
    """Is pickled as a proxy of a list."""

    def __reduce__(self):
        return RebuildProxy, (ListProxy, Token("list", "/tmp/s", "7f01"), "pickle", {})

    def __repr__(self):
        return "<ListProxy object, typeid 'list' at 0x7f01>"


MESSAGES = [
    (None, "dummy", (), {}),
    (None, "create", ("dict", {"a": 1}), {"b": 2}),
    (None, "accept_connection", ("MainProcess",), {}),
    (None, "incref", ("7f01",), {}),
    ("7f01", "__getitem__", (slice(1, None, 2),), {}),
    ("7f01", "append", (Proxy(),), {}),
    ("7f01", "extend", ([bytearray(b"ab"), b"c", 2 ** 70, -1.5, "\u00e9", {1}, frozenset(), None, True],), {}),
    ("7f01", "sort", (), {"reverse": True}),
    ("#RETURN", None),
    ("#RETURN", ("7f01", ("get", "put"))),
    ("#RETURN", [("a", 1), ("a", 2)]),
    ("#RETURN", array.array("i", [1, -2])),
    ("#ERROR", KeyError("k")),
    ("#ERROR", queue.Empty()),
    ("#PROXY", (("__next__",), Token("Iterator", ("127.0.0.1", 5000), "7f02"))),
    ("#TRACEBACK", "Traceback (most recent call last):\nKeyError: 1\n"),
]


def record_messages(path):
    with open(path, "w", encoding="utf-8") as file:
        for message in MESSAGES:
            for protocol in PROTOCOLS:
                print(protocol, dumps(message, protocol).hex(), repr(message), sep="\t", file=file)


class Recorder:
    """Stands where connections send; notes what they do."""

    def __init__(self, protocol):
        self.protocol, self.requests, self._accepted = protocol, [], set()
        self.original = connection.Connection.send

    def send(self, sender, request):
        accepted = id(sender) in self._accepted
        if request[1] == "accept_connection":
            self._accepted.add(id(sender))
            accepted = True
        elif request[0] is None:
            self._accepted.discard(id(sender))
            accepted = False
        self.requests.append((int(accepted), dumps(request, self.protocol), request[0]))
        return self.original(sender, request)

    def file(self):
        prefix = next(ident[:12] for _, _, ident in self.requests if ident).encode()
        return b"".join(bytes([client, len(message) % 256, len(message) // 256]) + message.replace(prefix, PLACEHOLDER)
                        for client, message, _ in self.requests if len(message) <= LONGEST)


def record_requests(program, folder):
    process.current_process().authkey = KEY.encode()
    parts = [("dict", manager_client.use_dict), ("list", manager_client.use_list),
             ("nested", lambda manager: manager_client.use_nested(manager, False)), ("others", manager_client.use_others)]
    for name, use in parts:
        for protocol in PROTOCOLS:
            with Server([program, "serve"], "@cohort-record-%d-%s-%d" % (os.getpid(), name, protocol)) as server:
                recorder = Recorder(protocol)
                manager = manager_client.Manager(address="\0" + server.address[1:], authkey=KEY.encode())
                manager.connect()
                first = manager.list()  # a replay begins with one, to learn how names begin
                connection.Connection.send = lambda sender, request: recorder.send(sender, request)
                try:
                    use(manager)
                finally:
                    connection.Connection.send = recorder.original
                del first
            with open(os.path.join(folder, "%s-%d" % (name, protocol)), "wb") as file:
                file.write(recorder.file())


if __name__ == "__main__":
    {"messages": record_messages, "requests": record_requests}[sys.argv[1]](*sys.argv[2:])
