#!/usr/bin/env python3
"""Checks what racelint does on a terminal (colours, hyperlinks, threads side by side, the progress line), that its text fits 80
columns, and that an interrupt leaves no half-written file.

    run_terminal.py [PART...]   runs the tests whose name has one of these parts
"""
import fcntl
import os
import pathlib
import pty
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata

from testing import RACELINT, ROOT, environment, run_tests, tests_of

EXAMPLES = ROOT / "examples"
TIMEOUT = 120  # seconds
ESCAPE = re.compile(r"\x1b\[[0-9;]*[mK]|\x1b\]8;;[^\x1b]*\x1b\\")


def capable(**variables):
    """The environment in a terminal that can do what most can."""
    return environment(**{"TERM": "xterm-256color", **variables})


def on_terminal(*arguments, columns=80, cwd=EXAMPLES, **variables):
    """What a terminal of that width gets to see of standard output and standard error."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen([RACELINT, "check", "--isolated", *arguments], cwd=cwd, env=capable(**variables),
                             stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    seen = []

    def read():
        while True:
            try:
                data = os.read(master, 1 << 16)
            except OSError:  # how Linux says that the other end is closed
                return
            if not data:
                return
            seen.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    child.wait(TIMEOUT)
    reader.join(TIMEOUT)
    os.close(master)
    return b"".join(seen).decode().replace("\r\n", "\n")


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_colours(_):
    cases = [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False),
             ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
             ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
    for output_format in ("text", "concise"):
        for variables, wanted in cases:
            if ("\x1b[" in on_terminal("--output-format", output_format, ".", **variables)) != wanted:
                yield f"{output_format} {variables}: colours {'missing' if wanted else 'there'}"
    if "\x1b" in on_terminal("--color", "never", ".") or "\x1b" in on_terminal("--output-format", "json", "."):
        yield "colours where none are asked for"


def test_hyperlinks(_):
    cases = [({}, False), ({"TERM_PROGRAM": "WezTerm"}, True), ({"TERM": "xterm-kitty"}, True), ({"VTE_VERSION": "7600"}, True),
             ({"VTE_VERSION": "4205"}, False), ({"VTE_VERSION": "7600", "NO_COLOR": "1"}, False),
             ({"FORCE_HYPERLINK": "1"}, True), ({"FORCE_HYPERLINK": "0", "TERM": "xterm-kitty"}, False)]
    for variables, wanted in cases:
        shown = on_terminal(".", **variables)
        if bool(re.search(r"\x1b\]8;;https://\S+\x1b\\RL\d{3}\x1b\]8;;\x1b\\", shown)) != wanted:
            yield f"{variables}: hyperlinks {'missing' if wanted else 'there'}"


def test_threads_stand_side_by_side_where_there_is_room(_):
    for columns, variables, wanted in ((80, {}, False), (60, {}, False), (140, {}, True), (80, {"COLUMNS": "140"}, True)):
        shown = ESCAPE.sub("", on_terminal("price_cache.py", columns=columns, **variables))
        beside = re.search(r"\n     A {30,}\|  B\n  1  checks .*line 20  \|\n  2 {30,}\|  writes ", shown)
        if bool(beside) != wanted:
            yield f"{columns} columns {variables}: {shown}"


def test_text_fits_the_terminal(_):
    """But for the line that names the place, whose path may be long."""
    folder = ROOT / "tests" / "fixtures" / "rules"
    for columns in (57, 80, 100, 150):
        shown = ESCAPE.sub("", on_terminal("--min-confidence", "low", ".", columns=columns, cwd=folder))
        if shown.count("\n") < 1000:
            yield "there are hardly any findings"
        long = [line for line in shown.split("\n") if width(line) > columns and not re.match(r"\S+:\d+:\d+: RL", line)]
        long = [line for line in long if " " in line.strip() and "/" not in line]
        if long:
            yield f"{columns} columns: {len(long)} lines, such as {long[0]!r}"


def processor_time():
    """Of all programs that were run to their end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def slow_program(folder):
    """A program that takes two seconds or so to analyse, and how long it takes a processor: others may be at work."""
    source = pathlib.Path(os.__file__).with_name("argparse.py").read_bytes()
    seconds, count = 0.0, 0
    while seconds < 1.6 and count < 2000:
        for number in range(count, 2 * count + 20):
            (folder / f"m{number}.py").write_bytes(source)
            count = number + 1
        before = processor_time()
        subprocess.run([RACELINT, "check", "--isolated", "--jobs", "1", "--quiet", "."], cwd=folder, env=capable(),
                       capture_output=True, check=False, timeout=TIMEOUT)
        seconds = processor_time() - before
    return seconds


def test_progress_and_interrupts(folder):
    """One test, as both need a program that takes its time."""
    seconds = slow_program(folder)
    shown = on_terminal("--jobs", "1", ".", cwd=folder)
    lines = re.findall(r"\rracelint: ([^\r\x1b]*)\x1b\[K", shown)
    if not lines or not all(re.fullmatch(r"(\d+ of \d+ files read|\d+ files read, following their threads)"
                                         r"(, about \d+ s left| for \d+ s)?", line) for line in lines):
        yield f"the progress is {lines}"
    if "\r\x1b[K" not in shown or "racelint: " in shown.rsplit("\r\x1b[K", 1)[-1]:
        yield f"the line was not taken away: {shown[-300:]!r}"
    for arguments, variables in ((("--quiet",), {}), ((), {"TERM": "dumb"})):
        if "\r" in on_terminal("--jobs", "1", *arguments, ".", cwd=folder, **variables):
            yield f"a progress line with {arguments} {variables}"
    yield from interrupts(folder, seconds)


def interrupts(folder, seconds):
    out = folder / "out"
    out.mkdir()
    command = [RACELINT, "check", "--isolated", "--jobs", "1", "--quiet", "--min-confidence", "low", "--output-format", "json",
               "--output-file", out / "r.json", "."]
    (out / "r.json").write_text("old")
    dice = random.Random(7)
    for number in range(7):
        child = subprocess.Popen(command, cwd=folder, env=capable(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Most of them near the end, where the file is written.
        time.sleep(seconds * dice.uniform(0.1, 0.9) if number < 2 else seconds * dice.uniform(0.9, 1.05))
        child.send_signal(signal.SIGINT)
        status = child.wait(TIMEOUT)
        text = (out / "r.json").read_text()
        if text != "old" and not text.endswith("}\n"):
            yield f"half a report, status {status}: {text[-100:]!r}"
        if os.listdir(out) != ["r.json"]:
            yield f"left behind, status {status}: {os.listdir(out)}"


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
