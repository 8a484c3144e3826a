#!/usr/bin/env python3
"""Compares the models of the standard library with the Python that runs this: every name exists in the versions it
claims, every argument stands where the model says, every base is one, and every entry names its documentation. And
docs/models.md explains every key and word of the format, and lists the modules that are covered.

What another version, another platform or a package that is not installed has is left out, and counted. The entries
come from `modelc --list`, so that what is tested is what is compiled in.
"""
import glob
import importlib
import inspect
import os
import re
import subprocess
import sys
import tempfile
import warnings

MODELC = os.path.join(os.environ.get("BUILD", "build"), "modelc")
FIELDS = ("name", "kind", "module", "added", "removed", "platform", "source", "same_as", "arguments", "bases")
SOURCE = re.compile(r"[a-z0-9.-]+\.[a-z]+/[^\s\"]*[^\s\"{}]")

# Factories that are functions at run time, but classes to the models: what one of their objects looks like.
SAMPLES = {
    "threading.Lock": "__import__('threading').Lock()",
    "threading.RLock": "__import__('threading').RLock()",
    "select.poll": "__import__('select').poll()",
    "ctypes.create_string_buffer": "__import__('ctypes').create_string_buffer(1)",
    "ctypes.create_unicode_buffer": "__import__('ctypes').create_unicode_buffer(1)",
    "csv.reader": "__import__('csv').reader([])",
    "csv.writer": "__import__('csv').writer(__import__('io').StringIO())",
}
# Made by a context of multiprocessing, which needs semaphores of the system: the classes behind them.
BEHIND = {
    "multiprocessing.Lock": "multiprocessing.synchronize.Lock",
    "multiprocessing.RLock": "multiprocessing.synchronize.RLock",
    "multiprocessing.Semaphore": "multiprocessing.synchronize.Semaphore",
    "multiprocessing.BoundedSemaphore": "multiprocessing.synchronize.BoundedSemaphore",
    "multiprocessing.Condition": "multiprocessing.synchronize.Condition",
    "multiprocessing.Event": "multiprocessing.synchronize.Event",
    "multiprocessing.Barrier": "multiprocessing.synchronize.Barrier",
    "multiprocessing.Queue": "multiprocessing.queues.Queue",
    "multiprocessing.JoinableQueue": "multiprocessing.queues.JoinableQueue",
    "multiprocessing.SimpleQueue": "multiprocessing.queues.SimpleQueue",
    "multiprocessing.Pool": "multiprocessing.pool.Pool",
    "multiprocessing.Value": "multiprocessing.sharedctypes.Synchronized",
    "multiprocessing.Array": "multiprocessing.sharedctypes.SynchronizedArray",
}
# Arguments that pass through (*args, **kwargs), or a constructor that belongs to the class mixed in.
PASSED_THROUGH = {"socketserver.ThreadingMixIn", "socketserver.ForkingMixIn"}


class Skip(Exception):
    """The entry cannot be looked at here; the argument says why."""


def version(text):
    return tuple(int(part) for part in text.split("."))


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


def follow(name):
    """The object of a dotted name: the longest part that imports, then attributes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


def owner_of(name):
    """The class that a member belongs to, or an object of it."""
    if name in SAMPLES:
        return eval(SAMPLES[name])
    return follow(BEHIND.get(name, name))


def is_set_in_instances(owner, attribute):
    """Whether some method of the class, or of its bases, assigns self.<attribute>."""
    for base in inspect.getmro(owner if inspect.isclass(owner) else type(owner)):
        try:
            source = inspect.getsource(base)
        except (OSError, TypeError):
            continue
        if re.search(rf"\bself\.{attribute}\b[^=\n]*=", source):
            return True
    return False


def third_party_modules():
    for path in glob.glob("models/third_party/**/*.toml", recursive=True):
        with open(path, encoding="utf-8") as file:
            yield from re.findall(r'^module = "(.*)"$', file.read(), re.MULTILINE)


THIRD_PARTY = set(third_party_modules())


def import_or_skip(module):
    """Imports a module. Where it is missing, not every Python has it; a name that no Python has is an error."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        standard = module.partition(".")[0] in getattr(sys, "stdlib_module_names", [module.partition(".")[0]])
        if module not in THIRD_PARTY and error.name == module and ("." in module or not standard):
            raise
        raise Skip("module that is not installed") from error


def look_up(entry):
    """The object that an entry describes, or None for one that only instances have."""
    name = entry["name"]
    import_or_skip(entry["module"])
    if entry["kind"] == "class" or "." not in name[len(entry["module"]) + 1:]:
        return owner_of(name)
    owner, _, member = name.rpartition(".")
    owner = owner_of(owner)
    if entry["kind"] in ("value", "method") and not hasattr(owner, member) and is_set_in_instances(owner, member):
        return None
    return getattr(owner, member)


