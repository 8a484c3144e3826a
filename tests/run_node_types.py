"""Checks that the front end knows every node type of the grammar: nodes.def and the grammar's node-types.json must agree. Then
lowers Python's own standard library, or a part of it (FULL=1: all): debug builds stop at a node that is met where nodes.def
does not expect it, and every build checks the result with the IR's verifier."""

import json
import os
import pathlib
import re
import subprocess
import sys
import sysconfig

from testing import RACELINT, ROOT

TABLE = ROOT / "analyzer/frontend/python/nodes.def"
HANDLERS = ROOT / "analyzer/frontend/python"
GRAMMAR = ROOT / "node_modules/tree-sitter-python/src/node-types.json"
SAMPLE = 60
ENTRY = re.compile(r'^(EXPRESSION|STATEMENT|PART|TEXT|DROPPED|TOKEN|FIELD)\((?:([A-Z_]+), )?(?:"([^"]+)"|([a-z_]+))(?:, (.+))?\)$',
                   re.M)


def read_table():
    """What nodes.def says: for each macro a list of (kind, name, rest)."""
    table = {}
    for macro, kind, text, name, rest in ENTRY.findall(TABLE.read_text(encoding="utf-8")):
        table.setdefault(macro, []).append((kind, text or name, rest))
    return table


def named_types(grammar):
    """All named types; some aliases are only mentioned as what a field or child can be."""
    mentioned = [part for t in grammar for part in [*t.get("fields", {}).values(), t.get("children", {"types": []})]]
    types = [*grammar, *(kind for part in mentioned for kind in part["types"])]
    return {t["type"] for t in types if t["named"]} - {t["type"] for t in grammar if "subtypes" in t}


def problems_of_types(table, grammar):
    named = named_types(grammar)
    listed = [name for macro in ("EXPRESSION", "STATEMENT", "PART", "TEXT", "DROPPED") for _, name, _ in table[macro]]
    for name in sorted(named - set(listed)):
        yield f"the grammar's {name} is missing in nodes.def"
    for name in sorted(set(listed) - named):
        yield f"{name} is no node type of the grammar"
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        yield f"{name} stands in nodes.def more than once"
    for macro in ("PART", "TEXT", "DROPPED"):
        for _, name, reason in table[macro]:
            if len(reason.strip('"')) < 5:
                yield f"{name} has no reason"


def problems_of_tokens(table, grammar):
    anonymous = {t["type"] for t in grammar if not t["named"]}
    for _, text, _ in table["TOKEN"]:
        if text not in anonymous:
            yield f"{text} is no token of the grammar"
    operators = {t["type"]: t["fields"] for t in grammar if "operator" in t.get("fields", {}) or "operators" in t.get("fields", {})}
    known = {text for _, text, _ in table["TOKEN"]}
    for node, fields in operators.items():
        for token in (fields.get("operator") or fields["operators"])["types"]:
            if token["type"] not in known:
                yield f"the operator {token['type']} of {node} is no TOKEN of nodes.def"


def problems_of_fields(table, grammar):
    fields = {field for t in grammar for field in t.get("fields", {})}
    for kind, name, _ in table["FIELD"]:
        if name not in fields:
            yield f"{name} is no field of the grammar"
        if kind != name.upper():
            yield f"the field {name} is called {kind}"


def problems_of_handlers(table):
    sources = "\n".join(p.read_text(encoding="utf-8") for p in HANDLERS.glob("*.c"))
    for macro in ("EXPRESSION", "STATEMENT"):
        for _, name, handler in table[macro]:
            if not re.search(rf"^void {handler}\(struct lowering \*low, struct task task\)$", sources, re.M):
                yield f"the handler {handler} of {name} is not defined"


def library_files():
    folder = pathlib.Path(sysconfig.get_path("stdlib"))
    files = sorted(p for p in folder.rglob("*.py") if "site-packages" not in p.parts)
    if os.environ.get("FULL") == "1":
        return files
    wanted = [p for p in files if p.name in ("test_grammar.py", "test_patma.py", "test_syntax.py", "test_fstring.py")]
    return wanted + files[:: max(1, len(files) // SAMPLE)]


def problem_of_file(path):
    """Runs the program on a file. Exit status 1 is fine: the library has files with broken syntax on purpose."""
    done = subprocess.run([RACELINT, "debug", "ir", str(path)], cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        message = done.stderr.decode(errors="replace").strip().splitlines()
        return f"{path}: status {done.returncode}: {message[-1] if message else ''}"
    if not done.stdout.startswith(b"module "):
        return f"{path}: nothing was printed"
    return None


def main():
    table = read_table()
    grammar = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    checks = {
        "node types": problems_of_types(table, grammar),
        "tokens": problems_of_tokens(table, grammar),
        "fields": problems_of_fields(table, grammar),
        "handlers": problems_of_handlers(table),
        "library": filter(None, map(problem_of_file, library_files())),
    }
    failed = 0
    for name, problems in checks.items():
        found = list(problems)
        for problem in found:
            print(f"{name}: {problem}")
        failed += bool(found)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
