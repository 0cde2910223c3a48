#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests examples/census as its users run it. CENSUS names the program.

COHORT_TEST_COUNTS=full repeats more, and takes all headers of the system as a sample."""
import collections
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

CENSUS = os.environ["CENSUS"]
FULL = os.environ.get("COHORT_TEST_COUNTS") == "full"
SYSTEM = "/usr/include" if FULL else "/usr/include/c++"
SERIAL = ["--serial"]
ENGINES = [SERIAL, ["--threads", "3"], ["--processes", "3"]]
START_METHODS = ["fork", "spawn", "forkserver"]


def processes_of(session):
    """The processes of a session that have not ended."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b") ")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[3]) == session and fields[0] != b"Z":
            found.append(int(name))
    return found


def has_open(process, folder):
    """Whether the process has a file below the folder open."""
    try:
        descriptors = os.listdir(f"/proc/{process}/fd")
        files = [os.readlink(os.fsencode(f"/proc/{process}/fd/{descriptor}")) for descriptor in descriptors]
    except OSError:
        return False  # it has ended, or closed one, meanwhile
    return any(file.startswith(folder + b"/") for file in files)


class Tree:
    """A temporary tree that is made with byte names."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="census-test-").encode()

    def path(self, name):
        return os.path.join(self.root, name)

    def add(self, name, content=b""):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def remove(self):
        shutil.rmtree(self.root)


class CensusTest(unittest.TestCase):
    """Runs the program in a session of its own, and looks afterwards whether anything of it is left."""

    def setUp(self):
        self.tree = Tree()
        self.addCleanup(self.tree.remove)

    def start(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen([CENSUS, *arguments], start_new_session=True, **options)

    def finish(self, process):
        out, err = process.communicate()
        self.assertEqual(processes_of(process.pid), [])
        err = re.sub(rb"^census  .*\n", b"", err, flags=re.MULTILINE)  # the progress of a long run
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run_census(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    def json(self, *arguments, **options):
        """The parsed JSON of a census that has no problems."""
        result = self.run_census("--json", *arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return json.loads(result.stdout)

    def census_of_tree(self, *arguments):
        return self.json("--files", *(arguments or SERIAL), self.tree.root)


class Facts(CensusTest):
    """Each figure against the program or the library that everybody knows for it."""

    def check_files(self, census):
        paths = [os.fsencode(file["path"]) for file in census["files"]]
        for begin in range(0, len(paths), 500):
            some = paths[begin:begin + 500]
            facts = census["files"][begin:begin + 500]
            counts = self.wc(some)
            for path, fact, count in zip(some, facts, counts):
                self.assertEqual((fact["lines"], fact["words"], fact["bytes"]), count, path)
            self.assertEqual([fact["sha256"] for fact in facts], self.sha256sum(some))

    def wc(self, paths):
        out = subprocess.run(["wc", "-lwc", "--", *paths], check=True, stdout=subprocess.PIPE,
                             env=os.environ | {"LC_ALL": "C"}).stdout
        numbers = re.compile(rb"^ *(\d+) +(\d+) +(\d+) ", re.MULTILINE)
        return [tuple(map(int, match.groups())) for match in numbers.finditer(out)][:len(paths)]

    def sha256sum(self, paths):
        out = subprocess.run(["sha256sum", "-z", "--", *paths], check=True, stdout=subprocess.PIPE).stdout
        return [line[:64].decode() for line in out.split(b"\0")[:-1]]

    def test_sampled_files_of_the_system_agree_with_wc_and_sha256sum(self):
        census = self.json("--serial", "--files", SYSTEM)
        seed = random.randrange(2**32)
        random.Random(seed).shuffle(census["files"])
        census["files"] = census["files"][:2000]
        with self.subTest(seed=seed):
            self.check_files(census)

    def test_the_json_is_laid_out_as_a_library_does(self):
        for name in [b"a.c", b"b/c.c", b"d"]:
            self.tree.add(name, b"int x;\n" if name != b"d" else b"")
        for arguments in [["--files"], []]:
            out = self.run_census("--serial", "--json", *arguments, self.tree.root).stdout
            self.assertEqual(out.decode(), json.dumps(json.loads(out), indent=2) + "\n")

    def test_totals_are_the_sums(self):
        self.tree.add(b"a.c", b"int main;\n")
        self.tree.add(b"deep/er/b.c", b"x y z")
        self.tree.add(b"README", b"\n\n")
        census = self.census_of_tree()
        self.assertEqual(census["totals"], {"files": 3, "bytes": 17, "lines": 3, "words": 5})
        self.assertEqual(census["extensions"], [
            {"extension": ".c", "files": 2, "bytes": 15, "lines": 1, "words": 5},
            {"extension": "", "files": 1, "bytes": 2, "lines": 2, "words": 0}])

    def test_any_bytes_agree_with_wc_and_sha256sum(self):
        seed = random.randrange(2**32)
        rng = random.Random(seed)
        self.tree.add(b"every-byte", bytes(range(256)))
        self.tree.add(b"every-byte-alone", b"\n".join(bytes([c]) for c in range(256)))
        for number, size in enumerate([0, 1, 7999, 8000, 8001, 262143, 262144, 262145, 1000003]):
            self.tree.add(b"any/%d" % number, rng.randbytes(size))
            self.tree.add(b"text/%d" % number, bytes(rng.choices(b"ab_9 \n\t\x0b\xc3\x01-", k=size)))
        with self.subTest(seed=seed):
            self.check_files(self.census_of_tree())

    def test_extensions(self):
        for name in [b".hidden", b"archive.tar.gz", b"dot.", b"UPPER.C", b"plain", b"folder.d/plain"]:
            self.tree.add(name, b"x")
        found = {extension["extension"]: extension["files"] for extension in self.census_of_tree()["extensions"]}
        self.assertEqual(found, {"": 4, ".gz": 1, ".C": 1})

    def test_duplicates_are_the_files_of_equal_content(self):
        for name in [b"a", b"b/a", b"c"]:
            self.tree.add(name, b"same" * 1000)
        for name in [b"d", b"e"]:
            self.tree.add(name, b"")
        self.tree.add(b"f", b"other")
        groups = self.census_of_tree()["duplicates"]
        names = [[os.fsencode(path) for path in group["files"]] for group in groups]
        self.assertEqual(names, [[self.tree.path(name) for name in [b"a", b"c", b"b/a"]],
                                 [self.tree.path(name) for name in [b"d", b"e"]]])
        self.assertEqual(groups[0]["sha256"], hashlib.sha256(b"same" * 1000).hexdigest())
        self.assertEqual(groups[0]["bytes"], 4000)


class Identifiers(CensusTest):
    RUN = re.compile(rb"[A-Za-z0-9_]+")

    def reference(self, texts):
        """What the census should count, by another way."""
        counts = collections.Counter()
        for text in texts:
            runs = (run for run in self.RUN.findall(text) if not run[:1].isdigit() and len(run) <= 255)
            counts.update(run.decode() for run in runs)
        return sorted(([name, count] for name, count in counts.items()), key=lambda item: (-item[1], item[0]))

    def found(self, *arguments, top):
        census = self.census_of_tree(*(arguments or SERIAL), "--top", str(top))
        return [[item["identifier"], item["count"]] for item in census["identifiers"]]

    def test_random_text(self):
        seed = random.randrange(2**32)
        rng = random.Random(seed)
        texts = [bytes(rng.choices(b"abc_A9 \n(", k=rng.choice([10, 1000, 700000]))) for _ in range(9)]
        for number, text in enumerate(texts):
            self.tree.add(b"%d" % number, text)
        with self.subTest(seed=seed):
            self.assertEqual(self.found(top=1000000), self.reference(texts))

    def test_the_most_frequent_ones_of_many_batches(self):
        seed = random.randrange(2**32)
        rng = random.Random(seed)
        texts = []
        for number in range(60):  # each frequent in other batches
            names = [b"name%d" % rng.randrange(10**rng.randrange(1, 6)) for _ in range(20000)]
            texts.append(b" ".join(names) + b" here%d" % (number // 7) * rng.randrange(900))
            self.tree.add(b"%d" % number, texts[-1])
        with self.subTest(seed=seed):
            expected = self.reference(texts)
            for top in [1, 10, 1000]:
                self.assertEqual(self.found("--threads", "4", top=top), expected[:top])

    def test_one_that_the_reader_meets_in_pieces(self):
        text = b" " * (256 * 1024 - 100) + b"y" * 255 + b" " + b"z" * 256 + b" x " + b"w" * 600000 + b" 0" + b"v" * 300000
        self.tree.add(b"long", text)
        self.assertEqual(self.found(top=10), [["x", 1], ["y" * 255, 1]])

    def test_binary_files_have_none(self):
        self.tree.add(b"binary", b"name \0 name")
        self.tree.add(b"late", b"text " * 1600 + b"\0 name")
        self.assertEqual(self.found(top=10), [["text", 1600], ["name", 1]])


class NastyTrees(CensusTest):
    NAMES = [b"plain", b"caf\xc3\xa9", b"latin1-\xe9", b"\xff\xfe", b"cut-\xe2\x82", b"new\nline", b"tab\t", b"\x1b[31mred",
             b"back\\slash", b"back\\u0000ff", b"\\udcff", b'quote"', b" ", b"\xed\xb3\xbf", b"\xf0\x9f\x98\x80", b"\x7f"]

    def test_names_survive_in_json(self):
        for name in self.NAMES:
            self.tree.add(b"dir-" + name + b"/" + name, b"same")
        expected = sorted(self.tree.path(b"dir-" + name + b"/" + name) for name in self.NAMES)
        census = self.census_of_tree()
        self.assertEqual(sorted(os.fsencode(file["path"]) for file in census["files"]), expected)
        self.assertEqual(sorted(os.fsencode(path) for path in census["duplicates"][0]["files"]), expected)

    def test_names_cannot_steer_the_terminal(self):
        for name in self.NAMES:
            self.tree.add(name + b".x" + name, b"same")
        result = self.run_census("--serial", "--top", "100", self.tree.root)
        self.assertEqual(result.returncode, 0)
        self.assertEqual([c for c in result.stdout.decode() if not c.isprintable() and c != "\n"], [])

    def test_what_is_no_file_is_not_opened(self):
        self.tree.add(b"file", b"x")
        os.symlink(self.tree.root, self.tree.path(b"loop"))
        os.symlink(b"file", self.tree.path(b"link"))
        os.symlink(b"nothing", self.tree.path(b"dangling"))
        os.symlink(b"itself", self.tree.path(b"itself"))
        os.mkfifo(self.tree.path(b"fifo"))
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.tree.path(b"socket"))
        census = self.census_of_tree()
        self.assertEqual((census["totals"]["files"], census["skipped"]), (1, 6))

    def test_the_tree_may_be_given_as_a_link(self):
        self.tree.add(b"real/file", b"x")
        os.symlink(b"real", self.tree.path(b"link"))
        self.assertEqual(self.json("--serial", self.tree.path(b"link"))["totals"]["files"], 1)

    def test_an_empty_tree(self):
        census = self.census_of_tree()
        self.assertEqual(census["totals"], {"files": 0, "bytes": 0, "lines": 0, "words": 0})
        self.assertEqual([census[key] for key in ["extensions", "identifiers", "duplicates", "problems"]], [[]] * 4)
        self.assertEqual(self.run_census("--serial", self.tree.root).returncode, 0)

    def test_what_may_not_be_read_is_reported(self):
        self.tree.add(b"good", b"x\n")
        os.chmod(self.tree.add(b"secret", b"x"), 0)
        self.tree.add(b"closed/file", b"x")
        os.chmod(self.tree.path(b"closed"), 0)
        self.addCleanup(os.chmod, self.tree.path(b"closed"), 0o700)
        # Root may read everything, unless it has given up the right.
        powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        process = subprocess.run([*powerless, CENSUS, "--serial", "--json", self.tree.root], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, check=True)
        census = json.loads(process.stdout)
        self.assertEqual(census["totals"]["files"], 1)
        self.assertEqual([os.fsencode(problem["path"]) for problem in census["problems"]],
                         [self.tree.path(b"closed"), self.tree.path(b"secret")])
        self.assertTrue(all("Permission denied" in problem["reason"] for problem in census["problems"]))
        self.assertEqual(process.stderr.count(b"Permission denied\n"), 2)

    def test_a_path_longer_than_the_kernel_takes(self):
        self.tree.add(b"file", b"x")
        folder = os.open(self.tree.root, os.O_RDONLY)
        for _ in range(30):
            os.mkdir(b"d" * 200, dir_fd=folder)
            deeper = os.open(b"d" * 200, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = deeper
        os.close(folder)
        result = self.run_census("--serial", "--json", self.tree.root)
        self.assertEqual((result.returncode, json.loads(result.stdout)["totals"]["files"]), (0, 1))
        self.assertIn(b"File name too long", result.stderr)

    def test_a_tree_that_changes_meanwhile(self):
        done = threading.Event()

        def churn():
            rng = random.Random(1)
            while not done.is_set():
                path = self.tree.path(b"%d" % rng.randrange(50))
                if os.path.lexists(path):
                    os.remove(path)
                else:
                    rng.choice([lambda: os.mkfifo(path), lambda: os.symlink(b"1", path),
                                lambda: self.tree.add(path, b"x" * rng.randrange(100000))])()

        thread = threading.Thread(target=churn)
        thread.start()
        try:
            for _ in range(200 if FULL else 20):
                for engine in ENGINES:
                    result = self.run_census("--json", *engine, self.tree.root)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    json.loads(result.stdout)
        finally:
            done.set()
            thread.join()


class Huge(CensusTest):
    MEMORY = 200 * 1024  # KiB

    def output_in_bounded_memory(self, *arguments):
        """What the program writes, in a file: what this process holds would count as the program's. Neither it nor any
        process that it waits for may take more memory than MEMORY."""
        out = tempfile.TemporaryFile()
        self.addCleanup(out.close)
        process = self.start(*arguments, self.tree.root, stdout=out, stderr=subprocess.DEVNULL)
        _, process.returncode, usage = os.wait4(process.pid, 0)
        self.assertEqual(process.returncode, 0)
        self.assertLess(usage.ru_maxrss, self.MEMORY)
        out.seek(0)
        return out

    def test_a_sparse_file_does_not_fill_the_memory(self):
        size = 2**30 + 1
        with open(self.tree.path(b"sparse"), "wb") as file:
            file.truncate(size)
        out = self.output_in_bounded_memory("--serial", "--json", "--files")
        expected = hashlib.sha256()
        for _ in range(1024):
            expected.update(bytes(2**20))
        expected.update(b"\0")
        file, = json.load(out)["files"]
        self.assertEqual((file["bytes"], file["lines"], file["words"]), (size, 0, 0))
        self.assertEqual(file["sha256"], expected.hexdigest())

    def test_very_many_files(self):
        count = 100000 if FULL else 10000
        for number in range(count):
            self.tree.add(b"%03d/%d.txt" % (number % 997, number), b"%d\n" % (number // 2))
        results = [self.json("--files", *engine, self.tree.root) for engine in ENGINES]
        self.assertEqual(results[0]["totals"]["files"], count)
        self.assertEqual(len(results[0]["duplicates"]), count // 2)
        for result in results[1:]:
            self.assertEqual(result, results[0])


    def test_a_million_files_in_bounded_memory(self):
        count = 1000000 if FULL else 50000
        for number in range(count):  # one in two is empty, the others have equal ones
            self.tree.add(b"%d/file-%d.txt" % (number // 1000, number), b"%d x\n" % (number // 4) if number % 2 else b"")
        outs = [self.output_in_bounded_memory("--json", *engine) for engine in [["--chaos"], *ENGINES]]
        census, *others = map(json.load, outs)
        self.assertTrue(all(other == census for other in others))
        self.assertEqual(census["totals"]["files"], count)
        self.assertEqual(census["identifiers"], [{"identifier": "x", "count": count // 2}])
        copies = sorted(len(group["files"]) for group in census["duplicates"])
        self.assertEqual(copies, [2] * (count // 4) + [count // 2])

    def test_many_identifiers_are_merged(self):
        seed, counts = random.randrange(2**32), collections.Counter()
        for number in range(12):
            names = [b"name%d" % n for n in random.Random(seed + number).choices(range(400000), k=400000)]
            counts.update(names)
            self.tree.add(b"%d" % number, b" ".join(names))
        expected = sorted(([name.decode(), count] for name, count in counts.items()), key=lambda i: (-i[1], i[0]))
        with self.subTest(seed=seed):
            for engine in ENGINES:
                census = self.json("--top", "1000000", *engine, self.tree.root)
                found = [[item["identifier"], item["count"]] for item in census["identifiers"]]
                self.assertEqual(hash(str(found)), hash(str(expected)), engine)


class Engines(CensusTest):
    def test_all_give_the_same(self):
        engines = ENGINES + [["--processes", "1"]] + [["--start-method", method] for method in START_METHODS]
        results = [self.json("--files", "--top", "500", *engine, SYSTEM) for engine in engines]
        self.assertGreater(results[0]["totals"]["files"], 100)
        for engine, result in zip(engines[1:], results[1:]):
            self.assertEqual(result, results[0], engine)

    def test_tables_too(self):
        tables = {self.run_census(*engine, SYSTEM).stdout for engine in ENGINES}
        self.assertEqual(len(tables), 1)

    def test_chaos_changes_nothing(self):
        expected = self.run_census("--serial", "--json", "--files", SYSTEM).stdout
        for _ in range(10 if FULL else 2):
            for method in START_METHODS:
                result = self.run_census("--chaos", "--start-method", method, "--processes", "2", "--json", "--files",
                                         SYSTEM)
                self.assertEqual((result.returncode, result.stdout), (0, expected), result.stderr)
                self.assertRegex(result.stderr, rb"\Acensus: workers killed by --chaos: [1-4]\n\Z")

    def test_a_small_tree_too(self):
        self.tree.add(b"file", b"int main;")
        for engine in [["--processes", "4"], ["--chaos"]]:
            result = self.run_census("--json", *engine, self.tree.root)
            self.assertEqual((result.returncode, json.loads(result.stdout)["totals"]["words"]), (0, 2), result.stderr)


class Ends(CensusTest):
    """Signals that come while files are read."""

    def setUp(self):
        super().setUp()
        for number in range(64):
            with open(self.tree.path(b"sparse%d" % number), "wb") as file:
                file.truncate(2**30)

    def start_and_wait(self, *arguments):
        process = self.start(*arguments, self.tree.root)
        while not any(has_open(worker, self.tree.root) for worker in processes_of(process.pid)):
            self.assertIsNone(process.poll())
        return process

    def check_interrupted(self, process):
        result = self.finish(process)
        # Ended by the signal itself: what a shell calls 130.
        self.assertEqual((result.returncode, result.stdout, result.stderr), (-signal.SIGINT, b"", b""))

    def test_ctrl_c_in_the_terminal(self):
        for engine in ENGINES + [["--chaos"]] + [["--start-method", method] for method in START_METHODS]:
            with self.subTest(engine):
                process = self.start_and_wait(*engine)
                os.killpg(process.pid, signal.SIGINT)
                self.check_interrupted(process)

    def test_an_interrupt_of_the_parent_alone(self):
        for engine in ENGINES:
            with self.subTest(engine):
                process = self.start_and_wait(*engine)
                process.send_signal(signal.SIGINT)
                self.check_interrupted(process)

    def test_no_worker_outlives_a_killed_parent(self):
        for method in START_METHODS:
            with self.subTest(method):
                process = self.start_and_wait("--start-method", method)
                process.kill()
                process.wait()
                while processes_of(process.pid):  # until the workers have noticed
                    pass
                self.finish(process)


class CommandLine(CensusTest):
    def check_usage_error(self, *arguments):
        result = self.run_census(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        return result.stderr.decode()

    def test_no_such_directory(self):
        missing = os.fsdecode(self.tree.path(b"missing"))
        self.assertEqual(self.check_usage_error("--serial", missing),
                         f"census: {missing}: No such file or directory\n")

    def test_a_file_is_no_directory(self):
        self.assertIn("Not a directory", self.check_usage_error("--serial", self.tree.add(b"file")))

    def test_wrong_options(self):
        for wrong in [["--threads", "0"], ["--threads", "x"], ["--serial", "--threads", "2"], ["--serial", "--chaos"],
                      ["--processes", "-1"], ["--start-method", "vfork"], ["--unknown"], ["a", "b"],
                      ["--files"]]:
            with self.subTest(wrong):
                self.check_usage_error(*wrong)

    def test_help(self):
        result = self.run_census("--help")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        for option in [b"--json", b"--processes", b"--start-method", b"--chaos", b"--serial", b"--threads"]:
            self.assertIn(option, result.stdout)

    def test_a_report_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            result = self.run_census("--serial", self.tree.root, stdout=full)
        self.assertEqual((result.returncode, result.stderr), (1, b"census: the report could not be written\n"))


if __name__ == "__main__":
    unittest.main()
