# SPDX-License-Identifier: MIT
"""The interpreters of Python on this machine."""
import os
import subprocess
from pathlib import Path

NEWEST = 14


def versions(oldest):
    """The names of the versions that users have, from Python 3.`oldest` on."""
    return ["3.%d" % minor for minor in range(oldest, NEWEST + 1)]


def version_of(interpreter):
    """(3, 11, 7), or None if it does not run."""
    try:
        found = subprocess.run([interpreter, "-c", "import sys; print(*sys.version_info[:3])"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, timeout=60)
        return tuple(map(int, found.stdout.split())) or None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def interpreters(oldest):
    """{(3, 11, 7): path} of those from Python 3.`oldest` on, from the PATH and from pyenv."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    names = ["python3"] + ["python" + version for version in versions(oldest)]
    candidates = [folder / name for folder in folders for name in names]
    candidates += sorted(Path.home().glob(".pyenv/versions/*/bin/python3"))
    found = {}
    for candidate in filter(os.path.exists, candidates):
        version = version_of(str(candidate))
        if version and version >= (3, oldest):
            found.setdefault(version, str(candidate))
    return dict(sorted(found.items()))


def absent(found, oldest):
    """The names of the versions that are not among those found."""
    there = {"%d.%d" % version[:2] for version in found}
    return [version for version in versions(oldest) if version not in there]
