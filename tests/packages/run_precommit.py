#!/usr/bin/env python3
"""Tests of .pre-commit-hooks.yaml with the real pre-commit, in repositories made for it.

    run_precommit.py [PART...]   runs the tests whose name has one of these parts
"""
import os
import re
import shutil
import sys

from helpers import SERVER, STATE, attempt, checkout, commit, expect, git, run, write
from testing import RACELINT, ROOT, run_tests, tests_of

FINDING = re.compile(r"^(\S+\.py):(\d+):(\d+): (RL\d+) ", re.M)


class Project:
    """A repository that uses the hook of that id, and finds the program under test as `racelint`."""

    def __init__(self, work, hook):
        hooks = work / "hooks"
        if hook == "racelint-system":  # nothing else of its repository counts
            hooks.mkdir()
            shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
            commit(hooks)
        else:
            checkout(hooks)
        revision = git("rev-parse", "HEAD", cwd=hooks).strip()
        self.folder = work / "project"
        self.folder.mkdir()
        (self.folder / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n    verbose: true\n"
            "    args: [--output-format, concise]\n", encoding="utf-8")
        (work / "bin").mkdir()
        program = work / "bin" / "racelint"  # counts how often it is called
        program.write_text(f"#!/bin/sh\necho >>'{work}/calls'\nexec '{RACELINT}' \"$@\"\n", encoding="utf-8")
        program.chmod(0o755)
        self.environment = {"PRE_COMMIT_HOME": str(work / "store"), "PATH": f"{work / 'bin'}:{os.environ['PATH']}"}

    def pre_commit(self, *arguments):
        return attempt("pre-commit", *arguments, cwd=self.folder, **self.environment)

    def findings(self, *arguments):
        """The exit status of the hook and its findings: path, line, column and code."""
        status, output = self.pre_commit("run", *arguments)
        expect("error" not in output.lower(), output)
        return status, sorted(FINDING.findall(output))


RACE = ("state.py", "5", "5", "RL102")


def test_a_changed_file_is_seen_with_the_others(work):
    """The thread is started in a file that did not change."""
    project = Project(work, "racelint-system")
    write(project.folder, server=SERVER, state=STATE.replace("hits[key] = ", "return "))
    commit(project.folder)
    write(project.folder, state=STATE)
    git("add", "state.py", cwd=project.folder)
    expect(project.findings() == (1, [RACE]), f"found {project.findings()}")
    git("commit", "-q", "-m", "racy", cwd=project.folder)
    write(project.folder, server=SERVER.replace("4", "5"))
    git("add", "server.py", cwd=project.folder)
    expect(project.findings() == (0, []), f"a file that only starts the threads: {project.findings()}")


def test_it_guards_commits(work):
    """Installed as git's hook, it stops a commit with a race, and lets one without pass."""
    project = Project(work, "racelint-system")
    write(project.folder, server=SERVER, state=STATE)
    git("init", "-q", cwd=project.folder)
    status, output = project.pre_commit("install")
    expect(status == 0, output)
    git("add", "-A", cwd=project.folder)
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-m", "first"]
    status, output = attempt(*command, cwd=project.folder, **project.environment)
    expect(status == 1 and "RL102" in output, f"status {status}: {output}")
    write(project.folder, state=STATE.replace("    hits", "    with lock:\n        hits").replace(
        "hits = {}", "import threading\n\nhits = {}\nlock = threading.Lock()"))
    git("add", "-A", cwd=project.folder)
    run(*command, cwd=project.folder, **project.environment)


def test_excludes_hold_for_named_files(work):
    project = Project(work, "racelint-system")
    write(project.folder, server=SERVER, state=STATE)
    write(project.folder / "build", server=SERVER, state=STATE)
    commit(project.folder)
    expect(project.findings("--all-files") == (1, [RACE]), f"build/ is reported: {project.findings('--all-files')}")
    expect(project.findings("--files", "build/state.py") == (0, []), "a named file in build/ is reported")
    expect(project.findings("--files", "server.py", "state.py") == (1, [RACE]), "the others are not")


def test_batches_find_the_same(work):
    """More names than fit on one command line: pre-commit runs the hook several times."""
    project = Project(work, "racelint-system")
    package = "p" * 240
    folder = project.folder / package
    count = 560
    write(folder, __init__="", **{f"state{i}": STATE for i in range(count) if i % 2})
    write(folder, **{f"server{i}": SERVER.replace("import state", f"from {package} import state{i} as state")
                     for i in range(count) if i % 2})
    for i in range(0, count, 50):  # two modules of one race, far from each other in the list of names
        write(folder, **{f"a{i}": f"from {package}.z{i} import table\n\n\ndef first():\n    table['n'] += 1\n",
                         f"z{i}": "import threading\n\ntable = {'n': 0}\n\n\ndef second():\n    table['n'] += 1\n\n\n"
                                  f"def main():\n    from {package}.a{i} import first\n"
                                  "    threading.Thread(target=first).start()\n"
                                  "    threading.Thread(target=second).start()\n"})
    commit(project.folder)
    status, found = project.findings("--all-files")
    batches, found = len((work / "calls").read_text(encoding="utf-8")), set(found)
    whole = set(FINDING.findall(attempt(RACELINT, "check", "--output-format", "concise", cwd=project.folder)[1]))
    expect(status == 1 and batches > 1, f"status {status}, {batches} batches")
    # one finding for each pair, which names the other module: the batch of either must have it
    expect(len(whole) == count // 2 + len(range(0, count, 50)), f"only {len(whole)} findings in all")
    expect(found == whole, f"{len(found)} findings, not {len(whole)}: {sorted(found ^ whole)[:5]}")


def test_the_hook_builds_racelint(work):
    """The id `racelint` builds the program out of its repository, and finds what the program under test finds."""
    project = Project(work, "racelint")
    (work / "bin" / "racelint").unlink()
    write(project.folder, server=SERVER, state=STATE)
    commit(project.folder)
    expect(project.findings("--all-files") == (1, [RACE]), f"found {project.findings('--all-files')}")


def main():
    if shutil.which("pre-commit") is None or shutil.which("git") is None:
        print("skipped: there is no pre-commit, or no git\n0 passed, 0 failed")
        return 0
    return run_tests(tests_of(globals()))


if __name__ == "__main__":
    sys.exit(main())
