"""What runners of tests share: which program is tested, the environment that it runs in, and running tests that are functions."""
import functools
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RACELINT = (ROOT / os.environ.get("RACELINT", "build/racelint")).resolve()


def environment(**variables):
    """The variables given, and nothing of the caller's and the user's that could change what is printed."""
    kept = {name: value for name, value in os.environ.items()
            if name.endswith("SAN_OPTIONS") or name in ("PATH", "TMPDIR")}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **variables}


def in_folder(function):
    """The problems that a test finds, as a list. It gets an empty folder, and yields problems or fails an assertion."""
    with tempfile.TemporaryDirectory(prefix="racelint-test-") as folder:
        work = pathlib.Path(folder).resolve() / "work"
        work.mkdir()
        try:
            return list(function(work) or ())
        except AssertionError as error:
            return [str(error)]


def tests_of(namespace):
    """The functions test_* of a module's globals(), by their names, as run_tests() takes them."""
    return {name: functools.partial(in_folder, function) for name, function in namespace.items()
            if name.startswith("test_")}


def run_tests(tests):
    """Runs tests (by name: functions that return problems) whose name has one of the parts that the command line names, or
    all. Prints what failed and the sum, and returns the exit status."""
    wanted = [name for name in tests if not sys.argv[1:] or any(part in name for part in sys.argv[1:])]
    failed = 0
    for name in wanted:
        problems = tests[name]()
        if problems:
            failed += 1
            print(f"FAIL {name}")
            for problem in problems:
                print(f"     {problem}")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed else 0
