#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The locks, the pool and the shared memory of managers of cohort and of every Python of this machine, in both
directions.

Usage: synchronization.py PEER      PEER is the program of synchronization_peer.cpp
"""
import argparse
import os
import sys
import tempfile

from connections import HERE, OLDEST
from interpreters import absent, interpreters
from managers import KEY, check


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer")
    peer = parser.parse_args().peer
    found = interpreters(OLDEST)
    failures = 0

    def expect(name, server, client, addresses):
        nonlocal failures
        for title, problem in check(server, client, addresses):
            if problem is not None:
                failures += 1
                print("%s, over %s:\n%s" % (name, title, problem))

    serve = [peer, "serve"]
    with tempfile.TemporaryDirectory() as folder:
        of_python = {"TCP": "127.0.0.1:0", "a path": folder + "/socket"}
        addresses = {**of_python, "an abstract address": "@cohort-synchronization-%d" % os.getpid()}
        expect("cohort serves, cohort uses", serve, [peer, "use-cohort", "ADDRESS", KEY], addresses)
        for version, python in found.items():
            name = "Python " + ".".join(map(str, version))
            client = [python, str(HERE / "synchronization_client.py"), "ADDRESS", KEY, "cohort"]
            expect("cohort serves, %s uses" % name, serve, client, addresses)
            server = [python, str(HERE / "synchronization_server.py")]
            use = [peer, "use-python" if version >= (3, 9) else "use-python-3.8", "ADDRESS", KEY]
            expect("%s serves, cohort uses" % name, server, use, of_python)
    print("with " + ", ".join(".".join(map(str, version)) for version in found))
    print("not on this machine: " + (", ".join(absent(found, OLDEST)) or "none"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
