# SPDX-License-Identifier: MIT
"""tools/bench_page makes the page of the benchmarks and its plots from what they have written."""
import copy
import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "bench_page"
RECORDED = Path(__file__).with_name("bench_page_results.json")


def load_tool():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("bench_page", str(TOOL))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_page", loader))
    sys.modules["bench_page"] = module
    loader.exec_module(module)
    return module


PAGE = load_tool()


class BenchPage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.results = json.loads(RECORDED.read_text())

    def page(self):
        return PAGE.page_of([self.results], PAGE.pictures_of([self.results]))

    def picture(self, name):
        return next(one for one in PAGE.pictures_of([self.results]) if one.plot.name == name)

    def test_a_goal_is_a_row(self):
        page = self.page()
        self.assertIn("| queue | cohort Queue : bare SPSC ring, 64 B | ≥ 0.8 × | 0.65 × (0.63–0.66) | **missed** |", page)
        self.assertIn("| queue | idle, a core's time in percent | ≤ 0.1 % of core | 0.03 % of core (0.02–0.04) | met |", page)
        self.assertIn("1 of 2 goals are met; 1 could not be measured.", page)
        self.assertIn("| queue | cores far | ≥ 1 × | the cores were not so in any round | not measured |", page)

    def test_a_name_breaks_no_table(self):
        self.results["goals"][0]["name"] = "head | cat <"
        self.assertIn("| queue | head \\| cat &lt; | ≥ 0.8 × |", self.page())

    def test_machine_versions_and_command_are_named(self):
        for text in (self.page(), PAGE.script_of(self.picture("queue-by-size")), PAGE.script_of(self.picture("round-trip"))):
            for word in ("Processor X", "2 cores", "Linux 6.1", "cohort 0.1.0", "CPython 3.11.2", "2026-01-02"):
                self.assertIn(word, text)
        script = PAGE.script_of(self.picture("queue-by-size"))
        self.assertIn("build/release/bench/queue/bench_queue --rounds 3", script)
        self.assertNotIn("oneTBB", script)  # not in this plot

    def test_a_note_stands_at_the_top(self):
        page = PAGE.page_of([self.results], [], "Measured in a storm.")
        self.assertIn("\nMeasured in a storm.\n\n## Goals\n", page)

    def test_who_is_missing_is_told(self):
        self.assertIn("- queue: ZeroMQ ipc, not installed when this was built", self.page())

    def test_a_ratio_is_taken_round_by_round(self):
        ratios = self.picture("queue-by-size").ratios()
        self.assertEqual(ratios, {"cohort Queue : CPython Queue": {64: [100, 50, 200], 1024: [5, 5, 5]}})

    def test_a_curve_has_median_and_spread(self):
        self.assertIn("64 2000 1000 4000\n1024 1000 1000 1000\n", PAGE.script_of(self.picture("queue-by-size")))

    def test_a_bar_that_is_missing_leaves_its_place(self):
        script = PAGE.script_of(self.picture("round-trip"))
        self.assertIn("\n0 6 5 7\n3 0.5 0.4 0.6\n\n\n1 40 39 41\nEOD", script)
        self.assertIn('"same core, asleep" 0.5, "two cores, at once" 3.5', script)

    def test_only_what_was_measured_has_a_plot(self):
        self.assertEqual({one.plot.name for one in PAGE.pictures_of([self.results])}, {"queue-by-size", "round-trip"})
        self.assertNotIn("start-by-memory", self.page())

    def test_files_without_goals_are_left_out(self):
        (self.root / "queue.json").write_text(RECORDED.read_text())
        (self.root / "ring.json").write_text('{"benchmark": "ring"}')
        self.assertEqual([one["workload"] for one in PAGE.load(self.root)], ["queue"])

    def test_the_workloads_have_an_order(self):
        for workload in ("zebra", "queue", "process"):
            other = copy.deepcopy(self.results) | {"workload": workload}
            (self.root / f"{workload}.json").write_text(json.dumps(other))
        self.assertEqual([one["workload"] for one in PAGE.load(self.root)], ["process", "queue", "zebra"])

    def run_tool(self):
        return subprocess.run([sys.executable, TOOL, self.root, self.root / "page"], capture_output=True, text=True, check=False)

    def test_nothing_to_show_is_an_error(self):
        self.assertEqual(self.run_tool().returncode, 2)

    def test_the_command(self):
        (self.root / "queue.json").write_text(RECORDED.read_text())
        run = self.run_tool()
        self.assertEqual(run.returncode, 0, run.stderr)
        page = (self.root / "page/benchmarks.md").read_text()
        pictures = sorted(path.name for path in (self.root / "page/benchmarks").iterdir())
        if shutil.which("gnuplot") is None:
            self.assertEqual(pictures, [])
            self.assertNotIn(".svg", page)
            return
        self.assertEqual(pictures, ["queue-by-size.svg", "round-trip.svg"])
        self.assertIn("![Round trip of 64 bytes over two queues](benchmarks/round-trip.svg)", page)
        for picture in pictures:
            self.assertIn("cohort Queue", (self.root / "page/benchmarks" / picture).read_text())


if __name__ == "__main__":
    unittest.main()
