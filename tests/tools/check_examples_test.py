# SPDX-License-Identifier: MIT
"""tools/check_examples makes the page of the table, and finds each kind of gap."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_examples"
COLUMNS = "topic\texample\ttests\tshows\tdifference\tids"
GOOD = ["Processes\texamples/10_processes/start.cpp\texample.start\tStarts.\tNo <guard>.\t1.1",
        "Processes\t\tProcess.start\tIt starts.\t\t1.R1",
        "Larger programs\texamples/census\tcensus.runs\tCounts.\t\t"]


class CheckExamples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "docs").mkdir()
        for source in ("10_processes/start.cpp", "census/report/table.cpp"):
            path = self.root / "examples" / source
            path.parent.mkdir(parents=True)
            path.touch()

    def run_tool(self, rows, *arguments):
        (self.root / "examples/catalogue.tsv").write_text("\n".join([COLUMNS, *rows]) + "\n")
        run = subprocess.run([sys.executable, TOOL, self.root, *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1 if run.stderr else 0)
        return run.stderr

    def test_the_page_is_that_of_the_table(self):
        self.assertIn("not the page", self.run_tool(GOOD))
        self.assertEqual(self.run_tool(GOOD, "--write"), "")
        self.assertEqual(self.run_tool(GOOD), "")
        page = (self.root / "docs/examples.md").read_text()
        self.assertIn("| P1 | `10_processes/start.cpp` | Starts. | No &lt;guard>. |", page)
        self.assertIn("| P2 |  | It starts. |  | `Process.start` |", page)
        self.assertIn("| L1 | `census` |", page)
        self.assertNotIn("1.R1", page)
        self.assertIn("not the page", self.run_tool(GOOD[:1] + GOOD[2:]))

    def assert_error(self, rows, text):
        self.assertIn(text, self.run_tool(rows, "--write"))

    def test_a_file_without_a_row(self):
        self.assert_error(GOOD[1:], "examples/10_processes/start.cpp: no row")
        self.assert_error(GOOD[:2], "examples/census/report/table.cpp: no row")

    def test_a_row_without_a_file(self):
        self.assert_error([*GOOD, GOOD[0].replace("start.cpp", "stop.cpp")], "stop.cpp: does not exist")

    def test_a_file_with_two_rows(self):
        self.assert_error([*GOOD, GOOD[0]], "start.cpp: 2 rows")

    def test_lines_of_another_form(self):
        self.assert_error([*GOOD, "Processes\tstart"], "line 5: 2 fields")
        self.assert_error([*GOOD, GOOD[1].replace("Processes", "Nothing")], "line 5: unknown topic 'Nothing'")
        self.assert_error([*GOOD, GOOD[1].replace("Process.start", "")], "line 5: names no test")
        self.assert_error([*GOOD, GOOD[1].replace("It starts.", "starting")], "line 5: not a sentence")

    def test_a_test_that_does_not_exist(self):
        (self.root / "CTestTestfile.cmake").write_text('add_test("example.start" "true")\nadd_test("Process.start/fork" "true")\n')
        self.assertEqual(self.run_tool(GOOD, "--write", "--build", self.root), "check_examples: L1: unknown test census.runs\n")


if __name__ == "__main__":
    unittest.main()
