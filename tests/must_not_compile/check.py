# SPDX-License-Identifier: MIT
"""Checks that a file is rejected with a text that helps.

Usage: check.py FILE COMPILER [FLAG...]

The file says in comments `// expect: TEXT` what the compiler must print; it may print one error,
and few lines around it. With
-DCURED it must compile: so the error has no other cause, and what the text advises works.
"""
import re
import subprocess
import sys

MOST_ERRORS = 1
MOST_LINES = 30


def compile_file(compiler, flags, file):
    return subprocess.run([compiler, *flags, "-std=c++20", "-fsyntax-only", "-fdiagnostics-color=never", file],
                          capture_output=True, text=True)


def problems(file, compiler, flags):
    with open(file) as source:
        expected = re.findall(r"^// expect: (.*\S)", source.read(), re.M)
    if not expected:
        yield "the file has no line '// expect: TEXT'"
    cured = compile_file(compiler, [*flags, "-DCURED"], file)
    if cured.returncode != 0:
        yield f"with -DCURED it must compile:\n{cured.stderr}"
    run = compile_file(compiler, flags, file)
    if run.returncode == 0:
        yield "it compiles"
    for text in expected:
        if text not in run.stderr:
            yield f"'{text}' is not in what the compiler says:\n{run.stderr}"
    errors = len(re.findall(r"\berror: ", run.stderr))
    if errors > MOST_ERRORS:
        yield f"{errors} errors where {MOST_ERRORS} should do:\n{run.stderr}"
    lines = run.stderr.count("\n")
    if lines > MOST_LINES:
        yield f"{lines} lines where {MOST_LINES} should do:\n{run.stderr}"


def main():
    file, compiler, *flags = sys.argv[1:]
    found = list(problems(file, compiler, flags))
    for problem in found:
        print(f"{file}: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
