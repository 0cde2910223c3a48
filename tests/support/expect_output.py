# SPDX-License-Identifier: MIT
"""Runs a program: it must end with status 0 and print what the expression describes.

Usage: expect_output.py EXPRESSION PROGRAM [ARGUMENT...]
"""
import re
import subprocess
import sys

expression, *command = sys.argv[1:]
run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
print(run.stdout, end="")
if run.returncode != 0:
    sys.exit(f"status {run.returncode}")
if not re.fullmatch(expression, run.stdout, re.S):
    sys.exit(f"this is not what {expression!r} describes")
