#!/usr/bin/env python3
"""Checks the reports that other programs read (github, gitlab, junit, rdjson, json-lines) on real runs: each is read as its reader
does, and must say of every finding what the JSON report says."""
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

import json_schema
import report_cases
from testing import ROOT

SCHEMAS = ROOT / "tests" / "fixtures" / "schemas"
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
LEVELS = {"error": "high", "warning": "medium", "notice": "low"}
SEVERITIES = {"critical": "high", "major": "medium", "minor": "low"}
RD_SEVERITIES = {"ERROR": "high", "WARNING": "medium", "INFO": "low"}


def by_json(run):
    """What the JSON report says: places of the findings as (path, line, rule, confidence), and of the diagnostics."""
    report = json.loads(report_cases.output_of(run, "json"))
    findings = [(finding["path"], finding["start"]["line"], finding["rule"], finding["confidence"])
                for finding in report["findings"]]
    diagnostics = [(item["path"], item["line"], item["code"]) for item in report["diagnostics"]]
    return findings, diagnostics


def compare(actual, expected, what):
    if sorted(actual) != sorted(expected):
        missing = [item for item in expected if item not in actual]
        extra = [item for item in actual if item not in expected]
        yield f"{what}: {len(actual)}, not {len(expected)}; missing {missing[:3]}, too many {extra[:3]}"


def relative(run, path):
    """The path as the JSON report has it, of an absolute one."""
    root = os.fspath(run.root)
    return path[len(root) + 1:] if path.startswith(root + "/") else path


def unescape(text, pairs):
    """As the runner does it: the percent sign last."""
    for escape, plain in [*pairs, ("%25", "%")]:
        text = text.replace(escape, plain)
    return text


def check_github(run, output):
    findings, diagnostics = [], []
    lines = [("%0D", "\r"), ("%0A", "\n")]
    for line in output.decode("utf-8", "replace").split("\n")[:-1]:
        match = COMMAND.fullmatch(line)
        if not match:
            yield f"this is no command: {line[:200]!r}"
            continue
        properties = {key: unescape(value, [*lines, ("%3A", ":"), ("%2C", ",")])
                      for key, value in (pair.split("=", 1) for pair in match[2].split(","))}
        message = unescape(match[3], lines)
        code = properties["title"].split()[1]
        place = relative(run, properties["file"]), int(properties.get("line", "0")), code
        if re.search(r"[\x00-\x1f]", message):
            yield f"a message with control characters: {message!r}"
        if code not in message or not message.endswith((".", "!", "?")) and code[2] != "0":
            yield f"a message without code or end: {message!r}"
        if ("col" in properties) != ("endColumn" in properties) or \
                "col" in properties and properties["line"] != properties["endLine"]:
            yield f"columns where they are not understood: {line[:200]}"
        if code in ("RL001", "RL002"):
            diagnostics.append(place)
        else:
            findings.append((*place, LEVELS[match[1]]))
    expected = by_json(run)
    yield from compare(findings, expected[0], "findings")
    yield from compare(diagnostics, expected[1], "diagnostics")


def check_gitlab(run, output):
    report = json.loads(output)
    yield from json_schema.problems(report, json.loads((SCHEMAS / "gitlab.schema.json").read_text()))
    prints = [issue["fingerprint"] for issue in report]
    if len(set(prints)) != len(prints):
        yield "two issues have one fingerprint"
    expected = by_json(run)
    # The runs lie in a repository or in none; paths are those of the repository.
    top = next((folder for folder in (run.root, *run.root.parents) if (folder / ".git").exists()), run.root)
    prefix = "" if top == run.root else os.fspath(run.root.relative_to(top)) + "/"
    found = [(issue["location"]["path"].removeprefix(prefix), issue["location"]["lines"]["begin"], issue["check_name"],
              SEVERITIES[issue["severity"]]) for issue in report]
    if any(not issue["location"]["path"].startswith(prefix) for issue in report):
        yield f"a path does not begin with {prefix}"
    yield from compare([item for item in found if item[2] > "RL002"], expected[0], "findings")
    yield from compare([item[:3] for item in found if item[2] <= "RL002"],
                       [(path, line or 1, code) for path, line, code in expected[1]], "diagnostics")


