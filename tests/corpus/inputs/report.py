"""A tour of CPython and its library whose every line of output is determined."""

import base64
import binascii
import collections
import csv
import dataclasses
import datetime
import decimal
import difflib
import enum
import fractions
import functools
import hashlib
import heapq
import io
import itertools
import json
import math
import operator
import os
import pathlib
import random
import re
import statistics
import string
import struct
import sys
import textwrap
import traceback
import unittest

print(sys.version_info[:3], sys.platform, sys.argv[1:], os.environ.get("MODE"), sys.byteorder, sys.maxsize)


@dataclasses.dataclass(order=True)
class Point:
    x: float
    y: float = 0.0
    tags: list = dataclasses.field(default_factory=list, compare=False)


class Color(enum.Flag):
    RED = enum.auto()
    GREEN = enum.auto()
    BLUE = enum.auto()


print(sorted([Point(2, 1), Point(1, 5), Point(1, 2, ["a"])]), Color.RED | Color.BLUE)
document = {"name": "té", "values": [1, 2.5, -3e100, None, True], "nested": {"k": list(range(5))}}
print(json.dumps(document, sort_keys=True), json.loads(json.dumps(document)) == document)
try:
    json.loads('{"a": [1, 2,, 3]}')
except json.JSONDecodeError as error:
    print(error)
text = "The quick brown fox jumps over 13 lazy dogs, 42 cats and 7 birds. " * 30
print(re.findall(r"(?P<n>\d+) (\w+)", text)[:3], re.sub(r"(?<=q)u(?=i)", "U", text[:20]), len(re.split(r"[\s,.]+", text)))
for name in ("md5", "sha1", "sha256", "sha3_256", "blake2b"):
    print(name, hashlib.new(name, text.encode()).hexdigest()[:32])
print(binascii.crc32(text.encode()), binascii.a2b_base64(binascii.b2a_base64(text.encode())) == text.encode())
decimal.getcontext().prec = 60
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7, decimal.Decimal("1e-50") + 1)
print(fractions.Fraction(355, 113) - fractions.Fraction(22, 7), sum(fractions.Fraction(1, n) for n in range(1, 30)))
print(math.factorial(100), pow(3, 10**6, 10**9 + 7), math.isqrt(10**60), (2**521 - 1) % 1000003, hex(7**150))
print(math.pi, math.sin(1e6), math.gamma(5.5), math.erf(0.3), math.hypot(3, 4), math.fsum([0.1] * 10), 0.1 + 0.2, 1e308 * 10, round(2.675, 2))
generator = random.Random(12345)
sample = [generator.gauss(0, 1) for _ in range(1000)]
print(sample[:3], statistics.mean(sample), statistics.stdev(sample), generator.sample(range(100), 8), generator.choices("abc", k=10))
print(collections.Counter(text.split()).most_common(4), heapq.nsmallest(4, sample), collections.deque(range(9), maxlen=4))
print(list(itertools.islice(itertools.permutations("abcd", 3), 5)), functools.reduce(operator.mul, range(1, 15)))
print(datetime.datetime(2024, 2, 29, 12, 30) + datetime.timedelta(days=366, seconds=1.5), datetime.date(2000, 1, 1).isocalendar())
print(struct.pack("<IhqdB", 1, -2, 3 << 40, 0.1, 255).hex(), base64.b85encode(bytes(range(20))), "ünïcödé".encode("utf-16-le").hex())
print(textwrap.fill(text[:150], 40), f"{3.14159:>10.3f}|{255:#010x}|{'x':^7}|{1234567.891:,.2f}|{0.000123:e}")
print("\n".join(difflib.unified_diff("a b c d".split(), "a x c d e".split(), lineterm="")), string.Template("$a-$b").substitute(a=1, b=2))

out = io.StringIO()
csv.writer(out).writerows([[1, "two, three", 'q"uote'], [4.5, None, ""]])
print(repr(out.getvalue()))


@functools.lru_cache(maxsize=None)
def paths(x, y):
    return 1 if x == 0 or y == 0 else paths(x - 1, y) + paths(x, y - 1)


def countdown(n):
    while n:
        received = yield n
        n -= received or 1


async def chain(depth):
    return depth if depth == 0 else 1 + await chain(depth - 1)


print(paths(60, 60), list(countdown(5)))
try:
    chain(50).send(None)
except StopIteration as stop:
    print("coroutine", stop.value)


def queens(n, columns=0, left=0, right=0, row=0):
    if row == n:
        return 1
    free = ~(columns | left | right) & ((1 << n) - 1)
    count = 0
    while free:
        bit = free & -free
        free ^= bit
        count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1, row + 1)
    return count


print([queens(n) for n in range(1, 9)])
try:
    (lambda: [][1])()
except IndexError:
    print(traceback.format_exc().splitlines()[-1])
try:
    def endless(n):
        return endless(n + 1)

    sys.setrecursionlimit(200)
    endless(0)
except RecursionError as error:
    print(type(error).__name__)
finally:
    sys.setrecursionlimit(1000)

root = pathlib.Path("/work/tree")
(root / "a" / "b").mkdir(parents=True)
for i in range(5):
    (root / "a" / f"file{i}.txt").write_text(f"line {i}\n" * i)
(root / "a" / "b" / "data.bin").write_bytes(bytes(range(256)) * 100)
print(sorted(os.listdir(root / "a")), sorted(str(p.relative_to(root)) for p in root.rglob("*.txt"))[:3])
with open(root / "a" / "b" / "data.bin", "r+b") as file:
    file.seek(1000)
    file.write(b"hello")
    file.seek(-5, os.SEEK_END)
    print(file.read(), file.tell(), os.fstat(file.fileno()).st_size)
os.rename(root / "a" / "file4.txt", root / "moved.txt")
os.remove(root / "a" / "file0.txt")
for current, folders, files in sorted(os.walk(root)):
    print(current, sorted(folders), sorted(files))
try:
    open("/work/none")
except FileNotFoundError as error:
    print(error)
try:
    open("/etc/passwd")
except OSError as error:
    print("refused", type(error).__name__)
print(len(os.listdir("/usr/lib/python3.11")) > 150, sys.stdin.read().split())


class Arithmetic(unittest.TestCase):
    def test_divmod(self):
        for a in range(-50, 50):
            for b in [*range(-7, 0), *range(1, 7)]:
                q, r = divmod(a, b)
                self.assertEqual(q * b + r, a)

    def test_floats(self):
        self.assertEqual(float.fromhex("0x1.999999999999ap-4"), 0.1)
        self.assertAlmostEqual(math.exp(1), math.e)

    def test_that_fails(self):
        self.assertEqual({"a": 1}, {"a": 2})


result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Arithmetic))
print(result.testsRun, [str(case) for case, _ in result.failures])
sys.exit(len(result.failures) + 10)
