# SPDX-License-Identifier: MIT
"""What the tests of this folder have shown, a line for each: version, direction, what, passed or failed."""


class Results:
    def __init__(self, path=None):
        """path: of a file that gets the lines, or None"""
        self._path = path
        self._good = {}

    def add(self, version, direction, what, problem=None):
        """problem: what is wrong, or None. What is tried several times has passed if it always has."""
        key = "%d.%d" % version[:2], direction, what
        self._good[key] = self._good.get(key, True) and problem is None
        if problem is not None:
            print("Python %s, %s, %s:\n%s" % (*key, problem))

    def end(self):
        """The status of the program."""
        if self._path:
            with open(self._path, "a") as file:
                for key, good in self._good.items():
                    print(*key, "passed" if good else "failed", sep="\t", file=file)
        return 0 if all(self._good.values()) else 1
