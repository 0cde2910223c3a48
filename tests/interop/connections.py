#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Listener and Client of cohort and of every Python of this machine, in both directions.

Usage: connections.py [--huge] [--results FILE] PEER      PEER is the program of peer.cpp; --huge: messages longer than 2 GiB
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from interpreters import absent, interpreters
from results import Results

HERE = Path(__file__).resolve().parent
OLDEST = 8  # before 3.8 no message could be longer than 2 GiB
SIZES = [0, 1, 20, 255, 256, 4095, 16384, 16385, 65536, 1000003, 1 << 20]
HUGE_SIZES = [(1 << 31) + 5]
TIMEOUT = 120
HUGE_TIMEOUT = 800


class Side:
    """A program that listens or connects."""

    def __init__(self, command, mode, **options):
        sizes = options.pop("sizes", [])
        arguments = ["%s=%s" % pair for pair in options.items()] + ["size=%d" % size for size in sizes]
        self.process = subprocess.Popen(command + [mode] + arguments, stdout=subprocess.PIPE, universal_newlines=True)

    def line(self):
        return self.process.stdout.readline().strip()

    def end(self, timeout):
        """Its last line."""
        try:
            lines = self.process.communicate(timeout=timeout)[0].split("\n")
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return "hangs"
        return [line for line in lines if line][-1:] and [line for line in lines if line][-1] or "nothing"


def talk(listener, client, address, of_listener, of_client, sizes, timeout=TIMEOUT):
    """What both sides say in the end."""
    server = Side(listener, "listen", address=address, **of_listener)
    peer = Side(client, "connect", address=server.line(), sizes=sizes, **of_client)
    said = peer.end(timeout)
    return server.end(timeout), said


class Matrix:
    def __init__(self, peer, results):
        self.cohort = [peer]
        self.results = results

    def expect(self, version, title, case, got, listener, client):
        wanted = (listener, client)
        good = all(said.startswith(begin) for said, begin in zip(got, wanted))
        self.results.add(version, title, "connections: " + case,
                         None if good else "listener and client said %s, not %s" % (got, wanted))

    def check_both_ways(self, version, python, folder, quirks, old):
        for title, listener, client in (("cohort listens", self.cohort, python), ("Python listens", python, self.cohort)):
            def run(case, listener_says, client_says, address="127.0.0.1:0", **keys):
                of = {"listen": {}, "connect": {}}
                for option, value in keys.items():
                    side, key = option.split("_", 1)
                    for each in (side,) if side in of else ("listen", "connect"):
                        of[each][key] = value
                got = talk(listener, client, address, of["listen"], of["connect"], SIZES)
                self.expect(version, title, case.split(" at ")[0], got, listener_says, client_says)

            cohort_listens = listener is self.cohort
            run("no key", "done", "done")
            for address in ("127.0.0.1:0", folder + "/socket", "@cohort-interop-%d" % os.getpid()):
                run("a key at " + address, "done", "done", address=address, both_key="secret")
            run("another key", "refused", "refused", listen_key="secret", connect_key="another")
            if cohort_listens or "no-empty-key" not in quirks:
                run("an empty key", "done", "done", both_key="")
            else:
                run("an empty key", "done", "refused", both_key="", connect_handshake=300)
            refused_by_md5 = "refused" if old else "done"
            if cohort_listens:
                self.expect(version, title, "objects",
                            talk(listener, client, "127.0.0.1:0", {"objects": "yes"}, {"objects": "yes"}, []), "done", "done")
                run("only cohort has a key", "refused", "error", listen_key="secret")
                run("no MD5", refused_by_md5, refused_by_md5, both_key="secret", listen_md5="no")
            else:
                run("only cohort has a key", "done", "refused", connect_key="secret", connect_handshake=300)
                run("only Python has a key", "refused", "error", listen_key="secret")
                run("no MD5", "error" if old else "done", refused_by_md5, both_key="secret", connect_md5="no")


def available_memory():
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) * 1024
    return 0


def check_huge(matrix, version, python):
    for title, listener, client in (("cohort listens", matrix.cohort, python), ("Python listens", python, matrix.cohort)):
        got = talk(listener, client, "127.0.0.1:0", {}, {}, HUGE_SIZES, HUGE_TIMEOUT)
        matrix.expect(version, title, "more than 2 GiB", got, "done", "done")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--huge", action="store_true")
    parser.add_argument("--results")
    parser.add_argument("peer")
    arguments = parser.parse_args()
    results = Results(arguments.results)
    matrix = Matrix(arguments.peer, results)
    found = interpreters(OLDEST)
    if arguments.huge:
        found = dict(list(found.items())[-1:])
        if available_memory() < 12 << 30:
            print("skipped: it takes 12 GiB of memory")
            return
    for version, interpreter in found.items():
        name = "Python %d.%d.%d" % version
        python = [interpreter, str(HERE / "peer.py")]
        if arguments.huge:
            check_huge(matrix, version, python)
        else:
            quirks = subprocess.run(python + ["quirks"], stdout=subprocess.PIPE, universal_newlines=True).stdout
            with tempfile.TemporaryDirectory() as folder:
                matrix.check_both_ways(version, python, folder, quirks, version < (3, 12))
        print(name, "was tried")
    if arguments.huge:
        sys.exit(results.end())
    print("not on this machine:", " ".join(absent(found, OLDEST)) or "none")
    sys.exit(results.end())


if __name__ == "__main__":
    main()
