"""Checks that what headers declare is used: a function that no file but its own names is static or not there at all,
and one that only tests name is part of a public header.

A name that is put together by macros from a .def file counts as used where the .def file has what follows its first underscore.
"""

import pathlib
import re
import sys

# The repository, or the tree that the command line names.
ROOT = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]

NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
WORD = re.compile(r"\b[A-Za-z_]\w*")
# A function that is defined for all: it begins in the first column, without `static`, and its body follows.
DEFINITION = re.compile(r"^(?!static\b|typedef\b|#)[A-Za-z_][^;{}()=]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)


def stripped(path):
    return NOISE.sub(" ", path.read_text(encoding="utf-8"))


def files(tops, endings):
    return sorted(path for top in tops for path in (ROOT / top).rglob("*") if path.suffix in endings)


def words(paths):
    return {path: set(WORD.findall(stripped(path))) for path in paths}


def called_in_headers(paths):
    """What macros and inline functions of headers call."""
    bodies = re.compile(r"#define(?:[^\n]*\\\n)*[^\n]*|static inline[^;{]*\{.*?^\}", re.M | re.S)
    return {name for path in paths for body in bodies.findall(stripped(path))
            for name in re.findall(r"\b(\w+)(?=\()", body)}


def problems_of(path, others, tests, public, elsewhere):
    """`others`: what the other files of the program name; `elsewhere`: what headers call and tables list."""
    text = stripped(path)
    for match in DEFINITION.finditer(text):
        name = match[1]
        if name == "main" or name in others or elsewhere & {name, name.partition("_")[2]} or name in public:
            continue
        own = len(re.findall(rf"\b{name}\b", text)) > 1
        if name in tests and own:
            continue
        at = f"{path.relative_to(ROOT).as_posix()}:{text.count(chr(10), 0, match.start()) + 1}: {name}"
        yield f"{at} is used " + ("by tests only" if name in tests else
                                  "in this file only: make it static" if own else "nowhere")


def main():
    sources = files(("analyzer", "rules"), {".c"})
    program = words(sources + files(("tools",), {".c"}))
    headers = files(("analyzer", "include", "rules"), {".h"})
    tests = set().union(*words(files(("tests",), {".c", ".h"})).values())
    public = set().union(*words(files(("include",), {".h"})).values())
    elsewhere = called_in_headers(headers).union(*words(files(("analyzer", "include", "rules"), {".def"})).values())
    problems = []
    for path in sources:
        others = set().union(*(names for other, names in program.items() if other != path))
        problems += problems_of(path, others, tests, public, elsewhere)
    print("\n".join(problems) or f"symbols: {len(sources)} files with nothing unused")
    return 1 if problems else 0


sys.exit(main())
