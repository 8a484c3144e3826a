"""Times the analysis of the standard library of the Python that runs this.

    bench.py RACELINT [--path DIR] [--jobs N] [--runs N] [--limit RATIO]

Prints the time of a whole check, the time of reading and parsing alone (`racelint debug parse`, same files, same
number of jobs), their ratio, the same ratio in processor time (which does not depend on the number of jobs), the phases
of the check, and its peak memory. Both are run in turn, so that a busy machine slows both, and the best run of each
counts. With --limit, a larger ratio of elapsed times is a failure.
"""

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time

PHASE = re.compile(r"^timing: (.+) ([0-9.]+)$", re.M)


def run(command):
    """Runs a command; returns (seconds, processor seconds, peak memory in bytes, standard output, standard error)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{texts[1][:2000]}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return seconds, usage.ru_utime + usage.ru_stime, peak, *texts


def parse_result(text):
    """What `racelint debug parse` prints: a name and a number on each line."""
    result = dict(line.split() for line in text.splitlines())
    try:
        return {name: float(result[name]) for name in ("files", "lines", "bytes", "seconds")}
    except (KeyError, ValueError):
        sys.exit(f"`debug parse` printed {text[:200]!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("racelint")
    parser.add_argument("--path", default=sysconfig.get_path("stdlib"))
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float)
    options = parser.parse_args()
    jobs = ["--jobs", str(options.jobs)]
    check = [options.racelint, "check", "--isolated", "--timings", *jobs, options.path]
    parse = [options.racelint, "debug", "parse", *jobs, options.path]

    checks, parses = [], []
    for _ in range(options.runs):
        checks.append(run(check))
        _, processor, _, out, _ = run(parse)
        parses.append({**parse_result(out), "processor": processor})
    size = parses[0]["bytes"]
    fastest = min(result["seconds"] for result in parses)
    print(f"{options.path}: {parses[0]['files']:.0f} files, {parses[0]['lines']:.0f} lines, {size / 1e6:.1f} MB; "
          f"{options.jobs} jobs, best of {options.runs}")
    seconds, _, peak, _, err = min(checks)
    for name, phase in PHASE.findall(err):
        print(f"  {name:16} {float(phase):8.3f} s")
    ratio = seconds / fastest
    print(f"total              {seconds:8.3f} s  ({size / seconds / 1e6:.1f} MB/s)")
    print(f"parse only         {fastest:8.3f} s  ({size / fastest / 1e6:.1f} MB/s)")
    print(f"total/parse        {ratio:8.2f}")
    processor = min(result[1] for result in checks) / min(result["processor"] for result in parses)
    print(f"  processor time   {processor:8.2f}")
    print(f"peak memory        {peak / 1e6:8.0f} MB")
    if options.limit is not None and ratio > options.limit:
        sys.exit(f"the ratio is above {options.limit}")


if __name__ == "__main__":
    main()
