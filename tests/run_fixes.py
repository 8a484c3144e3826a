#!/usr/bin/env python3
"""Fixes programs and looks at what comes out.

Fixtures are folders in tests/fixtures/fix: `before.py` (or a package `before/`) and `after.py` (`after/`), what `--fix`
makes of it; `options` may hold further options. UPDATE=1 writes `after` anew.

Properties hold for these and for every racy program of a suite (SUITE names its folder, ../shared/suite where it is there;
it has a manifest.jsonl with "path" and "verdict", and `racy/`): the fixed files compile, no finding is there that was not
there before, a second run changes nothing, and a program that ran before runs and ends. Where a Python is installed, the
first two hold for files of its library, too, which change nowhere but where the edits of the JSON report are; the debug
build leaves them out.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from testing import RACELINT, ROOT

FIXTURES = ROOT / "tests/fixtures/fix"
SUITE = pathlib.Path(os.environ.get("SUITE", ROOT.parent / "shared/suite"))
PYTHON = shutil.which("python3")
SECONDS = 60  # a program may take
FOREIGN = 12  # files of Python's library that are fixed at most
SHARE = 0.60  # of the hazards found in a suite, at medium, that fixes do away with at least


def racelint(*args, **keywords):
    return subprocess.run([RACELINT, "check", "--isolated", *map(str, args)], capture_output=True, timeout=SECONDS,
                          **keywords)


def findings(path, *options):
    run = racelint("--output-format", "json", *options, path)
    assert run.returncode in (0, 1), run.stderr.decode()
    return json.loads(run.stdout)["findings"]


def bare(finding):
    """What stays the same of a finding when lines move."""
    return finding["fingerprint"].split(":")[0]


def sources(path):
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def texts(path):
    return {file: file.read_bytes() for file in sources(path)}


def compiles(path):
    """The message of the first file that Python does not compile, or None."""
    for file in sources(path):
        run = subprocess.run([PYTHON, "-c", "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')",
                              file], capture_output=True, timeout=SECONDS)
        if run.returncode != 0:
            return run.stderr.decode().splitlines()[-1]
    return None


def runs(path):
    """Whether a program with a main guard runs, and ends, without an error; None where it is none."""
    main = path / "main.py" if path.is_dir() else path
    if not main.is_file() or "__main__" not in main.read_text(errors="replace"):
        return None
    try:
        run = subprocess.run([PYTHON, main.name], cwd=main.parent, capture_output=True, timeout=20,
                             stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0 and b"Traceback" not in run.stderr


def copied(path, folder):
    target = pathlib.Path(folder) / path.name
    if path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(path, target)
    return target


def problems_of(path, options, check_runs):
    """Fixes a copy of a program; yields what is wrong with it, and returns (findings before, after)."""
    with tempfile.TemporaryDirectory() as folder:
        work = copied(path, folder)
        before = findings(work)
        ran = runs(work) if check_runs else None
        run = racelint("--fix", *options, "--min-confidence", "medium", "--output-format", "json", work)
        problems = []
        if run.returncode not in (0, 1):
            return [f"exit status {run.returncode}: {run.stderr.decode()[:300]}"], before, before
        after = json.loads(run.stdout)["findings"]
        new = collections.Counter(map(bare, after)) - collections.Counter(map(bare, before))
        sure = [f for f in after if new[bare(f)] and f["confidence"] != "low"]
        problems += [f"new finding {f['rule']} on line {f['start']['line']}" for f in sure]
        if PYTHON and compiles(work):
            problems.append(f"does not compile: {compiles(work)}")
        once = texts(work)
        racelint("--fix", *options, work)
        if texts(work) != once:
            problems.append("a second run changes it again")
        if ran and not runs(work):
            problems.append("it ran before, and does not run any more")
        return problems, before, after


def check_suite(folder):
    """The properties of the racy programs of a suite, and the share of the hazards that is fixed."""
    hit = fixed = failed = 0
    cases = [case for case in map(json.loads, (folder / "manifest.jsonl").read_text().splitlines())
             if case["verdict"] == "racy"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: problems_of(folder / case["path"], ["--unsafe-fixes"], True), cases))
    for case, (problems, before, after) in zip(cases, results):
        left = collections.Counter(map(bare, after))
        gone = sum((collections.Counter(map(bare, before)) - left).values())
        hit, fixed = hit + len(before), fixed + gone
        for problem in problems:
            failed += 1
            print(f"FAIL {case['path']}: {problem}")
        if "-v" in sys.argv and gone < len(before):
            for finding in before:
                if left[bare(finding)]:
                    print(f"  left {case['path']}:{finding['start']['line']} {finding['rule']} {finding['fix']['message']}")
    share = fixed / hit if hit else 1
    print(f"suite: {fixed} of {hit} hazards fixed ({share:.0%}) in {len(cases)} programs")
    if share < SHARE:
        failed += 1
        print(f"FAIL suite: fewer than {SHARE:.0%} of the hazards are fixed")
    return len(cases), failed


def edited(path, text):
    """The text with all edits of the JSON report made, by rules of our own; None where edits of two findings overlap."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    edits = []
    for finding in findings(path):
        for edit in finding["fix"]["edits"]:
            start, end = (starts[edit[side]["line"] - 1] + edit[side]["column"] - 1 for side in ("start", "end"))
            if (start, end, edit["text"]) not in edits:
                edits.append((start, end, edit["text"]))
    made, done = "", 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start < done:
            return None
        made, done = made + text[done:start] + new, end
    return made + text[done:]


