#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples task_master and task_worker in all four pairs of C++ and Python, with every Python of this machine.

Usage: tasks.py EXAMPLES MASTER WORKER      EXAMPLES has those in Python, the others are the programs in C++
"""
import argparse
import os
import re
import socket
import subprocess
import sys
import threading

from connections import OLDEST
from interpreters import absent, interpreters

TIMEOUT = 60


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def start(command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)


def end(program):
    """What it has printed, and whether it has ended well."""
    limit = threading.Timer(TIMEOUT, program.kill)
    limit.start()
    with program:
        printed = program.stdout.read()
    limit.cancel()
    return printed, program.returncode == 0


def begin_master(command):
    """A port may be taken by another one between the look and the use."""
    for _ in range(5):
        port = free_port()
        master = start(command + ["127.0.0.1", port])
        first = master.stdout.readline()
        if first.startswith("Put Task"):
            return master, first, port
        end(master)
    raise SystemExit("%s does not start: %s" % (command, first))


def is_right(master, worker):
    tasks = re.findall(r"^Put Task (\d+)$", master, re.M)
    results = ["%s * %s = %d" % (n, n, int(n) ** 2) for n in tasks]
    expected = ["Put Task " + n for n in tasks] + ["Try get results"]
    expected += ["Result: " + each for each in results] + ["master exit"]
    run = ["run task %s * %s" % (n, n) for n in tasks] + ["worker exit"]
    return len(tasks) == 10 and master.splitlines() == expected and worker.splitlines() == run


def check(title, master_command, worker_command):
    master, printed, port = begin_master(master_command)
    worked, worker_well = end(start(worker_command + ["127.0.0.1", port, "0.01"]))
    rest, master_well = end(master)
    if worker_well and master_well and is_right(printed + rest, worked):
        return 0
    print("%s:\n-- master\n%s%s-- worker\n%s" % (title, printed, rest, worked))
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples")
    parser.add_argument("master")
    parser.add_argument("worker")
    given = parser.parse_args()
    found = interpreters(OLDEST)
    failures = check("C++, C++", [given.master], [given.worker])
    for version, python in found.items():
        name = "Python " + ".".join(map(str, version))
        master = [python, os.path.join(given.examples, "task_master.py")]
        worker = [python, os.path.join(given.examples, "task_worker.py")]
        failures += check("C++, " + name, [given.master], worker)
        failures += check(name + ", C++", master, [given.worker])
        failures += check(name + ", the same", master, worker)
    print("with " + ", ".join(".".join(map(str, version)) for version in found))
    print("not on this machine: " + (", ".join(absent(found, OLDEST)) or "none"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
