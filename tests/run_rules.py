#!/usr/bin/env python3
"""Runs racelint over tests/fixtures/rules and compares the exact set of findings; then holds all rules, their documentation,
fixtures and fixes against the catalogue (catalogue.py).

A case is a file, or a folder that is a package or project, below a folder named after its rule. Its expectations stand in it:

    x += 1  # expect: RL101              a finding of RL101 starts on this line (several: comma-separated)
    x += 1  # expect: RL101 high         ... and has this confidence
    # options: --min-confidence medium   more options of the check; without --min-confidence all is shown
    # sides: a.py b.py                   (packages) the threads of one finding have steps in each of these files

Functions are named *_bad (something is found inside) and *_ok (nothing is). What is inside a function fn_* is a known miss:
it may be missing. A finding inside a function fp_* is a known false alarm: it may be there. Both are counted.

In C, C++ and Rust, expectations stand behind //.

    run_rules.py [PART...]   runs the cases whose path has one of these parts
"""
import ast
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import catalogue
from testing import RACELINT, ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "rules"
FIXES = ROOT / "tests" / "fixtures" / "fix"
EXPECT = re.compile(r"(?:#|//)\s*expect:\s*(.+?)\s*$")
EXPECTED = re.compile(r"(RL\d{3})(?:\s+(high|medium|low))?$")
SUFFIXES = (".py", ".c", ".h", ".cpp", ".pyx", ".rs")  # of the files of cases
DIAGNOSTICS = ("RL001", "RL002")  # codes that are no findings
# Rules about what one thread alone does, or nobody.
ONE_THREAD = ("RL003", "RL004", "RL401", "RL405", "RL406", "RL407", "RL408", "RL409", "RL502", "RL505", "RL508", "RL702")


class Results:
    def __init__(self):
        self.passed = self.failed = self.misses = self.alarms = 0

    def check(self, name, problems):
        if problems:
            self.failed += 1
            print(f"FAIL {name}")
            for problem in problems:
                print(f"     {problem}")
        else:
            self.passed += 1


class Source:
    """One file of a case: what it expects, and which functions its lines lie in."""

    def __init__(self, path, name):
        self.name = name
        self.text = path.read_bytes().decode("utf-8", "surrogateescape")
        self.expected = {}  # (line, code) -> confidence or None
        self.options, self.sides = [], []
        for number, line in enumerate(self.text.splitlines(), 1):
            self.read_line(number, line)
        self.functions = function_lines(self.text)

    def read_line(self, number, line):
        if line.startswith("# options:"):
            self.options += line.partition(":")[2].split()
        if line.startswith("# sides:"):
            self.sides += line.partition(":")[2].split()
        match = EXPECT.search(line)
        for part in match.group(1).split(",") if match else []:
            expected = EXPECTED.match(part.strip())
            if not expected:
                raise SystemExit(f"{self.name}:{number}: cannot read the expectation {part!r}")
            self.expected[number, expected.group(1)] = expected.group(2)

    def inside(self, line, prefix):
        return any(name.startswith(prefix) and start <= line <= end for name, start, end in self.functions)


def naming_problems(sources):
    """A function that is called ok has nothing to find. One that is called bad has, unless it is found in a helper."""
    functions = [(source, *function) for source in sources for function in source.functions]
    held = {(source.name, line) for source, name, *lines in functions if name.endswith("_bad")
            for line in range(lines[0], lines[1] + 1)}
    in_helpers = any((source.name, line) not in held for source in sources for line, _ in source.expected)
    for source, name, start, end in functions:
        found = any(start <= line <= end for line, _ in source.expected)
        if name.endswith("_bad") and not found and not in_helpers:
            yield f"{source.name}: {name}() expects nothing"
        if name.endswith("_ok") and found:
            yield f"{source.name}: {name}() expects a finding"


def function_lines(text):
    try:
        tree = ast.parse(text.encode("utf-8", "surrogateescape"))
    except (SyntaxError, ValueError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.name, node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, kinds)]


