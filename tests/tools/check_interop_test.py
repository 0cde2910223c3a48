# SPDX-License-Identifier: MIT
"""tools/check_interop makes the page of the results, and says what is not so."""
import importlib.machinery
import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_interop"

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("check_interop", str(TOOL))
check_interop = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_interop", loader))
loader.exec_module(check_interop)

RESULTS = "3.9\tcohort serves\tarrays\tpassed\n3.11\tcohort serves\tarrays\tpassed\n3.11\tcohort serves\tkeys\tpassed\n"


class CheckInterop(unittest.TestCase):
    def run_tool(self, root, *arguments):
        return subprocess.run([sys.executable, TOOL, root, *arguments], capture_output=True, text=True).stderr

    def test_the_page_is_that_of_the_results(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "tests/interop").mkdir(parents=True)
            (root / "docs").mkdir()
            results = root / "tests/interop/results.tsv"
            results.write_text(RESULTS)
            self.assertIn("not the page", self.run_tool(root))
            self.assertEqual(self.run_tool(root, "--write"), "")
            self.assertEqual(self.run_tool(root), "")
            results.write_text(RESULTS.replace("passed", "failed", 1))
            self.assertIn("not the page", self.run_tool(root))
            results.write_text("nonsense\n")
            self.assertIn("line 1: not a result", self.run_tool(root))

    def test_a_version_that_was_not_tried_is_said_to_be_recorded(self):
        page = check_interop.make_page(check_interop.read_results(RESULTS))
        row = next(line for line in page.splitlines() if "| keys |" in line)
        self.assertEqual([cell.strip() for cell in row.split("|")[3:-1]],
                         ["by recorded bytes", "–", "by recorded bytes", "passed", "by recorded bytes",
                          "by recorded bytes", "by recorded bytes"])

    def test_what_is_shown_must_be_what_is_known(self):
        known = check_interop.read_results(RESULTS)
        shown = {("3.11", "cohort serves", "arrays"): "passed", ("3.11", "cohort serves", "more"): "passed"}
        self.assertEqual(check_interop.differences(known, shown),
                         ["Python 3.11, cohort serves, keys: not tried, not passed",
                          "Python 3.11, cohort serves, more: passed, not known"])
        self.assertEqual(check_interop.read_results(check_interop.write_results(known)), known)


if __name__ == "__main__":
    unittest.main()
