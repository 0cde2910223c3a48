#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests examples/80_programs/service as its clients see it. SERVICE names the program."""
import os
import signal
import socket
import subprocess
import unittest

SERVICE = os.environ["SERVICE"]
LONG = 100_000_000_000  # a request that does not end


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.lines = self.socket.makefile("r")

    def send(self, request):
        self.socket.sendall(f"{request}\n".encode())

    def receive(self):
        return self.lines.readline().rstrip("\n")

    def ask(self, request):
        self.send(request)
        return self.receive()


class Service(unittest.TestCase):
    def serve(self, seconds):
        self.server = subprocess.Popen([SERVICE, str(seconds)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        first = self.server.stdout.readline()
        self.assertTrue(first.startswith("listening at 127.0.0.1:"), first)
        self.port = int(first.rpartition(":")[2])

    def client(self):
        client = Client(self.port)
        self.addCleanup(client.socket.close)
        self.addCleanup(client.lines.close)
        return client

    def stop(self, number=signal.SIGTERM):
        self.server.send_signal(number)

    def check_stopped(self):
        self.assertEqual(self.server.stdout.read(), "stopped\n")
        self.assertEqual(self.server.wait(60), 0)

    def test_many_clients_are_answered(self):
        self.serve(60)
        clients = [self.client() for _ in range(20)]
        for client in clients:
            client.send(100)
        for client in clients:
            self.assertEqual(client.receive(), "25 primes")
            self.assertEqual(client.ask(10), "4 primes")
        self.stop()
        self.check_stopped()

    def test_a_wrong_request_is_told(self):
        self.serve(60)
        client = self.client()
        self.assertEqual(client.ask("ten"), "error: send a number, or workers")
        self.assertEqual(client.ask(""), "error: send a number, or workers")
        self.assertEqual(client.ask(10), "4 primes")
        self.stop(signal.SIGINT)
        self.check_stopped()

    def test_a_request_that_takes_too_long_costs_itself_only(self):
        self.serve(2)
        client, other = self.client(), self.client()
        client.send(LONG)
        self.assertEqual(other.ask(10), "4 primes")
        self.assertEqual(client.receive(), "error: it takes too long")
        self.assertEqual(client.ask(10), "4 primes")
        self.stop()
        self.check_stopped()

    def test_killed_workers_are_replaced(self):
        self.serve(60)
        client = self.client()
        workers = client.ask("workers").split()[1:]
        self.assertEqual(len(workers), 2)
        for worker in workers:
            os.kill(int(worker), signal.SIGKILL)
        self.assertEqual(client.ask(10), "4 primes")
        self.assertFalse(set(workers) & set(client.ask("workers").split()[1:]))
        self.stop()
        self.check_stopped()

    def test_what_was_asked_is_answered_before_the_end(self):
        self.serve(2)
        busy, idle = self.client(), self.client()
        self.assertEqual(idle.ask(10), "4 primes")
        busy.send(f"10\n{LONG}")  # the server reads both at once
        self.assertEqual(busy.receive(), "4 primes")
        self.stop()
        self.assertEqual(idle.receive(), "")
        self.assertEqual(busy.receive(), "error: it takes too long")
        self.assertEqual(busy.receive(), "")
        self.check_stopped()

    def test_a_client_that_leaves_disturbs_nobody(self):
        self.serve(60)
        for _ in range(5):
            client = self.client()
            client.send(1000)
            client.socket.close()
        self.assertEqual(self.client().ask(10), "4 primes")
        self.stop()
        self.check_stopped()


if __name__ == "__main__":
    unittest.main()