def run_check(path, options):
    if "--min-confidence" not in options:
        options = ["--min-confidence", "low", *options]
    command = [RACELINT, "check", "--isolated", "--output-format", "json", *options, str(path)]
    result = subprocess.run(command, capture_output=True, timeout=60, cwd=ROOT)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"exit status {result.returncode}: {result.stderr.decode(errors='replace')[:500]}")
    report = json.loads(result.stdout)
    if bool(result.returncode) != bool(report["findings"] or report["diagnostics"]):
        raise RuntimeError(f"exit status {result.returncode} with {len(report['findings'])} findings")
    return report


def shape_problems(finding):
    """What every finding has, whatever its rule."""
    where = f"{finding['path']}:{finding['start']['line']}: {finding['rule']}"
    if not finding["message"].endswith(".") or not finding["fix"]["message"].endswith("."):
        yield f"{where}: message and fix must be sentences"
    if not re.fullmatch(r"[0-9a-f]{16}(:\d+)?", finding["fingerprint"]):
        yield f"{where}: fingerprint {finding['fingerprint']!r}"
    start, end = finding["start"], finding["end"]
    if (end["line"], end["column"]) <= (start["line"], start["column"]):
        yield f"{where}: ends at {end}, before it begins"
    if finding["rule"] not in ("RL003", "RL401") and not finding["state"]["name"]:
        yield f"{where}: names no state"
    if finding["confidence"] == "high" and finding["rule"] not in ONE_THREAD:
        if len(finding["threads"]) < 2 or not all(thread["steps"] for thread in finding["threads"]):
            yield f"{where}: is high, but does not show the paths of both threads"
    if finding["fix"]["kind"] in ("existing-lock", "new-lock") and finding["rule"] != "RL401":
        if not finding["fix"]["lock"] or finding["fix"]["lock"] not in finding["fix"]["message"]:
            yield f"{where}: the fix does not name its lock"


def side_problems(sources, findings):
    wanted = {name for source in sources for name in source.sides}
    if not wanted:
        return
    for finding in findings:
        seen = {pathlib.PurePosixPath(step["path"]).name for thread in finding["threads"] for step in thread["steps"]}
        if wanted <= seen:
            return
    yield f"no finding shows both sides in {', '.join(sorted(wanted))}"


def name_of(reported, sources):
    """The source that a reported path means: paths may be relative to any folder above it, or to the case itself."""
    fitting = [s.name for s in sources
               if ("/" + reported).endswith("/" + s.name) or s.name.endswith("/" + reported)]
    return max(fitting, key=len, default=reported)


def compare(sources, found, results):
    by_name = {source.name: source for source in sources}
    for (name, line, code), confidence in sorted(found.items()):
        source = by_name.get(name)
        if source and (line, code) in source.expected:
            wanted = source.expected[line, code]
            if wanted and wanted != confidence:
                yield f"{name}:{line}: {code} is {confidence}, expected {wanted}"
        elif source and source.inside(line, "fp_"):
            results.alarms += 1
        else:
            yield f"{name}:{line}: {code} ({confidence}) is not expected"
    for source in sources:
        for line, code in sorted(source.expected):
            if (source.name, line, code) in found:
                continue
            if source.inside(line, "fn_"):
                results.misses += 1
            else:
                yield f"{source.name}:{line}: {code} is missing"


class Seen:
    """What the cases of all rules show, for the catalogue."""

    def __init__(self):
        self.cases = collections.defaultdict(lambda: [0, 0])  # folder -> cases that expect its rule, that expect nothing
        self.kinds = collections.defaultdict(set)  # code -> kinds of fixes of its findings in its own folder
        self.edited = set()  # codes of which such a finding has edits
        self.on_by_default = set()  # codes that are found where nothing is selected

    def add(self, path, sources, report):
        code = path.parent.name.partition("-")[0]
        expected = {expected for source in sources for _, expected in source.expected}
        if code in expected or not expected:
            self.cases[path.parent.name][0 if code in expected else 1] += 1
        for finding in report["findings"]:
            if finding["rule"] == code:
                self.kinds[code].add(finding["fix"]["kind"])
                self.edited.update([code] if finding["fix"]["edits"] else [])
        if any("select" in option for source in sources for option in source.options):
            report = run_check(path, [])
        self.on_by_default |= codes_of(report)


def codes_of(report):
    return {f["rule"] for f in report["findings"]} | {d["code"] for d in report["diagnostics"]}


