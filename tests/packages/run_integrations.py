#!/usr/bin/env python3
"""Tests of action.yml and of the snippets in docs/integrations.md: what they say is run, in projects made for it.

    run_integrations.py [PART...]   runs the tests whose name has one of these parts
"""
import json
import os
import re
import shutil
import sys
import textwrap

from helpers import SERVER, STATE, VERSION, attempt, checkout, expect, git, write
from testing import RACELINT, ROOT, run_tests, tests_of

PAGE = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")


def snippet(heading, language):
    """The first block of code in that language below a heading of the page."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.search(rf"```{language}\n(.*?)```", section, re.S)[1]


def path_with_racelint(work):
    (work / "bin").mkdir()
    (work / "bin" / "racelint").symlink_to(RACELINT)
    return f"{work / 'bin'}:{os.environ['PATH']}"


# ---- The action ------------------------------------------------------------------------------------------------------

def action_inputs():
    """The inputs of action.yml and their defaults, in order."""
    section = ACTION.split("\ninputs:\n")[1].split("\noutputs:\n")[0]
    return {name: default.strip("'") for name, default in
            re.findall(r"^  ([a-z-]+):\n(?:    description: .*\n)    default: (.*)$", section, re.M)}


def action_steps():
    """Of each step: its scripts, its environment, and its folder, as they are written."""
    for step in re.split(r"^    - ", ACTION.split("\n  steps:\n")[1], flags=re.M)[1:]:
        environment = dict(re.findall(r"^        ([A-Z_]+): (.*)$", step, re.M))
        folder = re.search(r"^      working-directory: (.*)$", step, re.M)
        script = re.search(r"^      run: \|\n((?:        .*\n|\n)*)", step, re.M)[1]
        yield textwrap.dedent(script), environment, folder[1] if folder else "."


class Runner:
    """Does what a runner of GitHub does for the action."""

    def __init__(self, work):
        self.work = work
        self.workspace = work / "workspace"
        write(self.workspace, server=SERVER, state=STATE)

    def run(self, **inputs):
        """The exit status of the action, its log, and its outputs."""
        values = {**action_inputs(), **{name.replace("_", "-"): value for name, value in inputs.items()}}
        files = {name: self.work / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        path = ":".join(part for part in os.environ["PATH"].split(":") if not os.path.exists(f"{part}/racelint"))
        log, status = "", 0
        for script, environment, folder in action_steps():
            def fill(text):
                return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)
            (self.work / "script.sh").write_text(script, encoding="utf-8")
            added = "".join(f"{line}:" for line in files["GITHUB_PATH"].read_text(encoding="utf-8").splitlines())
            status, output = attempt(
                "bash", "--noprofile", "--norc", "-eo", "pipefail", self.work / "script.sh",
                cwd=self.workspace / fill(folder), PATH=added + path, GITHUB_ACTION_PATH=str(ROOT),
                **{name: str(file) for name, file in files.items()},
                **{name: fill(value) for name, value in environment.items()})
            log += output
            if status != 0:
                break
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return status, log, dict(line.split("=", 1) for line in lines)


def test_action_builds_and_reports(work):
    runner = Runner(work)
    status, log, outputs = runner.run()
    expect(status == 1 and "RL102 split-read-modify-write [high]" in log, f"status {status}: {log}")
    expect(outputs == {"exit-status": "1", "sarif-file": "./racelint.sarif"}, f"outputs {outputs}")
    report = json.loads((runner.workspace / "racelint.sarif").read_text(encoding="utf-8"))
    found = [(result["ruleId"], result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
             for result in report["runs"][0]["results"]]
    expect(found == [("RL102", "state.py")], f"the SARIF report has {found}")


def test_action_takes_its_inputs(work):
    runner = Runner(work)
    status, log, outputs = runner.run(fail_on="never", output_format="github", sarif_file="")
    expect(status == 0 and "::error " in log, f"status {status}: {log}")
    expect(outputs == {"exit-status": "0"}, f"outputs {outputs}")
    (runner.workspace / "racelint.toml").write_text("", encoding="utf-8")
    write(runner.workspace / "a b", state=STATE)
    status, log, outputs = runner.run(paths="a b\nserver.py\n", args="--quiet  --output-format concise")
    found = re.findall(r"^(.*\.py):\d+:\d+: ", log, re.M)
    expect(status == 1 and found == ["a b/state.py"], f"other paths: status {status}: {log}")
    status, log, outputs = runner.run(args="--no-such-option")
    expect(status == 2 and outputs == {"exit-status": "2"}, f"wrong usage: status {status}, {outputs}: {log}")


def test_action_runs_in_a_folder(work):
    runner = Runner(work)
    write(runner.workspace / "app", server=SERVER, state=STATE)
    status, log, outputs = runner.run(working_directory="app", sarif_file="out.sarif")
    expect(status == 1 and outputs["sarif-file"] == "app/out.sarif", f"status {status}, {outputs}: {log}")
    expect((runner.workspace / "app" / "out.sarif").is_file(), "the report lies elsewhere")


def test_action_is_documented(_):
    """The table of inputs names each with its default; the outputs are named, too."""
    section = PAGE.split("\n## GitHub Actions\n")[1].split("\n## ")[0]
    rows = {name: default.strip("`") for name, default in re.findall(r"^\| `([a-z-]+)` \| (\S*) ?\|", section, re.M)}
    expect(rows == action_inputs(), f"the page has {rows}, action.yml {action_inputs()}")
    for name in re.findall(r"^  ([a-z-]+):\n", ACTION.split("\noutputs:\n")[1].split("\nruns:\n")[0], re.M):
        expect(f"`{name}`" in section, f"the output {name} is not documented")


# ---- Other snippets --------------------------------------------------------------------------------------------------

def test_versions_are_this_version(_):
    for name in ("README.md", "docs/integrations.md"):
        versions = set(re.findall(r"(?<!/)\bv\d+\.\d+\.\d+", (ROOT / name).read_text(encoding="utf-8")))
        expect(versions == {f"v{VERSION}"}, f"{name} speaks of {versions}")


def test_pre_commit_ids_exist(_):
    hooks = re.findall(r"^- id: (\S+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), re.M)
    section = PAGE.split("\n## pre-commit\n")[1].split("\n## ")[0]
    used = set(re.findall(r"- id: (\S+)", section))
    expect(used and used <= set(hooks), f"the page uses {used}")
    expect(re.findall(r"^\| `(\S+)` \|", section, re.M) == hooks, "the table of hooks")


def test_gitlab(work):
    write(work / "project", server=SERVER, state=STATE)
    text = snippet("GitLab", "yaml")
    report = re.search(r"codequality: (\S+)", text)[1]
    scripts = re.search(r"^  script:\n((?:  - .*\n)+)", text, re.M)[1]
    for line in scripts.splitlines():
        status, output = attempt("sh", "-c", line[4:], cwd=work / "project", PATH=path_with_racelint(work))
        expect(status == 1 and "RL102" in output, f"status {status}: {output}")
    found = json.loads((work / "project" / report).read_text(encoding="utf-8"))
    expect([item["check_name"][:5] for item in found] == ["RL102"], f"the report has {found}")


def test_tox(work):
    if shutil.which("tox") is None:
        print("     skipped: there is no tox")
        return
    write(work / "project", server=SERVER, state=STATE)
    (work / "project" / "tox.ini").write_text("[tox]\nskipsdist = true\n\n" + snippet("tox", "ini"), encoding="utf-8")
    status, output = attempt("tox", "-e", "racelint", "--", "--output-format", "concise", cwd=work / "project",
                             PATH=path_with_racelint(work))
    expect(status == 1 and "state.py:5:5: RL102" in output, f"status {status}: {output}")


def test_nox(work):
    if shutil.which("nox") is None:
        print("     skipped: there is no nox")
        return
    repository = checkout(work / "racelint")
    git("tag", f"v{VERSION}", cwd=repository)
    write(work / "project", server=SERVER, state=STATE,
          noxfile=snippet("nox", "python").replace("git+URL", f"git+file://{repository}"))
    status, output = attempt("nox", "-s", "racelint", "--", "--output-format", "concise", cwd=work / "project")
    expect(status == 1 and "state.py:5:5: RL102" in output, f"status {status}: {output}")


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
