# SPDX-License-Identifier: MIT
"""tools/bench_compare tells a regression from noise."""
import copy
import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "bench_compare"


def result(time=(10, 11, 10.5, 10.2, 10.8), rate=(50, 52, 51, 50.5, 51.5), ratio=(2, 2.1, 2.05, 1.9, 2.2), kind="at_most"):
    return {"workload": "w", "machine": {"processor": "p", "cores": 2, "compiler": "c"},
            "cases": [{"name": "a call", "unit": "us", "rounds": list(time)},
                      {"name": "calls", "unit": "kcall/s", "rounds": list(rate)}],
            "goals": [{"name": "against b", "of": "a call", "to": "b", "bound": 3, "kind": kind, "rounds": list(ratio)}]}


def times(factor, rounds=(10, 11, 10.5, 10.2, 10.8)):
    return [factor * x for x in rounds]


class BenchCompare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def compare(self, a, b, *flags):
        for name, content in (("a", a), ("b", b)):
            (self.root / f"{name}.json").write_text(json.dumps(content))
        return self.run_tool(*flags, self.root / "a.json", self.root / "b.json")

    def run_tool(self, *arguments):
        run = subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def test_the_same(self):
        self.assertEqual(self.compare(result(), result()), (0, "0 worse, 0 better, 3 same, 0 few\n"))

    def test_a_time_that_grows_is_worse(self):
        status, text = self.compare(result(), result(time=times(1.2)))
        self.assertEqual((status, text), (1, "a: a call: worse: 10.5 -> 12.6 us (+20%)\n1 worse, 0 better, 2 same, 0 few\n"))

    def test_a_rate_that_falls_is_worse(self):
        status, text = self.compare(result(), result(rate=(40, 41, 42, 40, 41)))
        self.assertEqual(status, 1)
        self.assertIn("calls: worse: 51 -> 41 kcall/s (-20%)", text)

    def test_faster_is_better(self):
        status, text = self.compare(result(), result(time=times(0.8), rate=(70, 71, 72, 70, 71)))
        self.assertEqual(status, 0)
        self.assertIn("0 worse, 2 better", text)

    def test_a_ratio_counts_by_its_kind(self):
        less = [1, 1.1, 1.05, 1.02, 1.08]
        self.assertEqual(self.compare(result(), result(ratio=less))[0], 0)
        self.assertEqual(self.compare(result(kind="at_least"), result(ratio=less, kind="at_least"))[0], 1)

    def test_rounds_that_overlap_are_noise(self):
        status, text = self.compare(result(), result(time=(10, 10.4, 13, 14, 13.5)))
        self.assertEqual((status, text), (0, "0 worse, 0 better, 3 same, 0 few\n"))

    def test_one_round_out_of_order_may_be(self):
        self.assertEqual(self.compare(result(), result(time=(10.9, 13, 13, 14, 13.5)))[0], 1)

    def test_less_than_the_tolerance(self):
        base, slower = result(time=[10] * 5), result(time=[10.4] * 5)
        self.assertEqual(self.compare(base, slower)[0], 0)
        self.assertEqual(self.compare(base, slower, "--tolerance", "3")[0], 1)

    def test_too_few_rounds(self):
        status, text = self.compare(result(), result(time=[20, 20]))
        self.assertEqual(status, 0)
        self.assertIn("a call: too few rounds to tell (5 and 2)", text)

    def test_other_machines_have_ratios_only(self):
        other = copy.deepcopy(result(time=times(3)))
        other["machine"]["processor"] = "q"
        status, text = self.compare(result(), other)
        self.assertEqual(status, 0)
        self.assertIn("ratios only", text)
        self.assertEqual(self.compare(result(), result(time=times(3)), "--ratios")[0], 0)

    def test_a_case_that_is_gone_is_told(self):
        less = result()
        less["cases"].pop()
        self.assertIn("calls: not in B", self.compare(result(), less)[1])

    def test_folders(self):
        for name in ("x", "y"):
            (self.root / name).mkdir()
        (self.root / "x/pool.json").write_text(json.dumps(result()))
        (self.root / "y/pool.json").write_text(json.dumps(result(time=times(2))))
        self.assertEqual(self.run_tool(self.root / "x", self.root / "y")[0], 1)

    def test_noise_is_seldom_taken_for_a_regression(self):
        seed = random.randrange(2**32)
        noise = random.Random(seed)
        cases = [{"name": str(i), "unit": "us"} for i in range(400)]
        files = [{"machine": 1, "goals": [], "cases": [{**one, "rounds": [noise.lognormvariate(0, 0.3) for _ in range(7)]}
                                                       for one in cases]} for _ in range(2)]
        wrong = int(self.compare(*files)[1].splitlines()[-1].split()[0])
        self.assertLess(wrong, 25, f"of 400, seed {seed}")


if __name__ == "__main__":
    unittest.main()
