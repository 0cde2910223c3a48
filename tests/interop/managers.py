#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Managers of cohort and of every Python of this machine, in both directions.

Usage: managers.py [--results FILE] PEER      PEER is the program of manager_peer.cpp
"""
import argparse
import os
import subprocess
import sys
import tempfile

from connections import HERE, OLDEST
from interpreters import absent, interpreters
from results import Results

KEY = "the key of both"
TIMEOUT = 60


def ask(command):
    """What a program prints, and whether it has succeeded."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT,
                                universal_newlines=True)
    except subprocess.TimeoutExpired as expired:
        return False, "hangs: %s" % (expired.output,)
    return result.returncode == 0 and result.stdout.strip() == "ok", result.stdout


class Server:
    def __init__(self, command, address):
        self.process = subprocess.Popen(command + [address, KEY], stdout=subprocess.PIPE, universal_newlines=True)
        self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.communicate()
        if os.path.exists(self.address):
            os.unlink(self.address)  # Python's do not replace what the dead have left


def check(server, client, addresses):
    """What each address is called, and what went wrong there."""
    for title, address in addresses.items():
        with Server(server, address) as running:
            good, said = ask([each.replace("ADDRESS", running.address) for each in client])
        yield title, None if good else said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results")
    parser.add_argument("peer")
    arguments = parser.parse_args()
    peer = arguments.peer
    found = interpreters(OLDEST)
    results, failures = Results(arguments.results), 0
    with tempfile.TemporaryDirectory() as folder:
        addresses = {"TCP": "127.0.0.1:0", "a path": folder + "/socket",
                     "an abstract address": "@cohort-managers-%d" % os.getpid()}
        serve, use = [peer, "serve"], [peer, "use", "ADDRESS", KEY]
        for title, problem in check(serve, use, addresses):
            if problem is not None:
                failures += 1
                print("cohort serves, cohort uses, at %s:\n%s" % (title, problem))
        for version, python in found.items():
            client = [python, str(HERE / "manager_client.py"), "ADDRESS", KEY, "all"]
            for title, problem in check(serve, client, addresses):
                results.add(version, "cohort serves", "types and methods of managers over " + title, problem)
            server = [python, str(HERE / "manager_server.py")]
            for title, problem in check(server, [peer, "use-python", "ADDRESS", KEY], addresses):
                results.add(version, "Python serves", "types and methods of managers over " + title, problem)
    print("with " + ", ".join(".".join(map(str, version)) for version in found))
    print("not on this machine: " + (", ".join(absent(found, OLDEST)) or "none"))
    return 1 if failures else results.end()


if __name__ == "__main__":
    sys.exit(main())
