#!/usr/bin/env python3
"""Compares the models of the standard library with the Python that runs this, and with those in tools/pythons: every
name exists in the versions it claims, every argument stands where the model says, every base is one, and every entry
names its documentation. And docs/models.md explains every key and word of the format, and lists the modules that are
covered.

What another version, another platform or a package that is not installed has is left out, and counted. The entries
come from `modelc --list`, so that what is tested is what is compiled in. `tools/setup.sh pythons` fetches the other
versions of Python, which run in Node.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import model_names

MODELC = os.path.join(os.environ.get("BUILD", "build"), "modelc")
FIELDS = ("name", "kind", "module", "added", "removed", "platform", "source", "same_as", "arguments", "bases")
PYTHONS = "tools/pythons"
SOURCE = re.compile(r"[a-z0-9.-]+\.[a-z]+/[^\s\"]*[^\s\"{}]")
OF_PYTHON = ("docs.python.org/", "peps.python.org/", "github.com/python/cpython/")


def run_modelc(*arguments):
    """The lines that the generator prints, split at tabs."""
    if not os.path.exists(MODELC):
        sys.exit(f"there is no {MODELC}: run make first, or name its folder in BUILD")
    result = subprocess.run([MODELC, *arguments], stdout=subprocess.PIPE, universal_newlines=True)
    if result.returncode != 0:
        sys.exit(f"{MODELC} {' '.join(arguments)} ended with status {result.returncode}")
    return [line.split("\t") for line in result.stdout.splitlines()]


def read_entries():
    return [dict(zip(FIELDS, line)) for line in run_modelc("--list", "models")]


def undocumented_words():
    """Yields the keys and words of the format that its documentation does not have."""
    with open("docs/models.md", encoding="utf-8") as file:
        text = file.read()
    for key, *words in run_modelc("--keys"):
        if f"| `{key}` |" not in text:
            yield f"docs/models.md has no row for the key `{key}`"
        for word in words:
            if f"`{word}`" not in text:
                yield f"docs/models.md does not explain `{word}` of `{key}`"


def coverage_problems(entries):
    """Yields what the list of covered modules lacks: a module with entries, or one of this Python's library."""
    with open("docs/models.md", encoding="utf-8") as file:
        listed = file.read().partition("## What is covered\n")[2].split("\n\n")
    described, plain, removed, others = (set(re.findall(r"`([\w.]+)`", listed[at])) for at in (1, 3, 5, 7))
    modules = {entry["module"] for entry in entries}
    for name in sorted(modules ^ (described | others)):
        yield f"docs/models.md: {name} is listed as covered, or has entries, but not both"
    for name in sorted(others ^ (THIRD_PARTY & modules)):
        yield f"docs/models.md: {name} is in the wrong list"
    tops = {name.partition(".")[0] for name in described}
    for name in sorted(set(getattr(sys, "stdlib_module_names", ())) - tops - plain - removed):
        if not name.startswith("_"):
            yield f"docs/models.md: {name} of the standard library is in no list"
    for name in sorted(tops & (plain | removed)):
        yield f"docs/models.md: {name} is in two lists"


def third_party_modules():
    for path in glob.glob("models/third_party/**/*.toml", recursive=True):
        with open(path, encoding="utf-8") as file:
            yield from re.findall(r'^module = "(.*)"$', file.read(), re.MULTILINE)


THIRD_PARTY = set(third_party_modules())


def source_problems(entries):
    """Yields the entries that do not say where they are documented, or name another project's pages."""
    for entry in entries:
        standard = entry["source"].startswith(OF_PYTHON)
        if not SOURCE.fullmatch(entry["source"]) or standard == entry["foreign"]:
            yield f"{entry['name']}: its source is {entry['source']!r}"


def accepted_mistakes():
    """Yields what the generator did with a wrong file, unless it told the place, failed, and wrote nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "bad.toml"), os.path.join(folder, "out.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write('module = "m"\n[[class]]\nname = "C"\nrol = "lock"\nsource = "d.org/x"\n')
        result = subprocess.run([MODELC, "-o", out, folder], stderr=subprocess.PIPE, universal_newlines=True)
        wanted = f"{path}:4:1: unknown key `rol`; did you mean `role`?\n"
        if (result.returncode, result.stderr, os.path.exists(out)) != (1, wanted, False):
            yield f"modelc took a wrong file: status {result.returncode}, {result.stderr}"


def start_pythons(entries):
    """Starts the comparison in each version of Python that is installed in tools/pythons: (version, process) pairs."""
    with open(f"{PYTHONS}/package.json", encoding="utf-8") as file:
        names = sorted(json.load(file)["dependencies"])
    missing = "Node is not installed" if shutil.which("node") is None else "tools/setup.sh pythons fetches it"
    standard = json.dumps([entry for entry in entries if not entry["foreign"]])
    for name in names:
        if shutil.which("node") is None or not os.path.isdir(f"{PYTHONS}/node_modules/{name}"):
            print(f"{name} is left out: {missing}")
            continue
        with tempfile.TemporaryFile("w+", encoding="utf-8") as text:
            text.write(standard)
            text.seek(0)
            yield name, subprocess.Popen(["node", "tests/pythons.mjs", name], stdin=text, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, universal_newlines=True)


def results_of(entries):
    """Yields what each Python finds: this one, and the others."""
    pythons = list(start_pythons(entries))
    yield model_names.check(entries)
    for name, process in pythons:
        output, _ = process.communicate(timeout=300)
        try:
            yield json.loads(output)
        except ValueError:
            problem = f"it ended with status {process.returncode}: {output}"
            yield {"version": name, "passed": 0, "problems": [problem], "skipped": {}}


def main():
    passed = failed = 0
    entries = read_entries()
    for entry in entries:
        entry["foreign"] = entry["module"] in THIRD_PARTY
    for result in results_of(entries):
        for problem in result["problems"]:
            print(f"Python {result['version']}: {problem}")
        passed += result["passed"]
        failed += len(result["problems"])
        for reason in sorted(result["skipped"]):
            print(f"Python {result['version']}: {result['skipped'][reason]} entries left out: {reason}")
    others = (source_problems(entries), undocumented_words(), coverage_problems(entries), accepted_mistakes())
    for problem in (problem for problems in others for problem in problems):
        print(problem)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
