"""What run_json.py, run_sarif.py and run_formats.py share: real runs of racelint, and positions in the files that they report on."""
import collections
import itertools
import os
import pathlib
import re
import subprocess
import tempfile
import tokenize

from testing import RACELINT, ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "rules"

# A program whose findings have long ways, several threads, a guard, and positions behind tabs and wide characters.
PROGRAM = b"""import threading
from concurrent.futures import ThreadPoolExecutor


class Stock:
    def __init__(self):
        self._lock = threading.Lock()
        self._fruit = {}
        self.total = 0

    def deliver(self, name, count):
        with self._lock:
            self._fruit[name] = self._fruit.get(name, 0) + count

    def sell(self, name):
        with self._lock:
            self._fruit[name] -= 1

    def take(self, name):
        left = self._fruit.get(name, 0)
        if left:
            self._fruit[name] = left - 1
\t# a comment that begins with a tab
        text = '\xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80'; self.total += len(text)


stock = Stock()
seen = []


def work(name):
    stock.deliver(name, 2)
    stock.sell(name)
    stock.take(name)
    if name not in seen:
        seen.append(name)
    while seen:
        seen.pop()


with ThreadPoolExecutor() as pool:
    for fruit in ("apple", "pear"):
        pool.submit(work, fruit)
threading.Thread(target=work, args=("fig",)).start()
"""

# A run in a folder; `root` is what racelint takes for the root of the project, to which paths are relative.
Run = collections.namedtuple("Run", "name folder root arguments status")


def write_hostile(folder):
    """A project whose file names and contents are hard to report on."""
    for name in (b"plain.py", b"with blank.py", b"100%#[x](1).py", "漢字.py".encode(), b"bad\xff.py", b"crlf.py",
                 b"return.py", b"bom.py", b"latin.py", b"new\nline.py"):
        text = PROGRAM
        if name == b"crlf.py":
            text = text.replace(b"\n", b"\r\n")
        elif name == b"return.py":
            text = text.replace(b"\n", b"\r")
        elif name == b"bom.py":
            text = b"\xef\xbb\xbf" + text
        elif name == b"latin.py":
            text = b"# coding: latin-1\n" + text.replace(b"'\xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80'", b"'\xe9\xe8'")
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(text)
    (folder / "broken.py").write_bytes(PROGRAM + b"def (:\n    x = = 1\n")
    (folder / "invalid.py").write_bytes(PROGRAM + b"name = '\xff\xfe'\n")
    (folder / "empty.py").write_bytes(b"")


def runs(work):
    """The runs, with what they need written below the folder `work`."""
    hostile, quiet = work / "hostile dir %41", work / "quiet"
    hostile.mkdir()
    quiet.mkdir()
    write_hostile(hostile)
    (quiet / "quiet.py").write_text("print('nothing')\n")
    low = ["--isolated", "--min-confidence", "low"]
    return [
        Run("the fixtures of the rules", ROOT, FIXTURES, low + [str(FIXTURES.relative_to(ROOT))], 1),
        Run("names and contents that are hard to report", hostile, hostile, low + ["."], 1),
        Run("a project without findings", quiet, quiet, low + ["."], 0),
        Run("the default confidence", hostile, hostile, ["--isolated", "plain.py"], 1),
        Run("a file named by its whole path", quiet, hostile, low + [str(hostile / "plain.py")], 1),
    ]


def output_of(run, output_format):
    """The report of a run; raises an AssertionError where its exit status is not the expected one."""
    command = [RACELINT, "check", "--output-format", output_format, *run.arguments]
    result = subprocess.run(command, cwd=run.folder, capture_output=True, timeout=300)
    assert result.returncode == run.status, \
        f"exit status {result.returncode}, not {run.status}: {result.stderr.decode(errors='replace')[:2000]}"
    return result.stdout


def check_run(run, output_format, check):
    """What is wrong with the report of a run."""
    try:
        output = output_of(run, output_format)
        problems = list(check(run, output))
        if output_of(run, output_format) != output:
            problems.append("a second run gave another output")
    except AssertionError as error:
        problems = [str(error)]
    return problems


def check_all(checks):
    """Checks every run in each format with checks[format](run, output), which yields problems; prints the sum and returns the
    exit status."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        for run, output_format in itertools.product(runs(pathlib.Path(name).resolve()), checks):
            problems = check_run(run, output_format, checks[output_format])
            if problems:
                failed += 1
                print(f"FAIL {output_format}: {run.name}")
                for problem in problems[:20]:
                    print(f"     {problem}")
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


class Files:
    """The lines of reported files, as racelint sees them."""

    def __init__(self, folder):
        self.folder = os.fsencode(folder)
        self.known = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def lines(self, name):
        """The lines of a file that is named in bytes, or None where there is no such file."""
        if name not in self.known:
            path = self.path(name)
            self.known[name] = self.read(path) if os.path.isfile(path) else None
        return self.known[name]

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "rb") as file:
            try:
                encoding = tokenize.detect_encoding(file.readline)[0]
            except SyntaxError:
                encoding = "utf-8"
        return re.split("\r\n|\r|\n", data.decode(encoding, "replace").lstrip("\ufeff"))

    def problem(self, name, line, column):
        """Why a position (from 1, in code points; just behind a line's end is one) is none, or None."""
        lines = self.lines(name)
        if lines is None:
            return f"{name!r} is no file"
        if not 1 <= line <= len(lines):
            return f"{name!r} has no line {line}"
        if not 1 <= column <= len(lines[line - 1]) + 1:
            return f"{name!r} has no column {column} in line {line}"
        return None
