"""Golden tests of the IR: lowers each tests/fixtures/ir/*.py and compares what `racelint debug ir` prints, and what it says
on standard error, with the .ir file beside it. UPDATE=1 rewrites those, for review in the diff."""

import os
import subprocess
import sys

from testing import RACELINT, ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "ir"
UPDATE = os.environ.get("UPDATE") == "1"


def lower(source):
    """What the program prints about a file; paths are cut down to the file's name, so that no folder shows."""
    done = subprocess.run([RACELINT, "debug", "ir", str(source)], cwd=ROOT, capture_output=True, check=False)
    output = done.stdout.decode()
    messages = done.stderr.decode()
    if done.returncode not in (0, 1):
        messages += f"status {done.returncode}\n"
    first, _, rest = output.partition("\n")
    words = first.split(" ")
    if words[0] == "module" and len(words) > 1:
        words[1] = words[1].rsplit("/", 1)[-1]
    text = " ".join(words) + "\n" + rest
    for line in messages.splitlines():
        place, found, message = line.partition(source.name)
        text += "\n" if "\n! " not in text else ""
        text += "! " + (found + message if found else place) + "\n"
    return text


def difference(expected, actual):
    """The first line that differs, for people."""
    pairs = zip(expected.splitlines() + ["(end)"], actual.splitlines() + ["(end)"])
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return f"line {number}\n    expected: {old}\n    actual:   {new}"
    return "only line ends differ"


def main():
    passed = failed = 0
    sources = sorted(p for p in FIXTURES.iterdir() if p.suffix in (".py", ".pyi"))
    for source in sources:
        golden = source.with_suffix(".ir")
        actual = lower(source)
        if UPDATE:
            golden.write_bytes(actual.encode())
        if not golden.exists():
            print(f"{source.name}: there is no {golden.name}; UPDATE=1 writes it")
            failed += 1
            continue
        expected = golden.read_bytes().decode()
        if expected == actual:
            passed += 1
        else:
            print(f"{source.name}: {difference(expected, actual)}")
            failed += 1
    known = {source.stem for source in sources}
    for golden in sorted(FIXTURES.glob("*.ir")):
        if golden.stem not in known:
            print(f"{golden.name}: its source is missing")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
