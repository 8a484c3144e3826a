#!/usr/bin/env python3
"""Checks the SARIF logs of real runs: the required shape of SARIF 2.1.0, what GitHub's code scanning wants beyond it, and that
every index, link, region and line hash is right.

Where they are at hand, a log is checked by others, too: by the official JSON schema (SARIF_SCHEMA=FILE, with Python's
jsonschema), and by Microsoft's multitool with its GitHub rules (SARIF_MULTITOOL=FILE, or as `tools/setup.sh sarif` installs it).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import report_cases
from testing import ROOT

RESULTS_MAX, LOCATIONS_MAX, STEPS_MAX, TAGS_MAX, DESCRIPTION_MAX = 25000, 1000, 10000, 20, 1024
LINK = re.compile(r"\[((?:[^\\\[\]]|\\.)+)\]\((\d+)\)")
LINE_HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")
FINGERPRINT = re.compile(r"[0-9a-f]{16}(:[1-9][0-9]*)?")
MULTITOOL = ROOT / "tools/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


class Optional:
    """A property that may be missing."""

    def __init__(self, wanted):
        self.wanted = wanted


TEXT = re.compile(r"(?s).*\S.*")
SENTENCE = re.compile(r"(?s)\S.*[.!?]")
MESSAGE = {"text": TEXT}
DESCRIPTION = {"text": SENTENCE}
URI = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2}|^file:)+")
REGION = {"startLine": int, "startColumn": int, "endLine": int, "endColumn": int}
ARTIFACT = {"uri": URI, "uriBaseId": Optional({"SRCROOT"})}
PHYSICAL = {"artifactLocation": ARTIFACT, "region": REGION}
LOCATION = {"physicalLocation": PHYSICAL, "logicalLocations": Optional([{"fullyQualifiedName": TEXT}])}
STEP = {"location": {"physicalLocation": PHYSICAL, "message": DESCRIPTION}, "kinds": Optional([TEXT]),
        "executionOrder": int, "importance": {"important", "essential", "unimportant"}}
THREAD_FLOW = {"id": TEXT, "message": Optional(MESSAGE), "locations": [STEP]}
RULE = {
    "id": re.compile(r"RL\d{3}"), "name": TEXT, "shortDescription": DESCRIPTION, "fullDescription": DESCRIPTION,
    "help": {"text": TEXT, "markdown": TEXT}, "helpUri": Optional(re.compile(r"https?://\S+")),
    "defaultConfiguration": {"enabled": bool, "level": {"error", "warning", "note"}},
    "properties": {"tags": [TEXT], "precision": {"very-high", "high", "medium", "low"},
                   "problem.severity": {"error", "warning", "recommendation"}},
}
FIX = {
    "description": DESCRIPTION,
    "artifactChanges": [{"artifactLocation": ARTIFACT,
                         "replacements": [{"deletedRegion": REGION, "insertedContent": {"text": str}}]}],
}
RESULT = {
    "ruleId": TEXT, "ruleIndex": int, "level": {"error", "warning", "note"}, "rank": int, "message": DESCRIPTION,
    "locations": [LOCATION], "codeFlows": Optional([{"message": DESCRIPTION, "threadFlows": [THREAD_FLOW]}]),
    "fixes": Optional([FIX]),
    "relatedLocations": [{"id": int, "physicalLocation": PHYSICAL, "message": MESSAGE}],
    "partialFingerprints": {"primaryLocationLineHash": Optional(LINE_HASH), "racelint/v1": FINGERPRINT},
    "properties": {"confidence": {"high", "medium", "low"}, "exposure": {"any-build", "free-threaded"}},
}
NOTIFICATION = {
    "descriptor": {"id": {"RL001", "RL002", "output-limit"}}, "level": {"error", "warning", "note"}, "message": MESSAGE,
    "locations": Optional([{"physicalLocation": {"artifactLocation": ARTIFACT, "region": Optional({"startLine": int})}}]),
}
LOG = {
    "$schema": re.compile(r"https://\S+/sarif-schema-2\.1\.0\.json"), "version": {"2.1.0"},
    "runs": [{
        "tool": {"driver": {"name": {"racelint"}, "version": TEXT, "semanticVersion": re.compile(r"\d+\.\d+\.\d+.*"),
                            "informationUri": Optional(re.compile(r"https?://\S+")), "rules": [RULE]}},
        "automationDetails": {"id": re.compile(r"racelint/")},
        "invocations": [{"executionSuccessful": bool, "toolExecutionNotifications": [NOTIFICATION]}],
        "originalUriBaseIds": {"SRCROOT": {"uri": re.compile(r"file:///([A-Za-z0-9._~/-]|%[0-9A-F]{2})*(?<=/)"),
                                           "description": DESCRIPTION}},
        "columnKind": {"unicodeCodePoints"},
        "results": [RESULT],
    }],
}


def shape(value, wanted, at):
    """Yields where a value has another shape. A shape is a type, a set of values, a pattern, a list of one shape, or an object
    with these keys and no other."""
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            yield f"{at} is no object"
            return
        for key in value.keys() - wanted.keys():
            yield f"{at} has the unknown property {key}"
        for key, inner in wanted.items():
            if key in value:
                yield from shape(value[key], inner.wanted if isinstance(inner, Optional) else inner, f"{at}.{key}")
            elif not isinstance(inner, Optional):
                yield f"{at} has no {key}"
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
    elif type(value) is not wanted:
        yield f"{at} is {value!r}"


def line_hashes(data):
    """GitHub's hash of each line: a rolling window of 100 UTF-16 units, written down when it has gone once around."""
    window, lines, found, seen = [0] * 100, [0] * 100, {}, {}
    value = index = line = 0
    at_start, after_return = True, False
    units = data.decode("utf-8", "replace").encode("utf-16-le")
    units = [units[i] | units[i + 1] << 8 for i in range(0, len(units), 2)]
    for unit in [*units, 0xFFFF, *[None] * 100]:
        if unit in (9, 32) or (unit == 10 and after_return):
            after_return = False
            continue
        after_return = unit == 13
        unit = 10 if unit == 13 else unit
        if lines[index]:
            key = f"{value:x}"
            seen[key] = seen.get(key, 0) + 1
            found[lines[index]] = f"{key}:{seen[key]}"
            lines[index] = 0
        if at_start and unit is not None:
            line += 1
            lines[index] = line
        at_start = unit == 10 if unit is not None else False
        value = (37 * value + (unit or 0) - pow(37, 100, 1 << 64) * window[index]) % (1 << 64)
        window[index] = unit or 0
        index = (index + 1) % 100
    return found


