#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Values of Python through cohort and back, with every interpreter that is found.

Usage: pickle_values.py [--results FILE] PROGRAM  runs each interpreter on the PATH and under pyenv
       pickle_values.py --alone PROGRAM SEED  this interpreter only
       pickle_values.py --seeds FOLDER        writes pickles as seeds for fuzzing

PROGRAM (pickle_echo) loads a pickle and answers with repr(), str() and a pickle of its own. The value must come back
equal: types, order and identity included; and repr() and str() must be Python's.
"""
import array
import collections
import datetime
import decimal
import enum
import fractions
import os
import pathlib
import pickle
import queue
import random
import re
import struct
import subprocess
import sys
import threading
import types
import uuid
from multiprocessing import context, managers

from interpreters import absent, interpreters
from results import Results

OLDEST = 6


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, [2]

    def __eq__(self, other):
        return type(other) is type(self) and (self.a, self.b) == (other.a, other.b)

    __hash__ = None


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


class Flags(enum.IntFlag):
    A = 1
    B = 2


class WithNewArgs(tuple):
    def __new__(cls, *, a, b):
        return super().__new__(cls, (a, b))

    def __getnewargs_ex__(self):
        return (), {"a": self[0], "b": self[1]}


class Own(Exception):
    pass


class Outer:
    class Inner:
        def __eq__(self, other):
            return type(other) is type(self)

        __hash__ = None


class IntSubclass(int):
    pass


class ListSubclass(list):
    pass


class DictSubclass(dict):
    pass


class Identity:
    """Compared by identity: two that look the same are two."""


Pair = collections.namedtuple("Pair", "first second")


def attribute_error():
    try:
        return None.missing
    except AttributeError as error:
        return error


def decode_error():
    try:
        return b"ab\xff".decode()
    except UnicodeDecodeError as error:
        return error


def encode_error():
    try:
        return "ab\u20ac".encode("latin-1")
    except UnicodeEncodeError as error:
        return error


def file_error():
    try:
        return open("/nonexistent/file")
    except OSError as error:
        return error


def noted():
    error = ValueError("with a note")
    error.__notes__ = ["a note"]
    return error


def plain_values():
    """Of the types whose repr() is promised."""
    utc, hour = datetime.timezone.utc, datetime.timedelta(hours=1)
    yield from [None, True, False, ..., NotImplemented][:3]
    for bits in list(range(0, 70)) + [127, 128, 255, 256, 1000, 2040, 2048, 8000]:
        for delta in (-1, 0, 1):
            yield 2 ** bits + delta
            yield -(2 ** bits) + delta
    yield from [0.0, -0.0, 1.0, -1.5, 0.1, 1e15, 1e16, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308,
                2.0 ** 53, 1 / 3, 1e22, 1e23, float("inf"), float("-inf"), float("nan")]
    yield from [1j, -1j, 1 + 2j, -0.0 + 1j, complex(-0.0, -0.0), complex(1.5, float("nan")), complex("inf"), 1e20 + 1e-7j]
    yield from ["", "a", "text", "x" * 13, "x" * 14, "x" * 15, "x" * 255, "x" * 256, "y" * 70000, "it's", '"', "'\"",
                "\\", "\n\r\t\0\x7f\x1b", "\u00e9", "\u20ac", "\U0001f600", "\ud800", "a\udfffb", "\u00a0", "\u200b",
                "\ufeff", "\u0378", "\u3000", "\U000e0001", "\u2028", "\xad", "\x85"]
    yield from [b"", b"a", b"it's", b"'\"", bytes(range(256)), b"z" * 255, b"z" * 256, b"z" * 70000]
    yield from [bytearray(), bytearray(b"a\x00"), bytearray(range(256)), bytearray(b"z" * 70000)]
    yield from [[], [1], [1, 2], [[]], [[[]]], list(range(300)), list(range(2500)), ["a", None, 2.5]]
    yield from [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((),), tuple(range(300))]
    yield from [{}, {"a": 1}, {1: "a", "b": [1, {"c": ()}]}, {i: str(i) for i in range(2500)}, {None: None, True: 2.5},
                {(1, 2): frozenset([1]), b"k": {}}, {"z": 1, "a": 2}, {1.5: 1j}]
    yield from [set(), {1}, {1, 2, 3}, {"a"}, {(1, "b")}, set(range(1500)), frozenset(), frozenset([1, 2]),
                {frozenset([1]), frozenset()}]
    yield from [range(0), range(5), range(1, 5), range(0, 10, 3), range(10, 0, -2), range(2 ** 70), slice(None),
                slice(1, 2), slice(1, None, -1), slice("a", [])]
    yield from [datetime.date(1, 1, 1), datetime.date(2024, 2, 29), datetime.date(9999, 12, 31), datetime.time(),
                datetime.time(1, 2), datetime.time(1, 2, 3), datetime.time(1, 2, 3, 4), datetime.time(0, 0, 0, 4),
                datetime.time(1, 2, tzinfo=utc), datetime.time(23, 59, 59, 999999, fold=1),
                datetime.datetime(1970, 1, 1), datetime.datetime(2024, 2, 29, 12, 30, 59, 123456),
                datetime.datetime(2024, 2, 29, 12, 30, tzinfo=utc), datetime.datetime(1, 1, 1, fold=1),
                datetime.datetime(2024, 12, 1, 1, tzinfo=datetime.timezone(-hour)), datetime.timedelta(),
                datetime.timedelta(1), datetime.timedelta(-1), datetime.timedelta(2, 3, 4),
                datetime.timedelta(microseconds=-1), datetime.timedelta.max, datetime.timedelta.min, utc,
                datetime.timezone(hour), datetime.timezone(-hour * 5.5), datetime.timezone(hour, "X")]
    if sys.version_info >= (3, 7):
        yield datetime.timezone(datetime.timedelta(seconds=-90))
        yield datetime.timezone(datetime.timedelta(microseconds=1))
    for text in ("0", "-0", "1", "1.50", "-12.3E+7", "1E-10", "NaN", "sNaN", "-Infinity", "0E+5", "123456789.123456789",
                 "1e1000", "0.00001", "0.0000001", "1E+3", "NaN123"):
        yield decimal.Decimal(text)
    for kind in (KeyError, ValueError, TypeError, RuntimeError, EOFError, StopIteration, IndexError, queue.Empty,
                 queue.Full, threading.BrokenBarrierError, context.TimeoutError, context.AuthenticationError,
                 context.BufferTooShort, context.ProcessError, OSError, KeyboardInterrupt,
                 ZeroDivisionError, NotImplementedError, MemoryError, AssertionError, SystemExit):
        yield kind()
        yield kind("k")
        yield kind("it's", 2)
    yield from [managers.RemoteError("a traceback\n"), KeyError(("a", 1)), OSError(2, "No such file"), OSError(2, "No such file", "f"),
                OSError(13, "No", "f", None, "g"), ConnectionRefusedError(111, "Connection refused"),
                BlockingIOError(11, "again"), file_error(), decode_error(), encode_error(), ValueError([1, {2: 3}]),
                ValueError(KeyError("inside"))]
    yield from [int, len, dict, collections.OrderedDict, Point][:1]


def opaque_values():
    """Of classes that only Python knows."""
    default = collections.defaultdict(list)
    default["a"].append(1)
    ordered = collections.OrderedDict([("z", 1), ("a", 2)])
    yield from [len, dict, Point, Outer.Inner, os.path.join, collections.OrderedDict, str.upper, ...]
    yield from [ordered, default, collections.deque([1, 2]), collections.deque([1], 3), collections.Counter("abca"),
                collections.ChainMap({"a": 1}), Pair(1, [2]), types.SimpleNamespace(a=1, b="x"),
                array.array("d", [1.5]), array.array("i", [1, 2, 3]), array.array("i"), uuid.UUID(int=5),
                pathlib.PurePosixPath("/a/b"), fractions.Fraction(1, 3), Colour.RED, Colour.BLUE, Flags.A | Flags.B,
                Point(1, [2]), Slotted(), WithNewArgs(a=1, b=2), Outer.Inner(), IntSubclass(7), ListSubclass([1, 2]),
                DictSubclass(a=1), attribute_error(), noted(), Own("x"), Own(1, 2), {"k": Point(1, Colour.RED)},
                [uuid.UUID(int=i) for i in range(40)], {uuid.UUID(int=1): 1}, {Colour.RED: 1},
                datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), re.compile("a+b"),
                managers.Token("dict", ("127.0.0.1", 5000), "7f02"), managers.Token("list", "/tmp/x", "1")]


def random_value(rng, depth=0):
    kind = rng.randrange(22 if depth < 4 else 12)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind in (1, 2):
        return rng.choice([-1, 1]) * rng.getrandbits(rng.choice([3, 8, 16, 31, 32, 63, 64, 65, 200]))
    if kind == 3:
        return struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
    if kind == 4:
        return rng.choice([-1, 1]) * round(rng.uniform(0, 10 ** rng.randrange(-6, 20)), rng.randrange(12))
    if kind in (5, 6, 7):
        alphabet = rng.choice(["abc'\"\\", "\n\t\x00\x7f ", "a\u00e9\u20ac\U0001f600", "\ud800b\udfff"])
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(20)))
    if kind == 8:
        return bytes(rng.getrandbits(8) for _ in range(rng.randrange(20)))
    if kind == 9:
        return rng.choice([bytearray(b"a"), 1.5j, range(rng.randrange(9)), frozenset([rng.randrange(9)])])
    if kind == 10:
        return datetime.datetime(rng.randrange(1, 10000), rng.randrange(1, 13), rng.randrange(1, 29),
                                 rng.randrange(24), rng.randrange(60), rng.randrange(60),
                                 rng.choice([0, rng.randrange(10 ** 6)]))
    if kind == 11:
        return decimal.Decimal(rng.getrandbits(70)).scaleb(rng.randrange(-40, 40))
    parts = [random_value(rng, depth + 1) for _ in range(rng.randrange(6))]
    if kind < 15:
        return parts
    if kind < 17:
        return tuple(parts)
    if kind < 21:
        return {rng.choice([i, str(i), i + 0.5, (i, "x")]): part for i, part in enumerate(parts)}
    return set(rng.randrange(1000) for _ in parts)


def same(one, other):
    """Whether they are equal, of the same types, in the same order, down to the bits of floats."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, decimal.Decimal):
        return one.as_tuple() == other.as_tuple()
    if isinstance(one, (list, tuple, collections.deque)) and not hasattr(one, "__dict__"):
        return len(one) == len(other) and all(map(same, one, other)) and \
            getattr(one, "maxlen", None) == getattr(other, "maxlen", None)
    if isinstance(one, dict) and type(one) in (dict, collections.OrderedDict, collections.defaultdict):
        return same(list(one.items()), list(other.items())) and \
            getattr(one, "default_factory", None) is getattr(other, "default_factory", None)
    if isinstance(one, BaseException):
        return same(one.args, other.args) and str(one) == str(other) and same(vars(one), vars(other)) and \
            getattr(one, "filename", None) == getattr(other, "filename", None)
    if isinstance(one, slice):
        return same((one.start, one.stop, one.step), (other.start, other.stop, other.step))
    if isinstance(one, (datetime.datetime, datetime.time)):
        return one == other and one.fold == other.fold and repr(one) == repr(other)
    if isinstance(one, managers.Token):
        return same(one.__getstate__(), other.__getstate__())
    return one == other


