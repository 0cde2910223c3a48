# SPDX-License-Identifier: MIT
"""tools/check_abi tells what breaks programs from what does not."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_abi"
RELEASED = "struct Pair { int a, b; int sum() const; };\nint twice(const Pair& pair);"
BODIES = "\nint Pair::sum() const { return a + b; }\nint twice(const Pair& pair) { return 2 * pair.sum(); }\n"
INSTANCE = "#include <vector>\nvoid grow(std::vector<long>& v) { v.resize(100); }\n"


@unittest.skipUnless(shutil.which("abidiff"), "abigail-tools are not installed")
class CheckAbi(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.assertEqual(self.run_tool(self.library(RELEASED + BODIES), "--write").returncode, 0)

    def library(self, text, soname="libsmall.so.1", flags=("-g",)):
        source, library = self.root / "small.cpp", self.root / "libsmall.so"
        source.write_text(f"namespace cohort {{\n{text}}}\n" if "#include" not in text else text)
        subprocess.run(["c++", "-shared", "-fPIC", *flags, f"-Wl,-soname,{soname}", source, "-o", library], check=True)
        return library

    def run_tool(self, library, *flags):
        return subprocess.run([TOOL, *flags, library, self.root / "abi"], capture_output=True, text=True)

    def assert_verdict(self, status, library):
        run = self.run_tool(library)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)

    def test_the_same(self):
        self.assert_verdict(0, self.library(RELEASED + BODIES))

    def test_an_addition(self):
        self.assert_verdict(0, self.library(RELEASED + BODIES + "int more() { return 1; }\n"))

    def test_a_function_that_is_gone(self):
        self.assert_verdict(1, self.library(RELEASED + BODIES.replace("int twice", "static int once")))

    def test_a_member_that_moved(self):
        self.assert_verdict(1, self.library(RELEASED.replace("int a, b;", "long c; int a, b;") + BODIES))

    def test_an_argument_of_another_type(self):
        text = (RELEASED + BODIES).replace("int twice(const Pair&", "long twice(Pair&")
        self.assert_verdict(1, self.library(text))

    def test_a_new_soname_may_break_all(self):
        self.assert_verdict(0, self.library("int other() { return 1; }\n", soname="libsmall.so.2"))

    def test_without_debug_information(self):
        self.assert_verdict(2, self.library(RELEASED + BODIES, flags=()))

    def test_the_standard_library_is_no_interface(self):
        with_templates = f"{INSTANCE}namespace cohort {{\n{RELEASED}{BODIES}}}\n"
        self.assertEqual(self.run_tool(self.library(with_templates), "--write").returncode, 0)
        self.assert_verdict(0, self.library(RELEASED + BODIES))


if __name__ == "__main__":
    unittest.main()