def parameters_of(entry, found):
    """The parameters that a caller gives, without the receiver; None where nothing tells them."""
    if entry["name"] in PASSED_THROUGH or found is None:
        return None
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (ValueError, TypeError):
        return None
    owner, _, member = entry["name"].rpartition(".")
    if entry["kind"] == "method" and owner not in SAMPLES:
        raw = inspect.getattr_static(owner_of(owner), member, None)
        if not isinstance(raw, (classmethod, staticmethod)) and not inspect.ismethod(found) and \
                type(raw).__name__ != "classmethod_descriptor" and not inspect.isbuiltin(found):
            parameters = parameters[1:]
    return parameters


def argument_problem(name, position, keyword, parameters, keywords_matter):
    """Why an argument of an entry does not fit the parameters, or None."""
    kinds = inspect.Parameter
    positional = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    many = any(p.kind == kinds.VAR_POSITIONAL for p in parameters)
    if position >= len(positional) and position >= 0 and not many:
        return f"{name}: there is no argument {position}"
    if keyword == "-":
        if name in ("rest", "elements") or position >= len(positional) or not keywords_matter:
            return None
        if positional[position].kind == kinds.POSITIONAL_OR_KEYWORD:
            return f"{name}: argument {position} may be given as {positional[position].name!r}, too"
        return None
    if 0 <= position < len(positional) and positional[position].name == keyword:
        return None  # also where this version takes it by position only
    named = {p.name: p for p in parameters if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)}
    if keyword not in named:
        return None if any(p.kind == kinds.VAR_KEYWORD for p in parameters) else f"{name}: no parameter {keyword!r}"
    if position < 0:
        return f"{name}: {keyword!r} may be given by position, too" if named[keyword] in positional else None
    if position < len(positional):
        return f"{name}: argument {position} is {positional[position].name!r}, not {keyword!r}"
    return None


def argument_problems(entry, parameters):
    arguments = [re.fullmatch(r"([a-z-]+)=(-?\d+):(\w+|-)", text).groups() for text in entry["arguments"].split(",")]
    named = {position for _, position, keyword in arguments if keyword != "-"}
    for name, position, keyword in arguments:
        # Operators give their operands by position; one place may stand for two arguments (lru_cache).
        keywords_matter = not entry["name"].endswith("__") and position not in named
        problem = argument_problem(name, int(position), keyword, parameters, keywords_matter)
        if problem:
            yield problem


def problems_of(entry, now):
    """Yields what is wrong with an entry; raises Skip where it cannot be looked at."""
    if not SOURCE.fullmatch(entry["source"]):
        yield f"its source is {entry['source']!r}"
    if entry["platform"] not in ("-", "windows" if os.name == "nt" else "unix"):
        raise Skip("other platform")
    here = (entry["added"] == "-" or version(entry["added"]) <= now) and \
        (entry["removed"] == "-" or now < version(entry["removed"]))
    try:
        found = look_up(entry)
    except (AttributeError, ImportError):
        if here:
            yield f"it is not in Python {now[0]}.{now[1]}"
            return
        raise Skip("other version") from None
    if not here:
        # A class that gained a method inherits it often enough; a new function or class must be absent.
        if entry["kind"] in ("class", "function") and entry["same_as"] == "-":
            yield f"it is in Python {now[0]}.{now[1]}, against its versions"
        raise Skip("other version")
    if entry["kind"] in ("function", "method", "class") and found is not None and not callable(found):
        if entry["name"] not in SAMPLES:
            yield "it cannot be called"
    if entry["same_as"] != "-":
        return
    if entry["arguments"] != "-" and entry["name"] not in SAMPLES:
        parameters = parameters_of(entry, found)
        if parameters is not None:
            yield from argument_problems(entry, parameters)
    for base in entry["bases"].split(",") if entry["bases"] != "-" else ():
        if inspect.isclass(found) and inspect.isclass(owner_of(base)) and not issubclass(found, owner_of(base)):
            yield f"it does not derive from {base}"


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


def main():
    warnings.simplefilter("ignore")
    now = sys.version_info[:2]
    passed = failed = 0
    skipped = {}
    entries = read_entries()
    for entry in entries:
        try:
            problems = list(problems_of(entry, now))
        except Skip as reason:
            skipped[str(reason)] = skipped.get(str(reason), 0) + 1
            continue
        for problem in problems:
            print(f"{entry['name']}: {problem}")
        if problems:
            failed += 1
        else:
            passed += 1
    for problem in [*undocumented_words(), *coverage_problems(entries), *accepted_mistakes()]:
        print(problem)
        failed += 1
    for reason in sorted(skipped):
        print(f"{skipped[reason]} entries left out: {reason}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