def check_junit(run, output):
    done = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "junit.xsd", "-"], input=output, capture_output=True,
                          check=False, timeout=300)
    if done.returncode != 0:
        yield f"xmllint: {done.stderr.decode(errors='replace')[:1000]}"
    root = xml.etree.ElementTree.fromstring(output)
    expected = by_json(run)
    outcomes = {"failure": [], "error": []}
    for suite in root:
        tests = list(suite)
        for kind, key in (("failure", "failures"), ("error", "errors")):
            if int(suite.get(key)) != sum(test.find(kind) is not None for test in tests):
                yield f"the suite {suite.get('name')!r} counts its {key} otherwise"
        if int(suite.get("tests")) != len(tests):
            yield f"the suite {suite.get('name')!r} counts its tests otherwise"
        for test in tests:
            for outcome in test:
                name = re.fullmatch(r"(RL\d+).*?(?: at line (\d+)(?:, column \d+)?)?(?: \(\d+\))?", test.get("name"))
                place = suite.get("file"), int(name[2] or 0), name[1]
                outcomes[outcome.tag].append((*place, outcome.get("type")) if outcome.tag == "failure" else place)
    if any(int(root.get(key)) != sum(int(suite.get(key)) for suite in root) for key in ("tests", "failures", "errors")):
        yield "the sums of the suites are not the sum of all"
    shown = [tuple(as_xml(part) if isinstance(part, str) else part for part in item) for item in expected[0]]
    yield from compare(outcomes["failure"], shown, "failures")
    yield from compare(outcomes["error"], [(as_xml(path), line, code) for path, line, code in expected[1]], "errors")


def as_xml(text):
    """The JSON report has U+FFFD for a byte that is not UTF-8; here it is shown as in other text."""
    return text.replace("\ufffd", "\\xff")


def check_rdjson(run, output):
    report = json.loads(output)
    yield from json_schema.problems(report, json.loads((SCHEMAS / "rdjson.schema.json").read_text()))
    findings, diagnostics = [], []
    files = report_cases.Files(run.root)
    for item in report["diagnostics"]:
        location, code = item["location"], item["code"]["value"]
        start = location.get("range", {}).get("start", {"line": 0})
        place = relative(run, location["path"]), start["line"], code
        if code in ("RL001", "RL002"):
            diagnostics.append(place)
            continue
        findings.append((*place, RD_SEVERITIES[item["severity"]]))
        lines = files.lines(os.fsencode(place[0]))
        for position in location["range"].values():
            if lines is not None and position["column"] > len(lines[position["line"] - 1].encode()) + 1:
                yield f"{place[0]}:{position['line']} has no byte {position['column']}"
    expected = by_json(run)
    yield from compare(findings, expected[0], "findings")
    yield from compare(diagnostics, expected[1], "diagnostics")


def check_json_lines(run, output):
    """The same objects as in the JSON report, each with what it is."""
    report = json.loads(report_cases.output_of(run, "json"))
    expected = [{"kind": "finding", **finding} for finding in report["findings"]]
    expected += [{"kind": "diagnostic", **item} for item in report["diagnostics"]]
    expected.append({"kind": "summary", "schema": report["schema"], "tool": report["tool"], **report["summary"]})
    lines = [json.loads(line) for line in output.decode("utf-8").split("\n")[:-1]]
    if lines != expected:
        yield f"{len(lines)} lines that are not the {len(expected)} objects of the JSON report"


if __name__ == "__main__":
    checks = {"github": check_github, "gitlab": check_gitlab, "junit": check_junit, "rdjson": check_rdjson,
              "json-lines": check_json_lines}
    sys.exit(report_cases.check_all(checks))