def is_utf8(data):
    """Whether a file is UTF-8 and does not say otherwise. Of others racelint does not keep the bytes that the hash is one of."""
    try:
        data.decode("utf-8")
    except ValueError:
        return False
    return b"coding:" not in data.split(b"\n")[0]


class Checker:
    def __init__(self, run, log):
        self.run = log["runs"][0]
        self.root = urllib.parse.unquote_to_bytes(self.run["originalUriBaseIds"]["SRCROOT"]["uri"])
        self.files = report_cases.Files(run.root)
        self.hashes = {}

    def path(self, artifact):
        """The path of a file, in bytes."""
        uri = artifact["uri"]
        if "uriBaseId" in artifact:
            return self.root.removeprefix(b"file://") + urllib.parse.unquote_to_bytes(uri)
        return urllib.parse.unquote_to_bytes(uri).removeprefix(b"file://")

    def physical(self, physical, at):
        path, region = self.path(physical["artifactLocation"]), physical["region"]
        start = region["startLine"], region["startColumn"]
        end = region["endLine"], region["endColumn"]
        if end < start:
            yield f"{at} ends before it starts"
        for position in (start, end):
            problem = self.files.problem(path, *position)
            if problem:
                yield f"{at}: {problem}"

    def rules(self):
        rules = self.run["tool"]["driver"]["rules"]
        ids = [rule["id"] for rule in rules]
        if ids != sorted(set(ids)):
            yield "the rules are not in order, or one is there twice"
        for rule in rules:
            if len(rule["properties"]["tags"]) > TAGS_MAX:
                yield f"{rule['id']} has too many tags"
            for key in ("shortDescription", "fullDescription"):
                if len(rule[key]["text"]) > DESCRIPTION_MAX:
                    yield f"{rule['id']} has too long a {key}"

    def links(self, result, at):
        """Each related location has an id of its own, each link names one, and shows its file and line."""
        related = {location["id"]: location for location in result["relatedLocations"]}
        if len(related) != len(result["relatedLocations"]) or len(related) >= LOCATIONS_MAX or 0 in related:
            yield f"{at} has related locations with equal ids, or too many"
        for location in related.values():
            yield from self.physical(location["physicalLocation"], f"{at}, related location {location['id']}")
        text = result["message"]["text"]
        found = LINK.findall(text)
        if len(found) != len(re.findall(r"(?<!\\)\]\(", text)):
            yield f"{at} has a message with something that looks like a link: {text}"
        for _, number in found:
            if int(number) not in related:
                yield f"{at} links {number}, which is no related location"

    def flows(self, result, at):
        """The first flow tells all in one thread flow, the second has a thread flow per thread with the same steps."""
        if "codeFlows" not in result:
            return
        first, second = (flow["threadFlows"] for flow in result["codeFlows"])
        steps = [step for flow in second for step in flow["locations"]]
        if len(first) != 1 or len(first[0]["locations"]) + len(steps) > STEPS_MAX or not steps:
            yield f"{at} has not one whole story, or too long a one"
            return
        order = [step["executionOrder"] for step in first[0]["locations"]]
        if order != list(range(1, len(order) + 1)):
            yield f"{at} is not told in order"
        if sorted(step["executionOrder"] for step in steps) != order:
            yield f"{at} has other steps by thread than in the story"
        for flow in second:
            own = [step["executionOrder"] for step in flow["locations"]]
            if own != sorted(own):
                yield f"{at} has a thread that goes back"
        for step in first[0]["locations"]:
            yield from self.physical(step["location"]["physicalLocation"], f"{at}, step {step['executionOrder']}")
            if not re.match(r"Thread [A-Z]", step["location"]["message"]["text"]):
                yield f"{at} has a step that does not name its thread"

    def line_hash(self, result, at):
        location = result["locations"][0]["physicalLocation"]
        path = self.path(location["artifactLocation"])
        if self.files.lines(path) is None:  # said by physical()
            return
        if path not in self.hashes:
            with open(path, "rb") as file:
                data = file.read()
            self.hashes[path] = line_hashes(data) if is_utf8(data) else None
        hashes = self.hashes[path]
        wanted = hashes and hashes.get(location["region"]["startLine"])
        actual = result["partialFingerprints"].get("primaryLocationLineHash")
        if actual != wanted:
            yield f"{at} has the line hash {actual}, not {wanted}"

    def result(self, result, at):
        rules = self.run["tool"]["driver"]["rules"]
        index = result["ruleIndex"]
        if not 0 <= index < len(rules) or rules[index]["id"] != result["ruleId"]:
            yield f"{at} has the wrong ruleIndex"
        if len(result["locations"]) != 1 or not 0 <= result["rank"] <= 100:
            yield f"{at} has not one location, or a wrong rank"
        yield from self.physical(result["locations"][0]["physicalLocation"], at)
        yield from self.links(result, at)
        yield from self.flows(result, at)
        yield from self.line_hash(result, at)

    def problems(self):
        yield from self.rules()
        results = self.run["results"]
        if len(results) > RESULTS_MAX:
            yield "there are too many results"
        for index, result in enumerate(results):
            yield from self.result(result, f"result {index} ({result['ruleId']})")
        used = {result["ruleId"] for result in results}
        if used != {rule["id"] for rule in self.run["tool"]["driver"]["rules"]}:
            yield "the rules are not those of the results"


