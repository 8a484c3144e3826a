#!/usr/bin/env python3
"""Checks the JSON report of real runs: every key in its order, types, words, order of the findings, positions, sums."""
import json
import os
import re
import sys

import report_cases

LEVELS = {"high": "error", "medium": "warning", "low": "note"}
EFFECTS = {"read", "write", "update", "delete", "check", "iterate", "call", "acquire", "release", "spawn", "join"}
KINDS = {"existing-lock", "new-lock", "atomic-operation", "snapshot", "primitive", "manual"}
FINGERPRINT = re.compile(r"[0-9a-f]{16}(:[1-9][0-9]*)?")
CODE = re.compile(r"RL[0-9]{3}")

POSITION = {"line": int, "column": int}
STEP = {"path": str, "line": int, "column": int, "effect": EFFECTS, "text": str, "locks": [str]}
EDIT = {"path": str, "start": POSITION, "end": POSITION, "text": str}
FINDING = {
    "rule": CODE, "name": str, "level": set(LEVELS.values()), "confidence": set(LEVELS),
    "exposure": {"any-build", "free-threaded"}, "message": str, "path": str, "start": POSITION, "end": POSITION,
    "symbol": str, "state": {"name": str, "owner": str, "path": str, "line": int},
    "guard": (None, {"lock": str, "held": int, "of": int}),
    "related": [{"path": str, "line": int, "column": int, "message": str}],
    "threads": [{"root": (None, str), "path": str, "line": int, "many": bool, "steps": [STEP]}],
    "fix": {"kind": KINDS, "applicability": {"safe", "unsafe", "manual"}, "lock": (None, str), "message": str,
            "edits": [EDIT]},
    "fingerprint": FINGERPRINT,
}
REPORT = {
    "schema": {1}, "tool": {"name": {"racelint"}, "version": re.compile(r"\d+\.\d+\.\d+.*")},
    "summary": {key: int for key in ("files", "lines", "unparsed", "findings", "suppressed", "hidden_low", "roots",
                                    "baselined", "gone", "unchanged")},
    "findings": [FINDING],
    "diagnostics": [{"path": str, "line": int, "code": {"RL001", "RL002"}, "message": str}],
}


def shape(value, wanted, at):
    """Yields where a value has another shape. A shape is a type, a set of values, a pattern, a list of one shape, an object
    with exactly these keys in this order, or a tuple of alternatives with None first."""
    if isinstance(wanted, tuple):
        if value is not None:
            yield from shape(value, wanted[1], at)
    elif isinstance(wanted, dict):
        if not isinstance(value, dict) or list(value) != list(wanted):
            yield f"{at} is not an object with the keys {', '.join(wanted)}: {str(value)[:200]}"
            return
        for key in wanted:
            yield from shape(value[key], wanted[key], f"{at}.{key}")
    elif isinstance(wanted, list):
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for index, item in enumerate(value):
            yield from shape(item, wanted[0], f"{at}[{index}]")
    elif isinstance(wanted, re.Pattern):
        if not isinstance(value, str) or not wanted.fullmatch(value):
            yield f"{at} is {value!r}"
    elif isinstance(wanted, set):
        if isinstance(value, bool) or value not in wanted:
            yield f"{at} is {value!r}"
    elif type(value) is not wanted or (wanted is int and value < 0):
        yield f"{at} is {value!r}"


def names_of(finding):
    """The paths and positions of a finding; a path that is not known is empty, and its line 0."""
    yield "start", finding["path"], finding["start"]["line"], finding["start"]["column"]
    yield "end", finding["path"], finding["end"]["line"], finding["end"]["column"]
    if finding["state"]["path"] or finding["state"]["line"]:
        yield "state", finding["state"]["path"], finding["state"]["line"], 1
    for related in finding["related"]:
        yield "related", related["path"], related["line"], related["column"]
    for thread in finding["threads"]:
        if thread["path"] or thread["line"]:
            yield "thread", thread["path"], thread["line"], 1
        for step in thread["steps"]:
            if step["path"] or step["line"]:
                yield "step", step["path"], step["line"], step["column"]


def positions(finding, files, at):
    start, end = finding["start"], finding["end"]
    if (end["line"], end["column"]) <= (start["line"], start["column"]):
        yield f"{at} ends at or before its start"
    for what, path, line, column in names_of(finding):
        if "\ufffd" in path:  # the name is not UTF-8, so that JSON cannot have it
            continue
        problem = files.problem(os.fsencode(path), line, column)
        if problem:
            yield f"{at}, {what}: {problem}"


def content(finding, at):
    if finding["level"] != LEVELS[finding["confidence"]]:
        yield f"{at} is {finding['confidence']}, but its level is {finding['level']}"
    if not finding["message"] or not finding["fix"]["message"]:
        yield f"{at} says nothing, or offers no fix"
    guard = finding["guard"]
    if guard and guard["held"] > guard["of"]:
        yield f"{at} has a guard that is held more often than there are accesses"
    for thread in finding["threads"]:
        if not thread["steps"]:
            yield f"{at} has a thread without steps"


def check(run, output):
    try:
        report = json.loads(output.decode("utf-8"))
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    wrong = list(shape(report, REPORT, "report"))
    if wrong:
        yield from wrong
        return
    findings, files = report["findings"], report_cases.Files(run.root)
    if report["summary"]["findings"] != len(findings):
        yield f"the summary counts {report['summary']['findings']} findings of {len(findings)}"
    if (run.status == 0) != (not findings and not report["diagnostics"]):
        yield f"exit status {run.status} with {len(findings)} findings"
    order = [(f["path"].encode(), f["start"]["line"], f["start"]["column"], f["rule"])
             for f in findings if "\ufffd" not in f["path"]]
    if order != sorted(order):
        yield "the findings are not sorted by path, position and rule"
    prints = [f["fingerprint"] for f in findings]
    if len(prints) != len(set(prints)):
        yield "two findings have one fingerprint"
    for finding in findings:
        at = f"{finding['path']}:{finding['start']['line']} {finding['rule']}"
        yield from positions(finding, files, at)
        yield from content(finding, at)


if __name__ == "__main__":
    sys.exit(report_cases.check_all({"json": check}))
