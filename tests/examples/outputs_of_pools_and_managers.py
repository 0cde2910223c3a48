# SPDX-License-Identifier: MIT
"""What no expression can say of the outputs of examples with pools and managers.

Usage: outputs_of_pools_and_managers.py EXAMPLE PROGRAM
"""
import ast
import re
import subprocess
import sys
import time


def run(program):
    """@returns the process number, the lines, and how many seconds it took"""
    begin = time.monotonic()
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    lines = process.communicate()[0].splitlines()
    assert process.returncode == 0, process.returncode
    return process.pid, lines, time.monotonic() - begin


def numbers_after(text, lines):
    return [int(line.removeprefix(text)) for line in lines if line.startswith(text)]


def free_worker(program):
    _, lines, seconds = run(program)
    running = 0
    for line in lines:
        running += line.endswith("begins")
        running -= line.endswith("ends")
        assert running <= 3, lines
    assert seconds >= 11 * 0.05, seconds


def first_come_first_served(program):
    _, _, seconds = run(program)
    assert seconds >= 17 * 0.02, seconds  # 50 units of work in three workers


def apply_waits(program):
    _, _, seconds = run(program)
    assert seconds >= 7 * 0.05, seconds


def async_results(program):
    _, _, seconds = run(program)
    assert seconds >= 2 * 0.1, seconds


def results_after_join(program):
    main, lines, seconds = run(program)
    workers = {int(line.rpartition(" ")[2]) for line in lines if "running, pid" in line}
    assert len(workers) <= 3 and main not in workers, workers
    assert seconds >= 3 * 0.05, seconds


def close_and_join(program):
    main, lines, _ = run(program)
    workers = set(numbers_after("in process ", lines))
    assert len(workers) <= 5 and main not in workers, workers


def callback_in_parent(program):
    main, lines, seconds = run(program)
    assert numbers_after("Main process ", lines) == [main], lines
    assert numbers_after("-->exec done: ", lines) == [main] * 3, lines
    workers = set(numbers_after("in process ", lines))
    assert len(workers) <= 2 and main not in workers, workers
    unanswered = 0
    for line in lines:
        unanswered += line.startswith("in process")
        unanswered -= line.startswith("-->")
        assert unanswered >= 0, lines
    assert seconds >= 2 * 0.1, seconds


def tickets(program):
    """@returns the tickets that were sold, and how many are left"""
    _, lines, _ = run(program)
    return [int(line.rpartition(" ")[2]) for line in lines[:-1]], int(lines[-1].removeprefix("end..."))


def tickets_lost(program):
    for _ in range(100):
        sold, left = tickets(program)
        assert len(sold) == 20 or left == 0, (sold, left)
        if left > 0 and len(set(sold)) < len(sold):
            return
    sys.exit("no ticket was sold twice in 100 runs")


def tickets_with_lock(program):
    for _ in range(10):
        assert tickets(program) == (list(range(20, 0, -1)), 0)


def tickets_in_one_call(program):
    for _ in range(10):
        _, lines, _ = run(program)
        assert sorted(int(line.rpartition(" ")[2]) for line in lines[:-1]) == list(range(1, 21)), lines


def shared_dict_and_list(program):
    main, lines, _ = run(program)
    *prints, entries, elements = (ast.literal_eval(line) for line in lines)
    assert elements[:5] == [0, 1, 2, 3, 4], elements
    pids = elements[5:]
    assert len(set(pids)) == 10 and main not in pids, elements
    assert set().union(*prints) == set(elements), lines
    assert all(1 <= key <= 50 and 51 <= value <= 100 for key, value in entries.items()), entries


def pool_or_processes(program):
    _, lines, _ = run(program)
    times = [float(re.fullmatch(r"(?:pool|processes): ([0-9.e-]+) s", line)[1]) for line in lines[:2]]
    assert all(each > 0 for each in times), lines


_, example, executable = sys.argv
globals()[example](executable)
