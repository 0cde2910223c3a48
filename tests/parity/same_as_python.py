#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does with Python's multiprocessing what the program given as argument does with cohort, and compares what they print.

Each line is `what -> result`, with pids written as PID and PARENT. What differs by intention is not printed here:
tests/parity/coverage.tsv has it.
"""
import contextlib
import difflib
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile


def say(what, result):
    print(f"{what} -> {result}", flush=True)


def error_of(call):
    try:
        call()
    except Exception as error:
        return str(error)
    return "no error"


def shown(process):
    text = repr(process)
    with contextlib.suppress(ValueError):
        text = text.replace(f"pid={process.pid}", "pid=PID")
    return text.replace(f"parent={os.getpid()}", "parent=PARENT")


def nothing():
    pass


def wait():
    while True:
        signal.pause()


def fail():
    raise ValueError("MARKER")


def exit_with(code):
    sys.exit(code)


def end_by(number):
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    wait()


def run(target, *args, **options):
    process = multiprocessing.Process(target=target, args=args, **options)
    process.start()
    process.join()
    return process


def exit_codes():
    say("returns", run(nothing).exitcode)
    for code in (0, 1, 3, 255, 256 + 7, -1):
        say(f"exit({code})", run(exit_with, code).exitcode)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGUSR1, signal.SIGALRM):
        say(f"signal {int(number)}", run(end_by, number).exitcode)


def states():
    process = multiprocessing.Process(target=wait, name="worker")
    say("initial", shown(process))
    say("initial, alive", process.is_alive())
    say("join before start", error_of(process.join))
    say("sentinel before start", error_of(lambda: process.sentinel))
    process.daemon = True
    say("daemon", shown(process))
    process.start()
    say("started", shown(process))
    say("started, alive", process.is_alive())
    say("start twice", error_of(process.start))
    say("daemon after start", error_of(lambda: setattr(process, "daemon", False)))
    say("close", error_of(process.close))
    say("children", [child.name for child in multiprocessing.active_children()])
    process.terminate()
    process.join()
    say("stopped", shown(process))
    say("stopped, alive", process.is_alive())
    say("terminate again", error_of(process.terminate))
    say("children", [child.name for child in multiprocessing.active_children()])
    process.close()
    say("closed", shown(process))
    say("closed, alive", error_of(process.is_alive))
    say("closed, join", error_of(process.join))
    say("closed, start", error_of(process.start))


class Mine(multiprocessing.Process):
    def run(self):
        sys.exit(9)


def names():
    def show_child():
        say("name", multiprocessing.current_process().name)
        say("name of a grandchild", multiprocessing.Process(target=nothing).name)
        say("parent", multiprocessing.parent_process().name)

    say("main", multiprocessing.current_process().name)
    say("main's parent", multiprocessing.parent_process())
    run(show_child, name="Renamed")
    process = Mine(name=None)
    process.name = "a'b"
    say("subclass", shown(process))
    process.start()
    process.join()
    say("subclass ended", shown(process))


def daemons():
    run(lambda: say("child of a daemon", error_of(multiprocessing.Process(target=nothing).start)), daemon=True)
    run(lambda: say("daemon", multiprocessing.current_process().daemon), daemon=True)


def others():
    process = multiprocessing.Process(target=wait)
    process.start()
    run(lambda: say("sibling, join", error_of(process.join)))
    run(lambda: say("sibling, alive", error_of(process.is_alive)))
    process.kill()
    process.join()
    unstarted = multiprocessing.Process(target=wait)
    run(lambda: say("sibling, start", error_of(unstarted.start)))


def uncaught():
    def fail_into(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, 2)
        sys.stderr = os.fdopen(2, "w")
        fail()

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stderr")
        say("uncaught", run(fail_into, path, name="Failing").exitcode)
        with open(path) as file:
            lines = file.read().splitlines()
        say("uncaught, first line", lines[0])
        say("uncaught, text", lines[-1].split(": ")[-1])


def logs():
    def log():
        stream = io.StringIO()
        sys.stderr = stream
        logger = multiprocessing.log_to_stderr(20)
        logger.info("text %d", 1)
        logger.debug("not wanted")
        logger.log(35, "more")
        sys.stderr = sys.__stderr__
        logger.setLevel(50)
        for line in stream.getvalue().splitlines():
            say("log", line)

    run(log, name="Logging")


def pools():
    with multiprocessing.Pool(2) as pool:
        say("map", pool.map(abs, range(-5, 0)))
        say("map of nothing", pool.map(abs, []))
        say("map, chunksize", pool.map(abs, range(-5, 0), 2))
        say("starmap", pool.starmap(pow, [(2, 3), (3, 2)]))
        say("apply", pool.apply(abs, (-3,)))
        say("join while running", error_of(pool.join))
        pool.close()
        pool.close()
        say("after close", error_of(lambda: pool.apply(abs, (-3,))))
        pool.join()
    pool = multiprocessing.Pool(1)
    pool.terminate()
    say("after terminate", error_of(lambda: pool.map(abs, [1])))
    pool.join()


def behave_as_python():
    multiprocessing.set_start_method("fork")
    say("start method", multiprocessing.get_start_method())
    say("set again", error_of(lambda: multiprocessing.set_start_method("spawn")))
    for part in (exit_codes, states, names, daemons, others, uncaught, logs, pools):
        part()


def main():
    if len(sys.argv) == 1:
        return behave_as_python()
    python = subprocess.run([sys.executable, __file__], check=True, stdout=subprocess.PIPE, text=True).stdout
    cohort = subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True).stdout
    difference = list(difflib.unified_diff(python.splitlines(), cohort.splitlines(), "python", "cohort", lineterm=""))
    print("\n".join(difference) or f"the same {len(python.splitlines())} lines")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