def run_case(path, results, seen):
    files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES) if path.is_dir() else [path]
    sources = [Source(file, file.relative_to(path.parent).as_posix()) for file in files]
    problems = list(naming_problems(sources))
    try:
        report = run_check(path, [option for source in sources for option in source.options])
        seen.add(path, sources, report)
    except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
        results.check(path.relative_to(FIXTURES).as_posix(), [str(error)])
        return
    found = {(name_of(f["path"], sources), f["start"]["line"], f["rule"]): f["confidence"] for f in report["findings"]}
    for diagnostic in report["diagnostics"]:
        found[name_of(diagnostic["path"], sources), diagnostic["line"], diagnostic["code"]] = None
    problems += compare(sources, found, results)
    for finding in report["findings"]:
        problems += shape_problems(finding)
    problems += side_problems(sources, report["findings"])
    results.check(path.relative_to(FIXTURES).as_posix(), problems)


def run_cases(parts, results):
    seen = Seen()
    for folder in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        seen.cases[folder.name] = [0, 0]
        for case in sorted(folder.iterdir()):
            is_case = case.suffix in SUFFIXES or (case.is_dir() and case.name != "__pycache__")
            if is_case and (not parts or any(part in str(case) for part in parts)):
                run_case(case, results, seen)
    return seen


def example_problems(rule, kind):
    """The bad example gives the rule's own code, the good one nothing at all."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / ("example.py" if rule["language"] == "python" else "example." + rule["language"])
        path.write_text(rule[kind], encoding="utf-8")
        report = run_check(path, ["--extend-select", rule["code"]])
    codes = codes_of(report)
    wanted = {rule["code"]} if kind == "bad" else set()
    if codes != wanted:
        yield f"the {kind} example gives {sorted(codes)}, expected {sorted(wanted)}"
    if rule["language"] == "python" and (kind == "good" or rule["code"] not in DIAGNOSTICS):
        try:
            compile(rule[kind], "example.py", "exec")
        except SyntaxError as error:
            yield f"the {kind} example is no Python: {error}"


def mended_by(fixture):
    """The codes that have fewer findings after the fix than before it."""
    counts = []
    for name in ("before", "after"):
        path = FIXES / fixture / name
        report = run_check(path if path.is_dir() else path.with_suffix(".py"), [])
        counts.append(collections.Counter(finding["rule"] for finding in report["findings"]))
    return set(counts[0] - counts[1])


def gather(rules, seen, results):
    """What is there, as the catalogue asks for it."""
    examples, mended = set(), collections.defaultdict(set)
    for rule in rules:
        problems = {kind: list(example_problems(rule, kind)) for kind in ("bad", "good")}
        for kind in problems:
            results.check(f"{rule['code']}: {kind} example", problems[kind])
        examples.update([] if any(problems.values()) else [rule["code"]])
    fixes = {path.name for path in FIXES.iterdir() if path.is_dir()}
    named = {name for entry in catalogue.read_catalogue().values() for name in entry.fixtures}
    for fixture in sorted(named & fixes):
        for code in mended_by(fixture):
            mended[code].add(fixture)
    cases = {folder: tuple(counts) for folder, counts in seen.cases.items()}
    return catalogue.Facts(rules=rules, cases=cases, kinds=seen.kinds, edited=seen.edited, mended=mended, fixes=fixes,
                           on_by_default=seen.on_by_default, examples=examples, **catalogue.written_facts())


def run_meta_tests(seen, results):
    output = subprocess.run([RACELINT, "rule", "--all", "--output-format", "json"], capture_output=True, timeout=60,
                            cwd=ROOT, check=True).stdout
    facts = gather(json.loads(output), seen, results)
    failed = results.failed
    for about, problems in catalogue.audit(facts):
        results.check(f"{about}: catalogue", problems)
    if results.failed == failed:  # what is whole can be broken
        results.check("the audit of the catalogue", list(catalogue.check_audit(facts)))


def main():
    parts = sys.argv[1:]
    if not os.access(RACELINT, os.X_OK):
        raise SystemExit(f"there is no program {RACELINT}: build it, or name it by RACELINT")
    results = Results()
    seen = run_cases(parts, results)
    if not parts:
        run_meta_tests(seen, results)
    print(f"known misses: {results.misses}, known false alarms: {results.alarms}")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
