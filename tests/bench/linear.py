"""Shows how time grows with code: a folder of Python, alone and as ten renamed packages.

    linear.py RACELINT [--path DIR] [--copies N] [--runs N] [--limit RATIO]

The copies are made in a temporary folder, each a package of its own name, so that nothing of one is known of another.
Prints the time of a check of one copy, of all, and their ratio. With --limit, a larger ratio than that many times the
number of copies is a failure: 1.2 allows ten times the code twelve times the time.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time

LEFT_OUT = shutil.ignore_patterns("test", "tests", "site-packages", "dist-packages", "__pycache__", "idle_test")


def seconds(racelint, folder, runs):
    best = None
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.run(
            [racelint, "check", "--isolated", "--output-format", "json", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        taken = time.perf_counter() - start
        if process.returncode not in (0, 1):
            sys.exit(f"racelint: exit status {process.returncode}\n{process.stderr.decode(errors='replace')[:2000]}")
        best = taken if best is None else min(best, taken)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("racelint")
    parser.add_argument("--path", default=sysconfig.get_path("stdlib"))
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--limit", type=float)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one, many = pathlib.Path(folder, "one"), pathlib.Path(folder, "many")
        for parent, copies in ((one, 1), (many, options.copies)):
            for i in range(copies):
                package = parent / f"copy{i}"
                shutil.copytree(options.path, package, ignore=LEFT_OUT, symlinks=True)
                (package / "__init__.py").touch()
        alone = seconds(options.racelint, one, options.runs)
        together = seconds(options.racelint, many, options.runs)
    ratio = together / alone
    print(f"one copy      {alone:8.2f} s")
    print(f"{options.copies} copies     {together:8.2f} s")
    print(f"ratio         {ratio:8.2f}")
    if options.limit is not None and ratio > options.limit * options.copies:
        sys.exit(f"linear: {ratio:.2f} times the time for {options.copies} times the code")


if __name__ == "__main__":
    main()
