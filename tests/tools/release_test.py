# SPDX-License-Identifier: MIT
"""tools/release finds what stands against a release."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "release"
TOOLS = (".ci/run", "tools/check_parity", "tools/check_links", "tools/docs", "tools/check/run", "tools/check_abi")


class Release(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.add("CMakeLists.txt", "project(cohort VERSION 0.3.1 LANGUAGES CXX)\n")
        self.add("packaging/vcpkg/cohort/vcpkg.json", '{"version": "0.3.1"}\n')
        self.add("README.md", "It makes `libcohort0.3`.\n")
        self.add("CHANGELOG.md", "# Changelog\n\n## 0.3.1, 2030-01-31\n\n- More.\n\n## 0.3.0, 2029-01-31\n\n- Some.\n")
        self.add("abi/libcohort.so.0.3-x86_64.abi.xz", "")
        self.add(".gitignore", "/build/\n")
        self.add("build/package/packages/libcohort0.3_0.3.1_amd64.deb", "")
        for tool in TOOLS:
            self.add(tool, "#!/bin/sh\n")
            (self.root / tool).chmod(0o755)
        self.git("init", "--quiet")
        self.commit()

    def add(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=self.root, check=True,
                       capture_output=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def run_tool(self, *flags):
        run = subprocess.run([sys.executable, TOOL, *flags, self.root], capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def assert_missing(self, text, *flags):
        status, said = self.run_tool(*flags)
        self.assertEqual(status, 1, said)
        self.assertIn("MISSING  " + text, said)

    def test_all_is_there(self):
        status, said = self.run_tool()
        self.assertEqual(status, 0, said)
        for step in ("tree", "version", "changelog", "tests", "docs", "packages", "abi"):
            self.assertIn(f"ok       {step}: ", said)
        self.assertIn("git tag -s v0.3.1", said)

    def test_what_is_not_committed(self):
        self.add("new", "")
        self.assert_missing("tree: not committed:\n?? new", "--texts")

    def test_a_version_that_was_released(self):
        self.git("tag", "v0.3.1")
        self.assert_missing("tree: there is a tag v0.3.1", "--texts")

    def test_a_recipe_of_another_version(self):
        self.add("packaging/vcpkg/cohort/vcpkg.json", '{"version": "0.3.0"}\n')
        self.assert_missing("version: packaging/vcpkg/cohort/vcpkg.json says 0.3.0", "--texts")

    def test_a_readme_of_another_soversion(self):
        self.add("README.md", "It makes `libcohort0.2`.\n")
        self.assert_missing("version: README.md does not name the package libcohort0.3", "--texts")

    def test_a_changelog_without_the_version(self):
        self.add("CHANGELOG.md", "# Changelog\n\n## 0.3.1, not yet released\n\n- More.\n")
        self.assert_missing('changelog: the first section of CHANGELOG.md is "0.3.1, not yet released"', "--texts")

    def test_a_changelog_that_says_nothing(self):
        self.add("CHANGELOG.md", "# Changelog\n\n## 0.3.1, 2030-01-31\n\n## 0.3.0, 2029-01-31\n\n- Some.\n")
        self.assert_missing("changelog: the section", "--texts")

    def test_a_tool_that_fails(self):
        self.add("tools/check/run", "#!/bin/sh\nexit 3\n")
        self.commit()
        self.assert_missing("packages: tools/check/run package ended with status 3")

    def test_a_package_of_another_version(self):
        self.add("build/package/packages/cohort-0.3.0-Linux.tar.gz", "")
        self.assert_missing("packages: cohort-0.3.0-Linux.tar.gz is not of 0.3.1")

    def test_no_abi_of_this_release(self):
        (self.root / "abi/libcohort.so.0.3-x86_64.abi.xz").unlink()
        self.commit()
        self.assert_missing("abi: abi/ has no file for libcohort.so.0.3")


if __name__ == "__main__":
    unittest.main()
