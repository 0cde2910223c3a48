#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Managers of cohort and of every Python of this machine, in both directions.

Usage: managers.py PEER      PEER is the program of manager_peer.cpp
"""
import argparse
import os
import subprocess
import sys
import tempfile

from connections import HERE, OLDEST
from interpreters import absent, interpreters

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


def check(title, server, client, addresses):
    failures = 0
    for address in addresses:
        with Server(server, address) as running:
            good, said = ask([each.replace("ADDRESS", running.address) for each in client])
        if not good:
            failures += 1
            print("%s, at %s:\n%s" % (title, address, said))
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer")
    peer = parser.parse_args().peer
    found = interpreters(OLDEST)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        addresses = ["127.0.0.1:0", folder + "/socket", "@cohort-managers-%d" % os.getpid()]
        serve, use = [peer, "serve"], [peer, "use", "ADDRESS", KEY]
        failures += check("cohort serves, cohort uses", serve, use, addresses)
        for version, python in found.items():
            name = "Python " + ".".join(map(str, version))
            client = [python, str(HERE / "manager_client.py"), "ADDRESS", KEY, "all"]
            failures += check("cohort serves, %s uses" % name, serve, client, addresses)
            server = [python, str(HERE / "manager_server.py")]
            failures += check("%s serves, cohort uses" % name, server, [peer, "use-python", "ADDRESS", KEY], addresses)
    print("with " + ", ".join(".".join(map(str, version)) for version in found))
    print("not on this machine: " + (", ".join(absent(found, OLDEST)) or "none"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