class Program:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self):
        size, = struct.unpack("<Q", self.process.stdout.read(8))
        return self.process.stdout.read(size)

    def send(self, message):
        self.process.stdin.write(struct.pack("<Q", len(message)) + message)
        self.process.stdin.flush()
        if self.read() == b"error":
            return None, self.read().decode("utf-8", "surrogatepass"), b""
        return tuple(self.read().decode("utf-8", "surrogatepass") for _ in range(2)) + (self.read(),)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Check:
    def __init__(self, program):
        self.program, self.count, self.failures = program, 0, []

    def fail(self, what, *details):
        self.failures.append(what + "".join("\n    %s" % ascii(detail)[:600] for detail in details))

    def value(self, value, protocol, texts):
        self.count += 1
        message = pickle.dumps(value, protocol)
        shown, text, answer = self.program.send(message)
        if shown is None:
            return self.fail("refused", value, protocol, text, message)
        back = pickle.loads(answer)
        own = pickle.loads(message)
        if not same(value, own):
            value = own  # Python itself loses something: protocols below 4 have no `fold`
        if not same(value, back):
            self.fail("not equal", value, back, protocol, message, answer)
        if texts and shown != repr(value):
            self.fail("repr", repr(value), shown)
        if texts and text != str(value):
            self.fail("str", str(value), text)

    def refused(self, message, why):
        self.count += 1
        shown, text, _ = self.program.send(message)
        if shown is not None or why not in text:
            self.fail("not refused", message, why, shown, text)

    def identity(self, protocol):
        shared = [1]
        back = pickle.loads(self.program.send(pickle.dumps([shared, {"a": shared}, (shared,)], protocol))[2])
        if not (back[0] is back[1]["a"] is back[2][0]):
            self.fail("identity was lost", back)
        elements = {Identity() for _ in range(3)}
        back = pickle.loads(self.program.send(pickle.dumps((elements, frozenset(elements)), protocol))[2])
        if len(back[0]) != 3 or back[0] != back[1]:
            self.fail("objects that look the same became one", back)