def by_schema(log):
    """What the official schema says, where it and its reader are there."""
    schema = os.environ.get("SARIF_SCHEMA")
    if not schema:
        return
    import jsonschema
    with open(schema, encoding="utf-8") as file:
        loaded = json.load(file)
    for error in jsonschema.validators.validator_for(loaded)(loaded).iter_errors(log):
        yield f"schema: {'.'.join(map(str, error.path))}: {error.message[:300]}"


def by_multitool(output):
    """The errors that Microsoft's validator finds, where it is there. It ends well even then: they are results of its own log."""
    tool = pathlib.Path(os.environ.get("SARIF_MULTITOOL") or MULTITOOL)
    if not tool.is_file():
        if "SARIF_MULTITOOL" in os.environ:
            yield f"multitool: SARIF_MULTITOOL names {tool}, which is no file"
        return
    if not os.access(tool, os.X_OK):  # its npm package leaves that to an install script
        tool.chmod(0o755)
    with tempfile.TemporaryDirectory() as name:
        log, report = pathlib.Path(name, "log.sarif"), pathlib.Path(name, "report.sarif")
        log.write_bytes(output)
        command = [tool, "validate", log, "--rule-kind", "Sarif;Ghas", "-o", report, "--log", "ForceOverwrite"]
        done = subprocess.run(command, capture_output=True, timeout=600)
        if not report.exists():
            yield f"multitool: no report, exit status {done.returncode}: {done.stdout.decode(errors='replace')[-500:]}"
            return
        for result in json.loads(report.read_text(encoding="utf-8-sig"))["runs"][0].get("results", []):
            if result.get("level") == "error":
                yield f"multitool: {result['ruleId']}: {result['message']}"


def check(run, output):
    try:
        log = json.loads(output.decode("utf-8"))
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    wrong = list(shape(log, LOG, "log"))
    if wrong or len(log["runs"]) != 1:
        yield from wrong or ["there is not one run"]
        return
    if "security-severity" in output.decode() or re.search(rb'"\w*TimeUtc"', output):
        yield "there is a security severity, or a time"
    notifications = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    if (run.status == 0) != (not log["runs"][0]["results"] and not notifications):
        yield f"exit status {run.status} with {len(log['runs'][0]['results'])} results"
    yield from Checker(run, log).problems()
    yield from by_schema(log)
    yield from by_multitool(output)


if __name__ == "__main__":
    sys.exit(report_cases.check_all({"sarif": check}))
