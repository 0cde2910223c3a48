#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One side of a connection by Python's own multiprocessing; peer.cpp is the other. See connections.py."""
import inspect
import sys
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener


def parse_address(text):
    if text.startswith("@"):
        return "\0" + text[1:]
    if "/" in text:
        return text
    host, port = text.rsplit(":", 1)
    return host, int(port)


def address_text(address):
    if isinstance(address, bytes):
        address = address.decode()
    if isinstance(address, str):
        return "@" + address[1:] if address.startswith("\0") else address
    return "%s:%d" % address


def echo(connection):
    try:
        while True:
            connection.send_bytes(connection.recv_bytes())
    except EOFError:
        pass


def listen(options):
    with Listener(options["address"], authkey=options.get("key")) as listener:
        print(address_text(listener.address), flush=True)
        with listener.accept() as connection:
            echo(connection)


VALUES = [None, True, -1, 2 ** 100, 1.5, "text", b"bytes", [1, [2]], (1,), {"a": {1, 2}}, "x" * 100000]


def connect(options):
    with Client(options["address"], authkey=options.get("key")) as connection:
        for value in VALUES if "objects" in options else []:
            connection.send(value)
            if connection.recv() != value:
                raise RuntimeError("another value came back")
        for size in options["sizes"]:
            message = bytearray(size)
            for i in range(0, size, 1000):
                message[i] = (i // 1000 + size) % 256
            connection.send_bytes(message)
            if connection.recv_bytes() != message:
                raise RuntimeError("another message came back")


def main(mode, *arguments):
    if mode == "quirks":  # Listeners of some versions have no handshake where the key is empty
        print("no-empty-key" if "if self._authkey:" in inspect.getsource(Listener.accept) else "")
        return
    options = {"sizes": []}
    for name, value in (argument.split("=", 1) for argument in arguments):
        if name == "address":
            options["address"] = parse_address(value)
        elif name == "key":
            options["key"] = value.encode()
        elif name == "size":
            options["sizes"].append(int(value))
        elif name == "objects":
            options[name] = True
    try:
        {"listen": listen, "connect": connect}[mode](options)
        print("done", flush=True)
    except (AuthenticationError, AssertionError) as error:  # before 3.12 an assertion says that no challenge came
        print("refused:", error, flush=True)
    except Exception as error:
        print("error:", repr(error), flush=True)


main(*sys.argv[1:])
