# SPDX-License-Identifier: MIT
"""tools/docs gives pages, headings and links the ids that Doxygen needs."""
import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "docs"

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("docs", str(TOOL))
docs = importlib.util.module_from_spec(importlib.util.spec_from_loader("docs", loader))
loader.exec_module(docs)


class Filter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before = docs.ROOT
        docs.ROOT = Path(folder.name).resolve()
        self.addCleanup(setattr, docs, "ROOT", before)
        # tools/check_links is that of this tree.
        docs.links.cache_clear()
        (docs.ROOT / "tools").mkdir()
        (docs.ROOT / "tools/check_links").write_text((TOOL.parent / "check_links").read_text())
        self.add("docs/guides/errors.md", "# Errors\n\n## A `task` throws\n")
        self.add("README.md", "# cohort\n")
        self.add("src/a.cpp", "")

    def add(self, path, text):
        file = docs.ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def filtered(self, text, path="docs/page.md"):
        self.add(path, text)
        return docs.filtered(docs.ROOT / path)

    def test_headings(self):
        self.assertEqual(self.filtered("# A page\n\n## Once, twice\n\n## Once, twice\n"),
                         "# A page {#page}\n\n## Once, twice {#page-once-twice}\n\n## Once, twice {#page-once-twice-1}\n")

    def test_a_level_that_is_left_out(self):
        self.assertEqual(self.filtered("# A page\n\n### Deep\n"), "# A page {#page}\n\n## Deep {#page-deep}\n")

    def test_links(self):
        self.assertEqual(self.filtered("see [it](guides/errors.md)\n"), 'see @ref guides-errors "it"\n')
        self.assertEqual(self.filtered("[it](guides/errors.md#a-task-throws)\n"),
                         '@ref guides-errors-a-task-throws "it"\n')
        self.assertEqual(self.filtered("[`code`](guides/errors.md)\n"), "[`code`](#guides-errors)\n")
        self.assertEqual(self.filtered("[start](../README.md)\n"), "[start](index.html)\n")
        self.assertEqual(self.filtered("[x](https://example.org/a)\n"), "[x](https://example.org/a)\n")

    def test_pictures(self):
        self.assertEqual(self.filtered("![a plot](benchmarks/a.svg)\n"), "![a plot](benchmarks/a.svg)\n")

    def test_of_files_that_are_no_page_the_text_is_left(self):
        self.assertEqual(self.filtered("see [a.cpp](../src/a.cpp)\n"), "see a.cpp\n")

    def test_the_contents_make_the_tree(self):
        self.assertEqual(self.filtered("- [Errors](guides/errors.md)\n", "docs/contents.md"),
                         '- @subpage guides-errors "Errors"\n')

    def test_code_stays(self):
        code = "```cpp\n# no heading\n[n](guides/errors.md)\n<!-- x -->\n```\n\n`[n](guides/errors.md)`\n"
        self.assertEqual(self.filtered(code), code)

    def test_diagrams(self):
        self.assertEqual(self.filtered("<!-- diagram layers: Who and whom. -->\n"), '@dotfile layers.dot "Who and whom."\n')

    def test_the_calls_of_pools_are_public(self):
        header = "namespace cohort::detail {\nclass PoolInterface {};\n}  // namespace cohort::detail\n"
        self.assertEqual(self.filtered(header, "include/a.hpp"),
                         "namespace cohort {\nclass PoolInterface {};\n}  // namespace cohort\n")


if __name__ == "__main__":
    unittest.main()