def texts_agree(value):
    """Whether this version of Python shows the value as newer ones do."""
    if sys.version_info >= (3, 7):
        return True
    return not any(word in repr(value) for word in ("Error", "Exit", "Empty", "Full", "Interrupt", "TooShort",
                                                    "Iteration", "timedelta"))


def recursive_values():
    in_itself = []
    in_itself.append(in_itself)
    by_tuple = ([],)
    by_tuple[0].append(by_tuple)
    by_dict = {}
    by_dict["self"] = [by_dict]
    node = Point(1, None)
    node.y = [node]
    return [in_itself, by_tuple, by_dict, node]


def run_alone(path, seed):
    program = Program(path)
    check = Check(program)
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    for protocol in protocols:
        for value in plain_values():
            check.value(value, protocol, texts_agree(value))
        for value in opaque_values():
            if protocol < 2 and isinstance(value, Slotted):
                continue  # Python itself does not pickle it
            check.value(value, protocol, False)
        for value in recursive_values():
            check.refused(pickle.dumps(value, protocol), "holds itself")
        check.identity(protocol)
    rng = random.Random(seed)
    for _ in range(4000):
        value = random_value(rng)
        check.value(value, rng.choice(list(protocols)), texts_agree(value))
    check.refused(b"]" * 100000 + b"a" * 99999 + b".", "deep")
    if program.close() != 0:
        check.fail("the program failed")
    for failure in check.failures[:20]:
        print(failure)
    print("%d values, seed %s: %s" % (check.count, seed, "%d failures" % len(check.failures) if check.failures else "equal"))
    return 1 if check.failures else 0


