#!/usr/bin/env python3
"""Golden tests of the command line.

Each folder of tests/fixtures/cli is a case: `cmd` is a shell script that runs `racelint` in an empty folder, to which what
lies in input/ (where there is one) was copied; the files stdout, stderr and status hold what is expected of it (status:
only where it is not 0). In them {DIR} stands for the folder, {VERSION} for the version. UPDATE=1 rewrites them, for
review in the diff. What cannot be said that way is a function here whose name begins with `test_`.

    run_cli.py [PART...]   runs the cases and functions whose name has one of these parts
"""
import functools
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

from testing import RACELINT, ROOT, environment, run_tests, tests_of

FIXTURES = ROOT / "tests" / "fixtures" / "cli"
UPDATE = os.environ.get("UPDATE") == "1"
TIMEOUT = 120  # seconds


def dumb(**variables):
    """The environment in a terminal that can do nothing."""
    return environment(TERM="dumb", **variables)


def run(*arguments, cwd=None, **more):
    more.setdefault("capture_output", True)
    return subprocess.run([RACELINT, *arguments], cwd=cwd, env=dumb(), timeout=TIMEOUT, check=False, **more)


def version():
    return run("version").stdout.split()[1]


def run_case(case):
    """What the case's script prints on standard output and standard error, and its exit status, as bytes."""
    with tempfile.TemporaryDirectory(prefix="racelint-cli-") as top:
        top = pathlib.Path(top).resolve()
        work = top / "work"
        (top / "bin").mkdir()
        (top / "bin" / "racelint").symlink_to(RACELINT)
        if (case / "input").is_dir():
            shutil.copytree(case / "input", work, symlinks=True)
        else:
            work.mkdir()
        done = subprocess.run(["sh", case / "cmd"], cwd=work, env=dumb(PATH=f"{top}/bin:{os.environ['PATH']}"),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
        texts = [text.replace(os.fsencode(work), b"{DIR}").replace(b"racelint " + version(), b"racelint {VERSION}")
                 for text in (done.stdout, done.stderr)]
    return {"stdout": texts[0], "stderr": texts[1], "status": b"" if done.returncode == 0 else b"%d\n" % done.returncode}


def difference(expected, actual):
    pairs = itertools.zip_longest(expected.splitlines(), actual.splitlines(), fillvalue=b"(end)")
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return f"line {number}\n         expected: {old.decode(errors='replace')}\n         actual:   " \
                   f"{new.decode(errors='replace')}"
    return "only line ends differ"


def check_case(case):
    problems = []
    if not (case / "cmd").is_file():
        return ["there is no cmd"]
    for name, actual in run_case(case).items():
        path = case / name
        if UPDATE:
            path.unlink(missing_ok=True)
            if actual:
                path.write_bytes(actual)
        expected = path.read_bytes() if path.exists() else b""
        if expected != actual:
            problems.append(f"{name}: {difference(expected, actual)}")
    return problems


# ---- What golden files cannot say ------------------------------------------------------------------------------------

def write_program(folder, count):
    """A program of that many modules, in some of which threads race."""
    folder.mkdir()
    for i in range(count):
        (folder / f"m{i:02}.py").write_text(
            "import threading\n"
            f"from m{(i * 7 + 3) % count:02} import counters as others\n\n"
            "counters = {}\ntotal = 0\n\n\n"
            "def work(key):\n    global total\n    total += 1\n    if key not in counters:\n        counters[key] = 0\n"
            "    others[key] = others.get(key, 0) + 1\n\n\n"
            "def main():\n    for i in range(4):\n        threading.Thread(target=work, args=(i,)).start()\n",
            encoding="utf-8")
    (folder / "broken.py").write_text("def f(:\n    pass\n", encoding="utf-8")
    (folder / "bytes.py").write_bytes(b"x = '\xff'\n")


def test_order_and_jobs_do_not_matter(work):
    write_program(work / "p", 12)
    files = sorted(str(path.relative_to(work)) for path in (work / "p").iterdir())
    dice = random.Random(1)
    for kind in ("text", "json", "sarif", "junit"):
        seen = set()
        for jobs in ("1", "2", "5"):
            for paths in (files, dice.sample(files, len(files)), files[::-1], ["p"], ["p/broken.py", "./p", *files[:3]]):
                done = run("check", "--output-format", kind, "--min-confidence", "low", "--jobs", jobs, *paths, cwd=work)
                seen.add((done.returncode, done.stdout, done.stderr))
        if len(seen) != 1:
            yield f"{kind}: {len(seen)} different results"
        status, output, messages = seen.pop()
        if status != 1 or b"RL101" not in output or messages.count(b"RL00") < 2:
            yield f"{kind}: status {status}, {len(output)} bytes, messages {messages.decode()}"


def test_output_goes_to_a_full_disk(_):
    if not os.path.exists("/dev/full"):
        return
    for arguments in (["version"], ["check", "--help"], ["rule"], ["debug", "man"]):
        with open("/dev/full", "wb") as full:
            done = run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        if done.returncode != 2 or b"standard output cannot be written: No space left" not in done.stderr:
            yield f"{arguments}: status {done.returncode}, {done.stderr}"


def test_a_reader_that_goes_away_is_no_error(work):
    write_program(work / "p", 3)
    for arguments, status in ((["rule", "--all"], 0), (["check", "p"], 1)):
        reader, writer = os.pipe()
        os.close(reader)
        done = run(*arguments, cwd=work, capture_output=False, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        if done.returncode != status or b"error" in done.stderr:
            yield f"{arguments}: status {done.returncode}, {done.stderr}"


def test_standard_output_is_closed(_):
    done = subprocess.run(["sh", "-c", '"$0" version >&-', RACELINT], env=dumb(), capture_output=True, check=False)
    if done.returncode != 2 or b"cannot be written" not in done.stderr:
        yield f"status {done.returncode}, {done.stderr}"


def test_a_file_that_may_not_be_read(work):
    (work / "open.py").write_text("x = 1\n", encoding="utf-8")
    (work / "secret.py").write_text("x = 1\n", encoding="utf-8")
    (work / "secret.py").chmod(0)
    program = work / "racelint"
    shutil.copy(RACELINT, program)
    more = {}
    if os.geteuid() == 0:  # root may read everything: become nobody
        for folder in (work, work.parent):
            folder.chmod(0o755)
        more = {"user": 65534}
    done = subprocess.run([program, "check", "."], cwd=work, env=dumb(), capture_output=True, check=False, **more)
    if done.returncode != 1 or b"secret.py: RL001 the file cannot be read: Permission denied" not in done.stderr:
        yield f"status {done.returncode}, {done.stderr}"


def test_json_says_what_could_not_be_read(work):
    (work / "a.py").write_bytes(b"x = 1\ny = '\xff'\n")
    (work / os.fsdecode(b"b\xff\n.py")).write_bytes(b"# coding: klingon\n")
    done = run("check", "--output-format", "json", cwd=work)
    result = json.loads(done.stdout)
    told = [(item["path"], item["line"], item["code"]) for item in result["diagnostics"]]
    if told != [("a.py", 2, "RL001"), ("b\ufffd\n.py", 1, "RL001")] or done.returncode != 1:
        yield f"status {done.returncode}, {told}"
    if result["summary"]["files"] != 2 or result["summary"]["unparsed"] != 2 or result["summary"]["lines"] != 3:
        yield f"summary {result['summary']}"


def test_timings_have_every_phase(work):
    (work / "a.py").write_text("x = 1\n", encoding="utf-8")
    lines = run("check", "--timings", "a.py", cwd=work).stderr.decode().splitlines()
    phases = [re.fullmatch(r"timing: ([a-z]+) \d+\.\d{3}", line) for line in lines]
    if [match and match[1] for match in phases] != ["find", "read", "cache", "parse", "analysis", "rules", "fixes",
                                                     "report", "total", "saved"]:
        yield f"{lines}"


def test_expressions_and_branches_may_nest_without_end(work):
    """What would take memory without bounds is left out, and said."""
    chain = work / "chain.py"
    chain.write_text("x = a" + ".b" * 200000 + "\n")
    done = run("check", "--isolated", chain)
    if (done.returncode, done.stderr) != (0, b""):
        yield f"a chain of attributes: {done}"
    nest = work / "nest.py"
    nest.write_text("x = " + "1 if a else " * 20000 + "2\ndef f():\n    print('analysed')\n")
    done = run("check", "--isolated", nest)
    if b"nest.py:1: RL002 this code is not analysed: it has 20000 variables" not in done.stderr:
        yield f"conditional expressions: {done}"
    if b"call %1" not in run("debug", "ir", nest).stdout:
        yield "the function behind them was left out, too"


def test_verbose_says_that_the_work_was_bounded(work):
    """Functions that all call each other, each with a lock of its own, can be met with any set of locks held."""
    count, note = 7, b"note: the program takes more work than is done for one of its size: calls were told apart less"
    names = range(count)
    lines = ["import threading", *(f"lock{i} = threading.Lock()" for i in names)]
    for i in names:
        lines += [f"def work{i}(x):", *["    y = x.a + x.b * x.c - x.d"] * 20, f"    with lock{i}:",
                  *(f"        work{k}([x])" for k in names if k != i)]
    lines += [f"threading.Thread(target=work{i}, args=({i},)).start()" for i in names]
    (work / "many.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if note not in run("check", "--verbose", "many.py", cwd=work).stderr:
        yield "a bound was reached, and that is not said"
    if note in run("check", "many.py", cwd=work).stderr:
        yield "it is said without --verbose"
    (work / "few.py").write_text("x = 1\n", encoding="utf-8")
    if note in run("check", "--verbose", "--isolated", "few.py", cwd=work).stderr:
        yield "it is said of a small program"


def test_tables_written_by_programs_take_little_memory(work):
    """Sets of the objects that a call alone has, gave away or yields would grow with each of these."""
    rows = 40000
    bodies = {"rows": "def f(x, y): return y\nx = [\n" + "".join(f"    ({i}, f(x, {i})),\n" for i in range(rows)) + "]\n",
              "items": "d = {}\n" + "".join(f"d[{i}] = {{}}\n" for i in range(rows)),
              "yields": "def g():\n" + "    yield {}\n" * rows + "for x in g():\n    x[1] = 2\n"}
    for name, body in bodies.items():
        (work / f"{name}.py").write_text(body + "import threading\nn = 0\ndef work():\n    global n\n    n += 1\n"
                                         "for i in range(3):\n    threading.Thread(target=work).start()\n")
    done = run("check", "--output-format", "concise", "--select", "RL101", ".", cwd=work)
    if done.returncode != 1 or done.stderr or done.stdout.count(b"RL101") != len(bodies):
        yield f"status {done.returncode}, {done.stderr}, {done.stdout}"


def test_progress_is_for_terminals(work):
    write_program(work / "p", 3)
    if b"\r" in run("check", "p", cwd=work).stderr:
        yield "there is a progress line in a pipe"


PAGES = {"racelint": "racelint.1", "rules": "racelint-rules.7"}


def test_the_manual_pages_are_up_to_date(_):
    for name, file in PAGES.items():
        page = ROOT / "man" / file
        made = run("debug", "man", name).stdout
        if UPDATE:
            page.write_bytes(made)
        if not page.exists() or page.read_bytes() != made:
            kept = page.read_bytes() if page.exists() else b""
            yield f"{difference(kept, made)}\n         'racelint debug man {name} >man/{file}' makes it anew"


def rule_pages():
    """What docs/rules holds: name -> bytes. A page per rule, and a list of them."""
    rules = json.loads(run("rule", "--all", "--output-format", "json").stdout)
    pages = {f"{rule['code']}.md": run("rule", rule["code"], "--output-format", "markdown").stdout for rule in rules}
    lines = ["# Rules", "", "| code | name | what it reports |", "|---|---|---|"]
    for rule in rules:
        summary = rule["summary"].replace("|", "\\|") + (" (off unless selected)" if rule["opt_in"] else "")
        lines.append(f"| [{rule['code']}]({rule['code']}.md) | {rule['name']} | {summary} |")
    pages["README.md"] = "\n".join([*lines, ""]).encode()
    return pages


def test_the_rule_pages_are_up_to_date(_):
    folder = ROOT / "docs" / "rules"
    pages = rule_pages()
    if UPDATE:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, page in pages.items():
            (folder / name).write_bytes(page)
    kept = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
    for name in sorted(pages.keys() | kept.keys()):
        if pages.get(name) != kept.get(name):
            yield f"docs/rules/{name}: {difference(kept.get(name, b''), pages.get(name, b''))}\n" \
                  "         'UPDATE=1 tests/run_cli.py rule_pages' makes them anew"


def test_there_is_no_other_manual_page(_):
    done = run("debug", "man", "cooking")
    if done.returncode != 2 or b"there is no manual page 'cooking'" not in done.stderr:
        yield f"status {done.returncode}, {done.stderr}"


def test_the_reference_of_keys_is_up_to_date(_):
    page = ROOT / "docs" / "configuration.md"
    begin, end = "<!-- keys: made by `racelint debug keys` -->\n", "<!-- end of keys -->\n"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    old, after = rest.split(end)
    made = run("debug", "keys").stdout.decode()
    if UPDATE:
        page.write_text(before + begin + made + end + after, encoding="utf-8")
    elif old != made:
        yield f"{difference(old.encode(), made.encode())}\n         UPDATE=1 makes it anew"


def test_the_manual_pages_are_well_formed(_):
    if shutil.which("groff") is None or subprocess.run(["groff", "-man", "-Tutf8"], input=b"", capture_output=True,
                                                       check=False).returncode != 0:
        return
    words = {"racelint": (b"--min-confidence", b"EXIT STATUS", b"__pypackages__"),
             "rules": (b"RL101 augmented-assignment", b"if key not in", b"SEE ALSO")}
    for name, file in PAGES.items():
        done = subprocess.run(["groff", "-k", "-man", "-Tutf8", "-ww", "-P-c", ROOT / "man" / file], capture_output=True, check=False)
        if done.stderr or done.returncode != 0:
            yield done.stderr.decode()
        for word in words[name]:
            if word not in re.sub(rb".\x08", b"", done.stdout):
                yield f"{file}: {word} does not show"


def test_every_rule_is_explained(_):
    listed = run("rule").stdout.decode().splitlines()
    rules = json.loads(run("rule", "--all", "--output-format", "json").stdout)
    rules = rules if isinstance(rules, list) else rules["rules"]
    if [line.split()[:2] for line in listed] != [[rule["code"], rule["name"]] for rule in rules] or len(rules) < 10:
        yield "the list and the JSON differ"
    for line in listed:
        code, name = line.split()[:2]
        texts = {run("rule", word).stdout for word in (code, code.lower(), name)}
        if len(texts) != 1 or not texts.pop().startswith(f"{code} {name}\n".encode()):
            yield f"{code}: its explanations differ"


if __name__ == "__main__":
    cases = {f"cli/{case.name}": functools.partial(check_case, case) for case in sorted(FIXTURES.iterdir()) if case.is_dir()}
    sys.exit(run_tests({**cases, **tests_of(globals())}))
