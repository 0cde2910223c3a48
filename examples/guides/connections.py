# SPDX-License-Identifier: MIT
"""Talks to the program given as argument: to its listener, and as the listener of its client."""
import subprocess
import sys

program = sys.argv[1]


def ask(address):
    # [client]
    from multiprocessing.connection import Client

    with Client(address, authkey=b"secret") as connection:
        connection.send_bytes(b"hello")
        print(connection.recv_bytes().decode())
    # [/client]


def serve():
    # [listener]
    from multiprocessing.connection import Listener

    with Listener(("127.0.0.1", 0), authkey=b"secret") as listener:
        print("%s:%d" % listener.address, flush=True)
        with listener.accept() as connection:
            connection.send_bytes(connection.recv_bytes().upper())
    # [/listener]


if len(sys.argv) > 2:
    serve()
else:
    with subprocess.Popen([program, "serve"], stdout=subprocess.PIPE, universal_newlines=True) as server:
        host, port = server.stdout.readline().strip().rsplit(":", 1)
        ask((host, int(port)))
    command = [sys.executable, __file__, program, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, universal_newlines=True) as server:
        subprocess.run([program, "ask", server.stdout.readline().strip()], check=True)
