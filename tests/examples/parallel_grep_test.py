#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests examples/80_programs/grep as its users run it. PARALLEL_GREP names the program."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

GREP = os.environ["PARALLEL_GREP"]


def run(program, *arguments, **options):
    return subprocess.run([*program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, **options)


class ParallelGrep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="parallel-grep-test-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.add("a", b"one\nTwo\nthree (3)\n")
        self.add("empty", b"")
        self.add("below/b", b"two\none more, without newline")
        self.add("below/binary", b"one\0\none\n")

    def add(self, name, content):
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def grep(self, *arguments):
        return run([GREP], *arguments)

    def check_as_grep(self, *arguments):
        """The lines are those of grep, which walks through directories in another order."""
        ours = self.grep(*arguments, str(self.root))
        kind = [] if any("F" in argument for argument in arguments) else ["-E"]
        theirs = run(["grep", "-r", *kind], *arguments, str(self.root), env={**os.environ, "LC_ALL": "C"})
        # Where the line about binary files goes, and what it says, depends on the version.
        lines = [re.sub(rb"^grep: (.*): binary file matches$", rb"Binary file \1 matches", line)
                 for line in (theirs.stdout + theirs.stderr).splitlines()]
        self.assertEqual(sorted(ours.stdout.splitlines()), sorted(lines))
        self.assertEqual(ours.returncode, theirs.returncode)
        self.assertEqual(ours.stderr, b"")

    def test_finds_what_grep_finds(self):
        for arguments in (["o"], ["-n", "o"], ["-i", "TWO"], ["-l", "one"], ["-F", "(3)"], ["-iF", "E (3"],
                          ["t(wo|hree)"], ["-m", "1", "[a-z]"], ["nothing of this"]):
            with self.subTest(arguments):
                self.check_as_grep(*arguments)

    def test_counts_lines(self):
        output = self.grep("-c", "o", str(self.root / "a"), str(self.root / "below/b")).stdout.decode()
        self.assertEqual(output, f"{self.root}/a:2\n{self.root}/below/b:2\n")

    def test_a_file_that_takes_too_long_costs_itself_only(self):
        evil = self.add("evil", b"a" * 40 + b"!\n")
        found = self.grep("--timeout", "2", "(a+)+b|thre+", str(self.root))
        self.assertEqual(found.stdout.decode(), f"{self.root}/a:three (3)\n")
        self.assertEqual(found.stderr.decode(), f"parallel_grep: {evil}: takes too long\n")
        self.assertEqual(found.returncode, 2)

    def test_a_file_that_kills_its_worker_costs_itself_only(self):
        long_line = self.add("long", b"x" * 3_000_000)  # the library's expressions recurse for each character
        found = self.grep("(x|y)*z|thre+", str(self.root))
        self.assertEqual(found.stdout.decode(), f"{self.root}/a:three (3)\n")
        self.assertIn(f"parallel_grep: {long_line}: ", found.stderr.decode())
        self.assertIn("SIGSEGV", found.stderr.decode())

    def test_a_file_that_takes_too_much_memory_costs_itself_only(self):
        with open(self.root / "sparse", "wb") as sparse:
            sparse.truncate(1 << 30)
        found = self.grep("--memory", "64", "thre+", str(self.root))
        self.assertEqual(found.stdout.decode(), f"{self.root}/a:three (3)\n")
        self.assertEqual(found.stderr.decode(), f"parallel_grep: {self.root}/sparse: takes too much memory\n")

    def test_what_cannot_be_read_is_told(self):
        found = self.grep("one", str(self.root / "none"), str(self.root / "a"))
        self.assertEqual(found.stdout.decode(), f"{self.root}/a:one\n")
        self.assertEqual(found.stderr.decode(), f"parallel_grep: {self.root}/none: No such file or directory\n")
        self.assertEqual(found.returncode, 2)

    def test_wrong_calls(self):
        for arguments in ([], ["("], ["--timeout", "0", "x"], ["--processes", "0", "x"], ["--no-such", "x"]):
            with self.subTest(arguments):
                self.assertEqual(self.grep(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