def run_all(path, results):
    seed = os.environ.get("COHORT_TEST_SEED", "1")
    found = interpreters(OLDEST)
    for version, interpreter in found.items():
        result = subprocess.run([interpreter, __file__, "--alone", path, seed], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        print("Python %d.%d.%d:" % version, result.stdout.decode(errors="replace").strip(), flush=True)
        results.add(version, "both ways", "pickled values: every type, each protocol",
                    None if result.returncode == 0 else "status %d" % result.returncode)
    print("not on this machine:", " ".join(absent(found, OLDEST)) or "none")
    return results.end()


def write_seeds(folder):
    os.makedirs(folder, exist_ok=True)
    values = [value for value in list(plain_values()) + list(opaque_values()) if len(pickle.dumps(value)) < 200][::5]
    for number, value in enumerate(values):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            if number % 6 == protocol and not (protocol < 2 and isinstance(value, Slotted)):
                with open(os.path.join(folder, "%03d" % number), "wb") as file:
                    file.write(pickle.dumps(value, protocol))


def main(arguments):
    if arguments[0] == "--alone":
        return run_alone(arguments[1], arguments[2])
    if arguments[0] == "--seeds":
        return write_seeds(arguments[1])
    if arguments[0] == "--results":
        return run_all(arguments[2], Results(arguments[1]))
    return run_all(arguments[0], Results())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
