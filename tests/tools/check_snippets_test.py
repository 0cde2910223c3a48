# SPDX-License-Identifier: MIT
"""tools/check_snippets compares code with examples and runs the commands of the README."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_snippets"
EXAMPLE = "int a;\nvoid f() {\n    // [body]\n    g();\n      h();\n    // [/body]\n}\n"


class CheckSnippets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.add("examples/a.cpp", EXAMPLE)
        self.add("README.md", "")

    def add(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_tool(self, *flags):
        return subprocess.run([sys.executable, TOOL, *flags, self.root], capture_output=True, text=True)

    def assert_fine(self, *flags):
        run = self.run_tool(*flags)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def assert_error(self, text):
        run = self.run_tool()
        self.assertEqual(run.returncode, 1)
        self.assertIn(text, run.stderr)

    def test_a_block_that_is_the_region(self):
        self.add("docs/a.md", "text\n\n<!-- examples/a.cpp [body] -->\n```cpp\ng();\n  h();\n```\n")
        self.assert_fine()

    def test_a_block_that_differs_and_its_update(self):
        self.add("docs/deep/a.md", "<!-- examples/a.cpp [body] -->\n```cpp\nold();\n```\n")
        self.assert_error("docs/deep/a.md:2: differs from examples/a.cpp [body]")
        self.assert_fine("--update")
        self.assert_fine()
        self.assertIn("```cpp\ng();\n  h();\n```\n", (self.root / "docs/deep/a.md").read_text())

    def test_a_block_without_an_example(self):
        self.add("README.md", "```python\nx = 1\n```\n")
        self.assert_error("README.md:1: no comment")

    def test_other_languages_need_none(self):
        self.add("README.md", "```text\nx = 1\n```\n\n```cmake\nx()\n```\n")
        self.assert_fine()

    def test_an_example_that_does_not_exist(self):
        self.add("README.md", "<!-- examples/b.cpp [body] -->\n```cpp\n```\n")
        self.assert_error("examples/b.cpp does not exist")
        self.add("README.md", "<!-- examples/a.cpp [other] -->\n```cpp\n```\n")
        self.assert_error("examples/a.cpp has 0 regions [other]")

    def test_commands_are_run_in_a_copy(self):
        self.add("README.md", "```sh\ntest -f examples/a.cpp\ntouch made\n```\n\n```sh\ntest -f made\n```\n")
        self.assert_fine()
        self.assertFalse((self.root / "made").exists())

    def test_a_command_that_fails(self):
        self.add("README.md", "text\n```sh\nfalse\ntrue\n```\n")
        self.assert_error("README.md:2: the commands end with status 1")

    def test_commands_that_change_the_system_are_parsed(self):
        self.add("README.md", "<!-- changes the system: not run -->\n```sh\nfalse\n```\n")
        self.assert_fine()
        self.add("README.md", "<!-- changes the system: not run -->\n```sh\nif\n```\n")
        self.assert_error("README.md:2")


if __name__ == "__main__":
    unittest.main()
