"""Checks the sizes of files and functions: files of at most 800 lines, functions under 60 lines and of a cyclomatic
complexity under 25 (a switch counts as one decision, however many cases it has).
"""

import pathlib
import re
import sys

# The repository, or the tree that the command line names.
ROOT = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
FILE_MAX = 800
FUNCTION_MAX = 60
COMPLEXITY_MAX = 24

NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DECISION = re.compile(r"\b(?:if|for|while|switch)\b|&&|\|\||\?")
NAME = re.compile(r"(\w+)\s*\(")


def strip(text):
    """The text without comments and literals, with the same lines."""
    return NOISE.sub(lambda match: "\n" * match[0].count("\n"), text)


def functions(lines):
    """Yields (name, first line, lines of the body) of each function. Bodies begin and end with braces in column 0, or
    begin at the end of the line that names the function."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            opens = line == "{" or (line.endswith(") {") and not line.startswith((" ", "\t")))
            if opens:
                start = number
        elif line.startswith("}"):
            first = start
            while first > 1 and lines[first - 2].strip() and lines[first - 2][0] not in "}#;" and line != "":
                first -= 1
            names = NAME.findall(" ".join(lines[first - 1:start]))
            yield names[0] if names else "?", start, lines[start:number - 1]
            start = None


def problems_of(path):
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > FILE_MAX:
        yield f"{name}: {len(lines)} lines, more than {FILE_MAX}"
    if path.suffix != ".c":
        return
    for function, number, body in functions(strip(text).splitlines()):
        if len(body) > FUNCTION_MAX:
            yield f"{name}:{number}: {function} has {len(body)} lines, more than {FUNCTION_MAX}"
        complexity = 1 + len(DECISION.findall("\n".join(body)))
        if complexity > COMPLEXITY_MAX:
            yield f"{name}:{number}: {function} has a complexity of {complexity}, more than {COMPLEXITY_MAX}"


def main():
    files = [p for top in ("analyzer", "include", "rules", "tests", "tools") for p in (ROOT / top).rglob("*.[ch]")]
    problems = [problem for path in sorted(files) for problem in problems_of(path)]
    print("\n".join(problems) or f"sizes: {len(files)} files within their limits")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
