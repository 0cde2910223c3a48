#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exchanges named shared memory with the program given as argument: each side makes what the other one reads and writes.

Python up to 3.12 unlinks at its exit what it has only opened: attach() prevents that.
"""
import os
import subprocess
import sys
import unittest
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory

PROGRAM = None


def attach(name):
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    # [attach]
    memory = SharedMemory(name)
    resource_tracker.unregister(memory._name, "shared_memory")
    # [/attach]
    return memory


def attach_list(name):
    found = ShareableList(name=name)
    if hasattr(found.shm, "_track") and sys.version_info >= (3, 13):
        found.shm._track = False
    resource_tracker.unregister(found.shm._name, "shared_memory")
    return found


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def made(*arguments):
    """The running program that has made something, and its name."""
    program = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return program, program.stdout.readline().strip()


def end_of(program):
    """What the program prints when it may end."""
    return program.communicate(timeout=60)[0]


class Exchange(unittest.TestCase):
    def test_python_opens_a_segment_of_cohort(self):
        program, name = made("make", "200")
        memory = attach(name)
        self.assertEqual(memory.size, 200)
        self.assertEqual(bytes(memory.buf), bytes(range(200)))
        memory.buf[0] = 99
        memory.close()
        self.assertEqual(end_of(program), "99 " + "".join(f"{i} " for i in range(1, 200)) + "\n")
        self.assertFalse(os.path.exists(f"/dev/shm/{name}"))

    def test_cohort_opens_a_segment_of_python(self):
        memory = SharedMemory(create=True, size=5)
        memory.buf[:] = bytes([1, 2, 3, 4, 255])
        self.assertEqual(run("show", memory.name), "1 2 3 4 255 \n")
        self.assertEqual(bytes(memory.buf), bytes([2, 3, 4, 5, 0]))
        self.assertTrue(os.path.exists(f"/dev/shm/{memory.name}"), "attaching must not unlink")
        memory.close()
        memory.unlink()

    def test_python_opens_a_list_of_cohort(self):
        program, name = made("make-list")
        items = attach_list(name)
        self.assertEqual(list(items), [1, -2, 2.5, "text", "größe", b"\x00\xff", True, False, None])
        self.assertEqual([type(item) for item in items], [int, int, float, str, str, bytes, bool, bool, type(None)])
        items[0] = "changed"
        items[3] = b"x"
        items[6] = None
        items[-1] = -0.5
        shown = f"{items!r}\n{items.format}\n"
        items.shm.close()
        self.assertEqual(end_of(program), shown)

    def test_cohort_opens_a_list_of_python(self):
        items = ShareableList([1, 2.5, "abc", b"x", None, True, "größe", "", 1e300, -(2**63), "it's"])
        self.assertEqual(run("show-list", items.shm.name), f"{items!r}\n{items.format}\n")
        run("change-list", items.shm.name)
        self.assertEqual(list(items), ["12345678", None, True, 77, b"bytes", True, "größe", "", 1e300, -(2**63), 0.1])
        self.assertEqual(run("show-list", items.shm.name), f"{items!r}\n{items.format}\n")
        items.shm.close()
        items.shm.unlink()

    def test_both_make_the_same_bytes(self):
        values = [1, -2, 2.5, "text", "grosse", b"\x00\xff", True, False, None]
        ours = ShareableList(values)
        self.assertEqual(ours.shm.size, 8 * (2 + 9) + 9 * 8 + 9 * 8 + 9)
        program, name = made("make-list")
        theirs = attach_list(name)
        theirs[4] = "grosse"
        self.assertEqual(bytes(theirs.shm.buf), bytes(ours.shm.buf)[:theirs.shm.size])
        theirs.shm.close()
        end_of(program)
        ours.shm.close()
        ours.shm.unlink()

    def test_the_errors_have_the_same_text(self):
        one = ShareableList(["a"])
        calls = {
            "size zero": lambda: SharedMemory(create=True, size=0),
            "size negative": lambda: SharedMemory(create=True, size=-1),
            "no name": lambda: SharedMemory(),
            "too long": lambda: one.__setitem__(0, "123456789"),
            "not in it": lambda: one.index("b"),
            "index": lambda: one[1],
            "assigned index": lambda: one.__setitem__(1, 1),
        }
        for what, call in calls.items():
            with self.assertRaises((ValueError, IndexError)) as caught:
                call()
            self.assertEqual(run("error", what), f"{caught.exception}\n", what)
        one.shm.close()
        one.shm.unlink()


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
