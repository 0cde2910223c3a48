# SPDX-License-Identifier: MIT
"""tools/check_links finds links that lead nowhere."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_links"


class CheckLinks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.add("docs/there.md", "# A page\n\n## Some `code`, twice\n\n## Some code, twice\n\n<a id=\"named\"></a>\n")

    def add(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def errors_of(self, text):
        self.add("README.md", text)
        run = subprocess.run([sys.executable, TOOL, self.root], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1 if run.stderr else 0)
        return run.stderr

    def test_what_is_there(self):
        for target in ("docs/there.md", "docs", "docs/there.md#a-page", "docs/there.md#some-code-twice",
                       "docs/there.md#some-code-twice-1", "docs/there.md#named", "#here", "https://example.org/none"):
            self.assertEqual(self.errors_of(f"# Here\n[x]({target})\n"), "", target)

    def test_a_file_that_is_missing(self):
        self.assertIn("README.md:3: docs/gone.md does not exist", self.errors_of("text\n\nsee [x](docs/gone.md)\n"))
        self.assertIn("docs/gone.png does not exist", self.errors_of("![x](docs/gone.png)\n"))
        self.assertIn("gone.md does not exist", self.errors_of("[x]\n\n[x]: gone.md\n"))

    def test_an_anchor_that_is_missing(self):
        self.assertIn("README.md:1: docs/there.md has no heading #other", self.errors_of("[x](docs/there.md#other)\n"))
        self.assertIn("README.md has no heading #other", self.errors_of("[x](#other)\n"))

    def test_code_is_no_link(self):
        self.assertEqual(self.errors_of("`[n](int)`\n\n```cpp\n[n](gone)\n# not a heading\n```\n"), "")
        self.assertIn("no heading", self.errors_of("```sh\n# comment\n```\n[x](#comment)\n"))

    def test_numbers_of_lines_behind_code(self):
        self.assertIn("README.md:5:", self.errors_of("```\na\nb\n```\n[x](gone.md)\n"))

    def test_a_file_outside_of_the_tree(self):
        self.assertIn("outside of the tree", self.errors_of("[x](..)\n"))

    def test_builds_are_not_looked_at(self):
        self.add("build/a.md", "[x](gone.md)\n")
        self.assertEqual(self.errors_of(""), "")


if __name__ == "__main__":
    unittest.main()