def edited_in_rounds(path):
    """The same until no edits are left; the file stays as it is. None where that cannot be told."""
    before = text = path.read_bytes().decode()
    made = edited(path, text)
    while made is not None and made != text:
        text = made
        path.write_bytes(text.encode())
        made = edited(path, text) if not compiles(path) else None
    path.write_bytes(before.encode())
    return made


def check_foreign():
    """Files of Python's library, each by itself: what is outside of the edits stays, byte by byte, and the properties of
    the fixtures hold."""
    library = subprocess.run([PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"],
                             capture_output=True, text=True, timeout=SECONDS, check=True).stdout.strip()
    names = sorted({finding["path"] for finding in findings(library) if finding["path"].endswith(".py")})
    compared = changed = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            work = copied(pathlib.Path(library) / name, folder)
            if changed == FOREIGN or not any(finding["fix"]["edits"] for finding in findings(work)):
                continue
            before = work.read_bytes()
            expected = edited_in_rounds(work)
            problems, _, _ = problems_of(work, ["--unsafe-fixes"], False)
            yield from (f"{name}: {problem}" for problem in problems)
            racelint("--fix", "--unsafe-fixes", work)
            changed, compared = changed + 1, compared + (expected is not None)
            if expected is not None and expected.encode() != work.read_bytes():
                yield f"{name}: --fix changes more, or less, than the edits of the report say"
    print(f"foreign: {changed} files fixed, {compared} compared with the edits of the report")
    if compared < changed * 3 / 4:
        yield "too few files could be compared"


def fixture_problems(folder):
    """Compares what --fix makes of a fixture with what is expected, and checks the properties."""
    before = folder / "before" if (folder / "before").is_dir() else folder / "before.py"
    after = folder / before.name.replace("before", "after")
    options = (folder / "options").read_text().split() if (folder / "options").is_file() else ["--unsafe-fixes"]
    with tempfile.TemporaryDirectory() as scratch:
        work = copied(before, scratch)
        mode = 0o640
        for file in sources(work):
            file.chmod(mode)
        racelint("--fix", *options, work)
        made = {file.relative_to(work.parent).as_posix(): file.read_bytes() for file in sources(work)}
        if any(file.stat().st_mode & 0o777 != mode for file in sources(work)):
            yield "the mode of a file changed"
    if os.environ.get("UPDATE"):
        shutil.rmtree(after, ignore_errors=True) if after.is_dir() else after.unlink(missing_ok=True)
        for name, text in made.items():
            target = folder / name.replace("before", "after", 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
    expected = {file.relative_to(folder).as_posix().replace("after", "before", 1): file.read_bytes()
                for file in sources(after)} if after.exists() else {}
    for name in sorted(set(made) | set(expected)):
        if made.get(name) != expected.get(name):
            yield f"{name}: --fix makes something else of it than is expected (UPDATE=1 shows it in the diff)"
    problems, _, _ = problems_of(before, options, True)
    yield from problems


def check_patch(folder):
    """--diff, applied by patch, makes what --fix makes."""
    if not shutil.which("patch"):
        return
    with tempfile.TemporaryDirectory() as scratch:
        fixed, patched = pathlib.Path(scratch) / "fixed", pathlib.Path(scratch) / "patched"
        for place in (fixed, patched):
            place.mkdir()
            shutil.copy(folder / "before.py", place)
        racelint("--fix", "--unsafe-fixes", fixed / "before.py")
        diff = racelint("--diff", "--unsafe-fixes", patched / "before.py")
        subprocess.run(["patch", "--binary", "-p1", "-s"], input=diff.stdout, cwd=patched, check=bool(diff.stdout),
                       timeout=SECONDS, capture_output=True)
        if (fixed / "before.py").read_bytes() != (patched / "before.py").read_bytes():
            yield "the diff, applied, differs from what --fix writes"
        given = (folder / "before.py").read_bytes()
        through = racelint("--fix", "--unsafe-fixes", "-", input=given)
        if through.stdout != (fixed / "before.py").read_bytes():
            yield "--fix on standard input prints something else than --fix writes"


COUNTER = """import threading

total = 0


def add(n):
    global total
    total += n


for n in range(3):
    threading.Thread(target=add, args=(n,)).start()
"""
# Something unknown happens between the read and the write.
UNSAFE = COUNTER.replace("    total += n\n", "    now = total\n    unknown(now)\n    total = now + n\n")


def fixed(work, text, *options, name="app.py", encoding="utf-8", status=None):
    """What --fix makes of a text; with a status, that is compared, too."""
    path = work / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    run = racelint("--fix", *options, path)
    assert status is None or run.returncode == status, f"status {run.returncode}: {run.stderr.decode()}"
    return path.read_bytes()


def test_only_safe_edits_are_made_unless_more_is_asked_for(work):
    if fixed(work, UNSAFE, status=1) != UNSAFE.encode():
        yield "an unsafe edit was made"
    if b"with _lock:" not in fixed(work, UNSAFE, "--unsafe-fixes", status=0):
        yield "--unsafe-fixes made no edit"


def test_a_byte_order_mark_and_a_missing_line_end_stay(work):
    made = fixed(work, b"\xef\xbb\xbf" + COUNTER.encode()[:-1])
    if not made.startswith(b"\xef\xbb\xbfimport") or made.endswith(b"\n") or b"with _lock" not in made:
        yield f"{made!r}"


def test_other_encodings_are_left_alone(work):
    text = "# -*- coding: latin-1 -*-\n# \u00e4\n" + COUNTER
    if fixed(work, text, encoding="latin-1") != text.encode("latin-1"):
        yield "a file in another encoding was changed"


def test_broken_files_are_left_alone(work):
    text = COUNTER + "def (\n"
    if fixed(work, text) != text.encode():
        yield "a file with a syntax error was changed"


def test_suppressed_findings_are_left_alone(work):
    text = COUNTER.replace("total += n", "total += n  # racelint: ignore[RL101] an estimate")
    if fixed(work, text, status=0) != text.encode():
        yield "a suppressed finding was fixed"


def test_rules_that_are_not_selected_still_count_against_an_edit(work):
    made = fixed(work, COUNTER, "--select", "RL101", status=0)
    if b"with _lock" not in made:
        yield f"{made!r}"


def test_a_link_keeps_pointing_at_its_file(work):
    (work / "real").mkdir()
    target = work / "real" / "app.py"
    target.write_text(COUNTER)
    (work / "link.py").symlink_to(target)
    racelint("--fix", work / "link.py")
    if not (work / "link.py").is_symlink() or "with _lock" not in target.read_text():
        yield "the link was replaced, or its file was not fixed"


def test_files_outside_of_the_paths_stay(work):
    (work / "pyproject.toml").write_text("")
    (work / "state.py").write_text("hits = {}\n")
    app = COUNTER.replace("total = 0", "import state").replace("global total", "pass").replace(
        "total += n", "state.hits[0] += n")
    (work / "app.py").write_text(app)
    subprocess.run([RACELINT, "check", "--fix", "--unsafe-fixes", "app.py"], cwd=work, capture_output=True,
                   timeout=SECONDS)
    if (work / "state.py").read_text() != "hits = {}\n" or (work / "app.py").read_text() != app:
        yield "a lock was made in a file that was not named, or used without being made"
    subprocess.run([RACELINT, "check", "--fix", "--unsafe-fixes", "."], cwd=work, capture_output=True, timeout=SECONDS)
    if "_lock" not in (work / "state.py").read_text() or "with state._lock" not in (work / "app.py").read_text():
        yield "named together, they were not fixed"


def test_options_that_make_no_sense_together(work):
    (work / "app.py").write_text(COUNTER)
    for options in (["--fix", "--diff"], ["--unsafe-fixes"], ["--fix", "--add-ignores"]):
        if racelint(*options, work / "app.py").returncode != 2:
            yield f"{options} is taken"
    if (work / "app.py").read_text() != COUNTER:
        yield "the file was changed"


def test_the_status_tells_what_is_left(work):
    (work / "app.py").write_text(COUNTER)
    if racelint("--diff", work / "app.py").returncode != 1:
        yield "--diff with a change ends with another status than 1"
    if racelint("--fix", work / "app.py").returncode != 0:
        yield "--fix that leaves nothing ends with another status than 0"
    if racelint("--diff", work / "app.py").returncode != 0:
        yield "--diff without a change ends with another status than 0"


def test_standard_input_is_printed_as_it_was_where_nothing_is_to_fix(work):
    for text in (b"x = 1\r\ny = 2", b"", b"def (\n"):
        if racelint("--fix", "-", input=text).stdout != text:
            yield f"{text!r} is printed differently"


def test_a_reason_is_given_for_what_is_left(work):
    (work / "app.py").write_text(COUNTER.replace("add(n):\n    global total\n    total", "add(n): global total; total"))
    made = racelint("--fix", work / "app.py").stdout.decode()
    if "(left to you: it does not stand on lines of its own)" not in " ".join(made.split()):
        yield made


def test_what_people_decide_comes_with_its_reason(work):
    (work / "app.py").write_text(COUNTER.replace("    total += n\n", "    a.acquire(timeout=1)\n    total += n\n").replace(
        "total = 0", "total = 0\na = threading.Lock()"))
    made = " ".join(racelint("--fix", "--select", "RL406", work / "app.py").stdout.decode().split())
    if "(left to you: what to do without the lock does not show in the code)" not in made:
        yield made


def tests():
    return [value for name, value in sorted(globals().items()) if name.startswith("test_")]


def main():
    passed = failed = 0
    for test in tests():
        with tempfile.TemporaryDirectory() as folder:
            problems = list(test(pathlib.Path(folder)))
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems:
            print(f"FAIL {test.__name__}: {problem}")
    for folder in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        problems = list(fixture_problems(folder))
        if (folder / "before.py").is_file():
            problems += check_patch(folder)
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems:
            print(f"FAIL fix/{folder.name}: {problem}")
    if PYTHON and "debug" not in RACELINT.parts:
        problems = list(check_foreign())
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems:
            print(f"FAIL foreign: {problem}")
    if (SUITE / "manifest.jsonl").is_file():
        programs, bad = check_suite(SUITE)
        passed, failed = passed + programs, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
