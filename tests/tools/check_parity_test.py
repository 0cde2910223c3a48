# SPDX-License-Identifier: MIT
"""tools/check_parity finds each kind of gap in the coverage table and nothing else."""
import importlib.machinery
import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_parity"

sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOL.parent))  # where it finds its modules
loader = importlib.machinery.SourceFileLoader("check_parity", str(TOOL))
check_parity = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_parity", loader))
loader.exec_module(check_parity)

ROWS = "A1 (Functions): 2\nB (Pains): 1\n_TestProcess: kill\nno_hang = crash\n"
GOOD = ["A1.1\tcounts CPUs\tdiffers\tModule.cpu_count\tAffinity counts.",
        "A1.2\tno method\tabsent\t\tNobody needs it.",
        "B1\thangs\tpart 3\t\t",
        "_TestProcess.test_kill\tkills\ttest\tTestProcess.kill\t",
        "no_hang.crash\tcrashes\ttest\tTestProcess.kill Module.cpu_count\t"]
PAGE = f"text\n{check_parity.BEGIN}\n{check_parity.END}\nmore\n"


class CheckParity(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "tests/parity").mkdir(parents=True)
        (self.root / "docs").mkdir()
        (self.root / "tests/parity/rows.txt").write_text(ROWS)
        self.page = self.root / "docs/from-python.md"
        self.page.write_text(PAGE)

    def run_tool(self, lines, *arguments):
        text = "\n".join(["\t".join(check_parity.COLUMNS), *lines]) + "\n"
        (self.root / "tests/parity/coverage.tsv").write_text(text)
        run = subprocess.run([sys.executable, TOOL, self.root, *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1 if run.stderr else 0)
        return run.stderr

    def assert_error(self, lines, text):
        found = self.run_tool(lines, "--write")
        self.assertIn(text, found)
        self.assertEqual(found.count("\n"), 1, found)

    def with_line(self, line):
        return [line if line.split("\t")[0] == good.split("\t")[0] else good for good in GOOD]

    def test_a_whole_table(self):
        self.assertEqual(self.run_tool(GOOD, "--write"), "")
        self.assertEqual(self.run_tool(GOOD), "")

    def test_a_missing_row(self):
        self.assert_error(GOOD[1:], "A1.1: no line")

    def test_a_row_twice(self):
        self.assert_error([GOOD[0], *GOOD], "A1.1: 2 lines")

    def test_a_row_nobody_asked_for(self):
        self.assert_error([*GOOD, "A9.9\tx\tabsent\t\tNo."], "A9.9: not a row")

    def test_fields(self):
        self.assertIn("4 fields", self.run_tool(self.with_line("A1.1\tcounts CPUs\ttest\tx")))
        self.assert_error(self.with_line("A1.1\t\tdiffers\t\tNo."), "A1.1: does not say what Python does")

    def test_a_status_has_what_it_needs(self):
        self.assert_error(self.with_line("A1.1\tx\ttest\t\t"), "A1.1: names no test")
        self.assert_error(self.with_line("A1.1\tx\tdiffers\t\t"), "A1.1: differs without a reason")
        self.assert_error(self.with_line("A1.1\tx\tabsent\tTestProcess.kill\tNo."), "A1.1: absent, but names a test")
        self.assert_error(self.with_line("A1.1\tx\tpart 3\t\tLater."), "A1.1: part 3 is said of what is not there")
        self.assert_error(self.with_line("A1.1\tx\tmaybe\t\t"), "A1.1: unknown status 'maybe'")

    def test_only_parts_to_come(self):
        self.assert_error(self.with_line("A1.1\tx\tpart 0\t\t"), "unknown status")
        self.assert_error(self.with_line("A1.1\tx\tpart 7\t\t"), "unknown status")

    def test_the_page_follows_the_table(self):
        self.run_tool(GOOD, "--write")
        self.assertIn("not the table", self.run_tool(self.with_line("A1.1\tcounts\tdiffers\t\tAffinity counts.")))
        self.page.write_text("text\n")
        self.assertIn("no region", self.run_tool(GOOD))

    def test_the_page_keeps_its_text(self):
        self.run_tool(GOOD, "--write")
        text = self.page.read_text()
        self.assertTrue(text.startswith("text\n") and text.endswith("\nmore\n"))
        self.assertIn("| `A1.1` | counts CPUs | differs: Affinity counts. `Module.cpu_count` |", text)
        self.assertIn("| `B1` | hangs | not yet: asynchronous pools and futures |", text)

    def test_tests_exist(self):
        rows, _ = check_parity.read_coverage("\n".join(["", *GOOD]))
        self.assertEqual(check_parity.check_tests(rows, ["TestProcess.kill/fork", "Set/Module.cpu_count/0"]), [])
        self.assertEqual(check_parity.check_tests(rows, ["TestProcess.kill/fork", "x_NOT_BUILT"]),
                         ["A1.1: unknown test Module.cpu_count", "no_hang.crash: unknown test Module.cpu_count",
                          "these test programs are not built: x_NOT_BUILT"])


if __name__ == "__main__":
    unittest.main()
