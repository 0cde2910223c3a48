#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Four processes of cohort and four of each Python of this machine change one dict of a server; errors, keys, arrays.

Usage: sharing.py [--results FILE] PEER SERVER      the programs of sharing_peer.cpp and manager_peer.cpp
"""
import argparse
import os
import subprocess
import sys
import tempfile
from multiprocessing import process
from multiprocessing.managers import SyncManager

from connections import HERE, OLDEST
from interpreters import absent, interpreters
from managers import KEY, Server, ask
from results import Results
from sharing_peer import address_text, make_mutex, parse_address

TIMES = 100
PROCESSES = 4
TIMEOUT = 120


class Sides:
    """The programs of cohort, and those of one Python."""

    def __init__(self, peer, server, python):
        script = [python, str(HERE / "sharing_peer.py")]
        self.cohort, self.python = [peer], script
        self.servers = {"cohort": [server, "serve"], "Python": script + ["serve"]}


def owner_of(server):
    """A client of this very interpreter, which makes the objects and keeps them."""
    owner = SyncManager(address=parse_address(server.address), authkey=KEY.encode())
    owner.connect()
    return owner


def count_together(sides, server, atomic):
    """What is wrong with the counts in the end."""
    owner = owner_of(server)
    counts = owner.dict(added=0, updated=0, locked=0)
    lock_type, lock = make_mutex(owner)
    shared = [server.address, KEY, counts._token.id, lock_type, lock._token.id, str(TIMES)]
    running = [subprocess.Popen(side + ["share"] + shared, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                universal_newlines=True) for side in (sides.cohort, sides.python)]
    said = [each.communicate(timeout=TIMEOUT)[0].strip() for each in running]
    wanted = {"added": 0, "updated": 0, "locked": 2 * PROCESSES * TIMES}
    if atomic:
        wanted.update(added=PROCESSES * TIMES, updated=PROCESSES * TIMES)
    got = counts.copy()
    return None if said == ["ok", "ok"] and got == wanted else "%s, not %s; %s" % (got, wanted, said)


def says_ok(command):
    good, said = ask(command)
    return None if good else said


def check(results, version, sides, folder):
    addresses = ["127.0.0.1:0", folder + "/socket", "@cohort-sharing-%d" % os.getpid()]
    for owner, command in sides.servers.items():
        direction = owner + " serves"
        client = sides.python if owner == "cohort" else sides.cohort
        for address in addresses:
            with Server(command, address) as server:
                results.add(version, direction, "one dict changed by four processes of each side: the counts",
                            count_together(sides, server, owner == "cohort"))
                results.add(version, direction, "another key is refused",
                            says_ok(client + ["wrong-key", server.address, KEY]))
                results.add(version, direction, "arrays of numbers", says_ok(sides.cohort + ["arrays", server.address, KEY]))
                if owner == "Python":
                    results.add(version, direction, "exceptions become their counterparts",
                                says_ok(sides.cohort + ["errors", server.address, KEY]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results")
    parser.add_argument("peer")
    parser.add_argument("server")
    arguments = parser.parse_args()
    process.current_process().authkey = KEY.encode()
    found = interpreters(OLDEST)
    results = Results(arguments.results)
    with tempfile.TemporaryDirectory() as folder:
        for version, python in found.items():
            check(results, version, Sides(arguments.peer, arguments.server, python), folder)
    print("not on this machine: " + (", ".join(absent(found, OLDEST)) or "none"))
    return results.end()


if __name__ == "__main__":
    sys.exit(main())
