#!/usr/bin/env python3
"""Checks the cache from outside: that it changes nothing but the time a run takes, whatever happens to the files of the
program or to those of the cache, and that it is where it was asked for.

    run_cache.py [PART...]   runs the tests whose name has one of these parts
"""
import os
import random
import re
import shutil
import stat
import subprocess
import sys

from testing import RACELINT, ROOT, environment, run_tests, tests_of

RULES = ROOT / "tests" / "fixtures" / "rules"
FORMATS = ("text", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson")
USUAL = ".racelint_cache"
ROUNDS = 12  # of changes

RACE = """import threading

total = 0


def work():
    global total
    total += 1


for _ in range(3):
    threading.Thread(target=work).start()
"""


def start(folder, *arguments, **more):
    return subprocess.Popen([RACELINT, *arguments], cwd=folder, env=environment(**more), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(folder, *arguments, text=b"", **more):
    return subprocess.run([RACELINT, *arguments], cwd=folder, env=environment(**more), timeout=120, check=False,
                          capture_output=True, input=text)


def hits(done):
    """How many files the cache had, of how many: what --verbose says; None where no cache was used."""
    found = re.search(rb"the cache in .* had (\d+) of (\d+) files", done.stderr)
    return found and (int(found[1]), int(found[2]))


def lookup(folder, *arguments, **more):
    return hits(run(folder, "check", "--verbose", *arguments, **more))


def reports(folder, out, *arguments):
    """What a run says, in every format, as {name: bytes}."""
    out.mkdir(exist_ok=True)
    files = {kind: out / kind for kind in FORMATS}
    pairs = [word for kind, file in files.items() for word in ("--output-format", kind, "--output-file", file)]
    done = run(folder, "check", "--min-confidence", "low", *pairs, *arguments)
    assert done.returncode in (0, 1), f"status {done.returncode}: {done.stderr.decode()}"
    return {"stdout": done.stdout, "stderr": done.stderr, "status": done.returncode,
            **{kind: file.read_bytes() for kind, file in files.items()}}


def differences(warm, cold, when):
    for name, expected in cold.items():
        if warm[name] != expected:
            yield f"{when}: {name} differs"


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def make_program(folder, dice, count):
    """A program of so many files of the fixtures, and of some that are broken."""
    sources = sorted(path for path in RULES.rglob("*.py") if path.is_file())
    for source in dice.sample(sources, count):
        target = folder / source.relative_to(RULES).parent.name.replace("-", "_") / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    write(folder, "pyproject.toml", "")
    write(folder, "broken.py", "def f(:\n    pass\nx = 1\n" + RACE)
    write(folder, "empty.py", "")
    write(folder, "typed.pyi", "def f(x: int) -> str: ...\n")
    (folder / "latin.py").write_bytes(b"# coding: latin-1\nname = '\xe4'\n" + RACE.encode())


def change(folder, dice):
    """One thing that happens to programs; says what it was."""
    files = sorted(path for path in folder.rglob("*.py") if USUAL not in path.parts)
    file = dice.choice(files)
    lines = file.read_bytes().splitlines(keepends=True)
    at = dice.randrange(len(lines) + 1)
    kind = dice.choice(("insert", "delete", "indent", "garble", "rename", "copy", "swap", "remove", "stub", "race"))
    if kind == "insert":
        lines[at:at] = [b"# racelint: ignore[RL101]\n" if dice.random() < 0.5 else b"import threading\n"]
    elif kind == "delete":
        del lines[at:at + 1]
    elif kind == "indent":
        lines[at:at + 1] = [b"    " + line for line in lines[at:at + 1]]
    elif kind == "garble":
        lines[at:at] = [bytes(dice.randrange(256) for _ in range(dice.randrange(30))) + b"\n"]
    elif kind == "race":
        lines += RACE.encode().splitlines(keepends=True)
    file.write_bytes(b"".join(lines))
    if kind == "rename":
        file.rename(file.with_name(f"renamed_{dice.randrange(1000)}.py"))
    elif kind == "copy":
        shutil.copy(file, file.with_name(f"copy_{dice.randrange(1000)}.py"))
    elif kind == "swap":
        other = dice.choice(files)
        ours, theirs = file.read_bytes(), other.read_bytes()
        file.write_bytes(theirs)
        other.write_bytes(ours)
    elif kind == "remove":
        file.unlink()
    elif kind == "stub":
        file.rename(file.with_suffix(".pyi"))
    return kind


def test_a_warm_run_says_what_a_cold_one_says(work):
    dice = random.Random(4)
    folder = work / "p"
    make_program(folder, dice, 40)
    for number in range(ROUNDS):
        done = [change(folder, dice) for _ in range(dice.randrange(1, 4))] if number > 0 else ["nothing"]
        cold = reports(folder, work / "out", "--no-cache")
        for jobs in ("1", "3"):
            warm = reports(folder, work / "out", "--jobs", jobs)
            yield from differences(warm, cold, f"round {number}, {' and '.join(done)}, {jobs} jobs")
    assert cold["text"].count(b"RL") > 20, "there is too little to compare"
    found, files = lookup(folder)
    if found != files or files < 30:
        yield f"the last run finds {found} of {files} files"


def test_only_what_changed_is_read_anew(work):
    for i in range(6):
        write(work, f"m{i}.py", f"x = {i}\n")
    write(work, "pyproject.toml", "")
    seen = [lookup(work)]
    write(work, "m3.py", "x = 33\n")
    seen += [lookup(work), lookup(work)]
    (work / "m3.py").rename(work / "m7.py")
    seen += [lookup(work)]
    if seen != [(0, 6), (5, 6), (6, 6), (6, 6)]:
        yield f"{seen}"


def test_runs_at_the_same_time(work):
    folder = work / "p"
    make_program(folder, random.Random(5), 30)
    cold = run(folder, "check", "--no-cache", "--output-format", "json")
    for number in range(3):
        together = [start(folder, "check", "--output-format", "json", "--jobs", jobs) for jobs in ("3", "1", "2", "4")]
        for process in together:
            output, messages = process.communicate(timeout=120)
            if (process.returncode, output, messages) != (cold.returncode, cold.stdout, cold.stderr):
                yield f"round {number}: another result"
        found, files = lookup(folder)
        if found != files:
            yield f"round {number}: {found} of {files} files are there afterwards"
        if number < 2:
            shutil.rmtree(folder / USUAL)
    left = [path.name for path in (folder / USUAL / "packs").iterdir() if not re.fullmatch("[0-9a-f]{32}", path.name)]
    if left:
        yield f"left behind: {left}"


def damage(pack, dice):
    """Does something to a pack; says what."""
    data = bytearray(pack.read_bytes())
    how = dice.choice(("cut", "flip", "zeros", "mix", "longer", "empty"))
    if how == "cut":
        del data[dice.randrange(len(data)):]
    elif how == "flip":
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif how == "zeros":
        at = dice.randrange(len(data))
        data[at:at + 4096] = bytes(len(data[at:at + 4096]))
    elif how == "mix":
        at, other = dice.randrange(len(data)), dice.randrange(len(data))
        data[at:at + 4096] = data[other:other + len(data[at:at + 4096])]
    elif how == "longer":
        data += b"\0"
    elif how == "empty":
        data.clear()
    pack.write_bytes(data)
    return how


def test_damaged_packs_do_no_harm(work):
    dice = random.Random(6)
    folder = work / "p"
    make_program(folder, dice, 20)
    cold = reports(folder, work / "out", "--no-cache")
    for number in range(16):
        reports(folder, work / "out")
        packs = sorted((folder / USUAL / "packs").iterdir())
        how = damage(dice.choice(packs), dice)
        yield from differences(reports(folder, work / "out"), cold, f"round {number}, {how}")
        found, files = lookup(folder)
        if found != files:
            yield f"round {number}, {how}: not all is repaired, {found} of {files}"


def test_a_folder_that_cannot_be_written(work):
    write(work, "p/a.py", RACE)
    write(work, "p/pyproject.toml", "")
    cold = run(work / "p", "check", "--no-cache")
    (work / "p" / USUAL).write_text("in the way", encoding="utf-8")
    done = run(work / "p", "check")
    if (done.returncode, done.stdout, done.stderr) != (1, cold.stdout, cold.stderr):
        yield f"nobody named the folder: status {done.returncode}, {done.stderr}"
    if b"cannot be written: Not a directory" not in run(work / "p", "check", "--verbose").stderr:
        yield "--verbose says nothing"
    done = run(work / "p", "check", "--cache-dir", USUAL)
    if done.returncode != 1 or done.stdout != cold.stdout or done.stderr.count(b"warning: the cache in") != 1:
        yield f"somebody named it: status {done.returncode}, {done.stderr}"
    if run(work / "p", "check", "--cache-dir", USUAL, "--quiet").stderr != b"":
        yield "--quiet is not quiet"


def test_a_folder_that_may_only_be_read(work):
    write(work, "p/a.py", RACE)
    write(work, "p/pyproject.toml", "")
    run(work / "p", "check")
    write(work, "p/b.py", "x = 1\n")
    program = work / "racelint"
    shutil.copy(RACELINT, program)
    more = {}
    if os.geteuid() == 0:  # root may write everything: become nobody
        for folder in (work, work.parent):
            folder.chmod(0o755)
        more = {"user": 65534}
    done = subprocess.run([program, "check", "--verbose"], cwd=work / "p", env=environment(), capture_output=True,
                          check=False, **more)
    if done.returncode != 1 or hits(done) != (1, 2) or done.stderr.count(b"cannot be written: Permission denied") != 1:
        yield f"status {done.returncode}, {done.stderr}"


def test_where_the_cache_is(work):
    write(work, "p/a.py", RACE)
    write(work, "p/sub/b.py", "x = 1\n")
    write(work, "p/racelint.toml", 'cache-dir = "../from-file"\n')

    def used(*arguments, **more):
        """The folders that a run from p/sub made."""
        before = set(work.rglob("CACHEDIR.TAG"))
        run(work / "p" / "sub", "check", *arguments, **more)
        return sorted(str(path.parent.relative_to(work)) for path in set(work.rglob("CACHEDIR.TAG")) - before)

    variable = str(work / "from-variable")
    cases = ((("--no-cache",), {}, []), ((), {"RACELINT_NO_CACHE": "1"}, []), (("--isolated", "."), {}, []),
             (("--cache-dir", "made/by/option"), {"RACELINT_CACHE_DIR": variable}, ["p/sub/made/by/option"]),
             (("--config", "cache-dir='by-key'"), {"RACELINT_CACHE_DIR": variable}, ["p/sub/by-key"]),
             ((), {"RACELINT_CACHE_DIR": variable}, ["from-variable"]), ((), {}, ["from-file"]),
             (("--isolated", "--cache-dir", "alone", "."), {}, ["p/sub/alone"]))
    for arguments, more, expected in cases:
        if used(*arguments, **more) != expected:
            yield f"{arguments} {more}: the cache is not in {expected}"
    (work / "p" / "racelint.toml").unlink()
    write(work, "p/pyproject.toml", "")
    if used() != [f"p/{USUAL}"]:
        yield "without a word, the cache is not in the root of the program"


def test_git_and_discovery_leave_it_out(work):
    write(work, "a.py", RACE)
    write(work, "pyproject.toml", "")
    write(work, f"{USUAL}/left.py", RACE)
    files = run(work, "debug", "files").stdout
    if b"left.py" in files:
        yield f"{files}"
    shutil.rmtree(work / USUAL)
    run(work, "check")
    environ = environment(GIT_CONFIG_NOSYSTEM="1")
    subprocess.run(["git", "init", "-q"], cwd=work, env=environ, check=True)
    status = subprocess.run(["git", "status", "--short"], cwd=work, env=environ, check=True, capture_output=True).stdout
    if status != b"?? a.py\n?? pyproject.toml\n":
        yield f"{status}"


def test_standard_input_is_not_kept(work):
    write(work, "a.py", "x = 1\n")
    write(work, "b.py", "x = 2\n")
    write(work, "pyproject.toml", "")
    seen = [hits(run(work, "check", "--verbose", "--stdin-filename", "a.py", "-", text=b"x = 3\n")) for _ in range(2)]
    if seen != [(0, 1), (1, 1)]:
        yield f"{seen}"
    if hits(run(work, "check", "--verbose", "-", text=b"x = 4\n")) is not None or os.path.exists(f"/{USUAL}"):
        yield "a lone text has a cache"


def test_what_fixes_change_is_not_mixed_up(work):
    write(work, "a.py", RACE)
    write(work, "pyproject.toml", "")
    run(work, "check")
    run(work, "check", "--fix")
    cold = run(work, "check", "--no-cache")
    warm = run(work, "check")
    if (cold.returncode, cold.stdout) != (warm.returncode, warm.stdout) or cold.returncode != 0:
        yield f"{cold.stdout} {warm.stdout}"


def test_clean(work):
    write(work, "p/a.py", RACE)
    write(work, "p/pyproject.toml", "")
    write(work, "p/sub/b.py", "x = 1\n")
    run(work / "p", "check")
    done = run(work / "p" / "sub", "clean")
    if done.returncode != 0 or b"is removed: 0.0 MB" not in done.stderr or (work / "p" / USUAL).exists():
        yield f"status {done.returncode}, {done.stderr}"
    done = run(work / "p", "clean")
    if done.returncode != 0 or b"there is no cache" not in done.stderr:
        yield f"without a cache: status {done.returncode}, {done.stderr}"
    run(work / "p", "check", "--cache-dir", "../c")
    write(work, "c/mine.txt", "")
    done = run(work / "p", "clean", "--cache-dir", "../c")
    if b"is removed: 0.0 MB" not in done.stderr or not (work / "c" / "mine.txt").exists():
        yield f"with a folder: status {done.returncode}, {done.stderr}"
    done = run(work / "p", "clean", "nowhere")
    if done.returncode != 2 or b"nowhere" not in done.stderr:
        yield f"with a path that is not there: status {done.returncode}, {done.stderr}"
    if run(work / "p", "clean", "-").returncode != 2:
        yield "standard input has a cache"


def test_timings_say_what_it_saved(work):
    write(work, "a.py", RACE * 200)
    write(work, "pyproject.toml", "")
    saved = [float(re.search(rb"timing: saved (.*)", run(work, "check", "--timings").stderr)[1]) for _ in range(2)]
    if saved[0] != 0 or not 0 < saved[1] < 100:
        yield f"{saved}"


def test_files_of_the_cache_have_the_mode_that_the_user_wants(work):
    write(work, "a.py", RACE)
    write(work, "pyproject.toml", "")
    subprocess.run(["sh", "-c", 'umask 027; "$0" check', RACELINT], cwd=work, env=environment(), check=False,
                   capture_output=True)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (work / USUAL).rglob("*") if path.is_file()}
    if modes != {0o640}:
        yield f"{modes}"


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
