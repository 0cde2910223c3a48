# SPDX-License-Identifier: MIT
"""What tools share that keep tables in which tests are named."""
import json
import subprocess


def tests_of_build(build):
    """The names of all tests of a build tree."""
    answer = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return [test["name"] for test in json.loads(answer)["tests"]]


def names_of_test(name):
    """A test as a table may name it: without the instance it runs for, as in Prefix/Suite.name/fork."""
    return {name} | {part for part in name.split("/") if "." in part}


def unknown_tests(named, tests):
    """What is wrong with pairs of a row and a test that it names: tests that do not exist."""
    known = set().union(*(names_of_test(test) for test in tests))
    problems = [f"{row}: unknown test {name}" for row, name in named if name not in known]
    unbuilt = [test for test in tests if test.endswith("_NOT_BUILT")]
    if problems and unbuilt:
        problems.append(f"these test programs are not built: {', '.join(unbuilt)}")
    return problems


def cell(text):
    """A text as Markdown tables want it."""
    return text.replace("|", "\\|").replace("<", "&lt;")
