"""Checks that includes go one way through the layers, as docs/architecture.md draws them.

A file may include what lies in its own layer or in one it stands on; `report` sees findings only. Each folder of
analyzer/ is a layer, rules/ is one, and each public header belongs to the layer it opens.
"""

import pathlib
import re
import sys

# The repository, or the tree that the command line names.
ROOT = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]

# What each layer stands on directly. It may include all that those stand on, too.
STANDS_ON = {
    "base": [],
    "settings": ["base"],
    "source": ["settings"],
    "ir": ["source"],
    "frontend": ["ir"],
    "models": ["ir"],
    "store": ["frontend", "models"],
    "program": ["store"],
    "extension": ["source"],
    "rules": ["program", "extension"],
    "fix": ["rules"],
    "report": ["rules"],
    "server": ["fix", "report"],
    "cli": ["fix", "report", "server"],
    "main": ["cli"],
}

# The layer of each public header: that of its name, but for these.
PUBLIC = {"opcodes.def": "ir"}

# Headers that only one layer may see, and who else may not see what.
ONLY_IN = {
    "cjson/cJSON.h": ["analyzer/base/json.c"],
    "tree_sitter/api.h": ["analyzer/frontend/", "analyzer/settings/toml", "analyzer/source/", "tests/", "tools/modelc/"],
}
HIDDEN = {"report": ["racelint/ir.h", "racelint/program.h", "racelint/frontend.h"]}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def reach(layer, seen=None):
    """The layer and all it stands on."""
    seen = set() if seen is None else seen
    if layer not in seen:
        seen.add(layer)
        for below in STANDS_ON[layer]:
            reach(below, seen)
    return seen


def layer_of(path):
    """The layer of a file named from the repository's root, or None where it has none (tests, tools, generated)."""
    parts = path.split("/")
    if path == "analyzer/main.c":
        return "main"
    if parts[0] == "analyzer" and len(parts) > 2:
        return parts[1]
    if parts[0] == "rules":
        return "rules"
    if parts[:2] == ["include", "racelint"]:
        return PUBLIC.get(parts[2], parts[2].split(".")[0])
    return None


def resolve(name, includer):
    """The path from the root that an include line means, or None for headers of the system."""
    for folder in (includer.parent, ROOT / "include", ROOT / "analyzer", ROOT):
        path = folder / name
        if path.is_file():
            return path.resolve().relative_to(ROOT).as_posix()
    return None


def problems_of(path):
    name = path.relative_to(ROOT).as_posix()
    layer = layer_of(name)
    if layer is not None and layer not in STANDS_ON:
        yield f"{name}: '{layer}' is no layer (tools/lint/layers.py lists them)"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        included = match[1] or match[2]
        allowed = ONLY_IN.get(included)
        if allowed and not name.startswith(tuple(allowed)):
            yield f"{name}:{number}: <{included}> belongs to {', '.join(allowed)}"
        if layer is None or not match[1]:
            continue
        if included in HIDDEN.get(layer, []):
            yield f"{name}:{number}: {layer} must not see {included}"
        target = resolve(included, path)
        other = layer_of(target) if target else None
        if other and other not in reach(layer):
            yield f"{name}:{number}: {layer} must not include {other} ({included})"


def main():
    files = [p for top in ("analyzer", "include", "rules", "tests", "tools") for p in (ROOT / top).rglob("*")
             if p.suffix in (".c", ".h", ".def")]
    problems = [problem for path in sorted(files) for problem in problems_of(path)]
    print("\n".join(problems) or f"layers: {len(files)} files in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
