#!/usr/bin/env python3
"""Checks what keeps known findings from being reported: that a baseline survives what does not touch a finding, and no more than
that; and that --diff-base sees what Git sees.

    run_known.py [PART...]   runs the tests whose name has one of these parts
"""
import json
import os
import pathlib
import subprocess
import sys

from testing import RACELINT, environment, run_tests, tests_of


SHOP = """import threading

stock = {}
sold = 0


class Till:
    def __init__(self):
        self.sum = 0

    def take(self, price):
        self.sum += price


till = Till()


def sell(fruit, price):
    global sold
    sold += 1
    till.take(price)
    left = stock.get(fruit, 0)
    stock[fruit] = left - 1


for _ in range(3):
    threading.Thread(target=sell, args=("fig", 2)).start()
"""


def alone(**more):
    """An environment without the settings that this machine has for Git."""
    return environment(GIT_CONFIG_NOSYSTEM="1", **more)


def run(folder, *arguments, **more):
    return subprocess.run([RACELINT, "check", *arguments], cwd=folder, env=alone(**more), timeout=120, check=False,
                          capture_output=True)


def report(folder, *arguments, **more):
    """The report as JSON; raises an AssertionError where there is none."""
    done = run(folder, "--output-format", "json", *arguments, **more)
    assert done.returncode in (0, 1), f"status {done.returncode}: {done.stderr.decode()}"
    assert (done.returncode == 1) == bool(json.loads(done.stdout)["findings"]), "the status is not that of the findings"
    return json.loads(done.stdout)


def states(found):
    """What the findings are about."""
    return sorted(f"{pathlib.Path(finding['path']).name}:{finding['state']['name']}" for finding in found["findings"])


def write(folder, name, text):
    path = pathlib.Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(name))))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def sums(found):
    return {key: found["summary"][key] for key in ("findings", "baselined", "gone")}


# ---- baselines -------------------------------------------------------------------------------------------------------

def baseline_of(folder, text=SHOP, name="shop.py"):
    (folder / "racelint.toml").write_text("")
    write(folder, name, text)
    done = run(folder, "--write-baseline", "known.json")
    assert done.returncode == 0, done.stderr.decode()
    return len(json.loads((folder / "known.json").read_text())["findings"])


def unchanged(folder, count, what):
    found = report(folder, "--baseline", "known.json")
    wanted = {"findings": 0, "baselined": count, "gone": 0}
    if sums(found) != wanted:
        yield f"{what}: {sums(found)}, not {wanted}: {states(found)}"


def test_lines_may_move(folder):
    count = baseline_of(folder)
    if count < 3:
        yield f"the program has only {count} findings"
    write(folder, "shop.py", '"""About the shop."""\n\n\n' + SHOP.replace("\n\n\n", "\n\n\n# ---\n\n\n"))
    yield from unchanged(folder, count, "lines in between")


def test_lines_may_be_indented_otherwise(folder):
    count = baseline_of(folder)
    write(folder, "shop.py", SHOP.replace("    sold += 1\n    till.take(price)\n    left = stock.get(fruit, 0)\n"
                                          "    stock[fruit] = left - 1\n",
                                          "    if price > 0:\n        sold   +=  1\n        till.take( price )\n"
                                          "        left = stock.get(\n            fruit, 0,\n        )\n"
                                          "        stock[ fruit ] = left-1\n"))
    yield from unchanged(folder, count, "another layout")


def test_files_may_be_renamed(folder):
    count = baseline_of(folder)
    (folder / "shop.py").unlink()
    write(folder, "market/stall.py", SHOP)
    yield from unchanged(folder, count, "a renamed file")


def test_the_function_may_change_elsewhere(folder):
    count = baseline_of(folder)
    write(folder, "shop.py", SHOP.replace("    global sold\n", "    global sold\n    print('selling', fruit)\n")
          .replace("    till.take(price)\n", "    till.take(price)\n    assert price >= 0\n"))
    yield from unchanged(folder, count, "other statements in the function")


def test_a_changed_finding_is_new(folder):
    count = baseline_of(folder)
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += price"))
    found = report(folder, "--baseline", "known.json")
    if sums(found) != {"findings": 1, "baselined": count - 1, "gone": 1} or states(found) != ["shop.py:sold"]:
        yield f"{sums(found)}: {states(found)}"


def test_equal_findings_are_counted(folder):
    """Of findings that look alike as many are known as there were, wherever they have gone."""
    baseline_of(folder, name="one/shop.py")
    write(folder, "two/shop.py", SHOP)
    found = report(folder, "--baseline", "known.json")
    if {finding["path"] for finding in found["findings"]} != {"two/shop.py"} or found["summary"]["gone"]:
        yield f"a copy: {sums(found)}: {[finding['path'] for finding in found['findings']]}"
    run(folder, "--write-baseline", "known.json")
    both = report(folder, "--baseline", "known.json")["summary"]["baselined"]
    (folder / "one/shop.py").unlink()
    found = report(folder, "--baseline", "known.json")
    if sums(found) != {"findings": 0, "baselined": both // 2, "gone": both // 2}:
        yield f"one of two copies: {sums(found)}"
    write(folder, "three/shop.py", SHOP)
    found = report(folder, "--baseline", "known.json")
    if sums(found) != {"findings": 0, "baselined": both, "gone": 0}:
        yield f"the copy elsewhere: {sums(found)}"


def test_a_part_is_judged_as_in_the_whole(folder):
    baseline_of(folder, name="one/shop.py")
    write(folder, "two/shop.py", SHOP)
    whole = report(folder, "--baseline", "known.json")
    for part in ("one", "two"):
        found = report(folder, "--baseline", "known.json", part)
        wanted = [finding for finding in whole["findings"] if finding["path"].startswith(part)]
        if found["findings"] != wanted or found["summary"]["gone"]:
            yield f"{part}: {sums(found)}, {len(wanted)} findings in the whole"


def test_a_broken_file_is_not_better(folder):
    baseline_of(folder)
    write(folder, "shop.py", "def (:\n")
    done = run(folder, "--baseline", "known.json", "--output-format", "json")
    if done.returncode != 1 or json.loads(done.stdout)["summary"]["gone"]:
        yield f"status {done.returncode}: {done.stdout.decode()}"
    before = (folder / "known.json").read_bytes()
    run(folder, "--baseline", "known.json", "--write-baseline", "known.json")
    if (folder / "known.json").read_bytes() != before:
        yield "its findings were taken out of the baseline"


def test_suppressed_findings_are_not_needed(folder):
    count = baseline_of(folder)
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 1  # racelint: ignore[RL101] a test"))
    found = report(folder, "--baseline", "known.json")
    if sums(found) != {"findings": 0, "baselined": count - 1, "gone": 1} or found["summary"]["suppressed"] != 1:
        yield f"{found['summary']}"


def test_many_that_are_gone_are_counted(folder):
    parts = "".join(f"def f{i}():\n    global g{i}\n    g{i} += 1\n\n\nthreading.Thread(target=f{i}).start()\n"
                    f"threading.Thread(target=f{i}).start()\n" for i in range(14))
    text = "import threading\n" + "".join(f"g{i} = 0\n" for i in range(14)) + parts
    count = baseline_of(folder, text)
    write(folder, "shop.py", "pass\n")
    for arguments, wanted in (((), 10), (("--verbose",), count), (("--quiet",), 0)):
        errors = run(folder, "--baseline", "known.json", *arguments).stderr.decode()
        if errors.count("no longer found") != wanted or ("more; --verbose" in errors) != (wanted == 10):
            yield f"{arguments}: {errors}"


def test_names_that_are_no_text(folder):
    (folder / "racelint.toml").write_text("")
    write(folder, b"bad\xff\n\"name.py", SHOP)
    run(folder, "--write-baseline", "known.json")
    count = len(json.loads((folder / "known.json").read_text())["findings"])
    if count < 3:
        yield f"the baseline has {count} findings"
    yield from unchanged(folder, count, "the same file")


# ---- changes ---------------------------------------------------------------------------------------------------------

def git(folder, *arguments):
    done = subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main", *arguments],
                          cwd=folder, env=alone(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def repository(folder, files):
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        write(folder, name, text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")


def changed(folder, wanted, what, *arguments, base="HEAD", **more):
    found = states(report(folder, "--diff-base", base, *arguments, **more))
    if found != sorted(wanted):
        yield f"{what}: {found}, not {sorted(wanted)}"


def all_states(folder):
    return states(report(folder))


def test_only_changed_lines_count(folder):
    repository(folder, {"shop.py": SHOP})
    yield from changed(folder, [], "nothing changed")
    write(folder, "shop.py", "# a comment\n" + SHOP)
    yield from changed(folder, [], "a line above")
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 2"))
    yield from changed(folder, ["shop.py:sold"], "one finding")
    git(folder, "commit", "-qam", "second")
    yield from changed(folder, [], "committed")
    yield from changed(folder, ["shop.py:sold"], "the revision before", base="HEAD~1")
    git(folder, "tag", "now")
    yield from changed(folder, [], "a tag", base="now")
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 2").replace("= left - 1", "= left - 2"))
    git(folder, "add", "-A")
    yield from changed(folder, ["shop.py:stock[fruit]"], "in the index")


def test_the_other_side_counts(folder):
    worker = "import shop\n\n\ndef work():\n    shop.sell('fig', 2)\n"
    starter = "import threading\nimport worker\n\nfor _ in range(3):\n    threading.Thread(target=worker.work).start()\n"
    library = SHOP[:SHOP.index("for _ in")]
    repository(folder, {"shop.py": library, "worker.py": worker, "starter.py": starter.replace("range(3)", "range(0)")
                        .replace("worker.work", "print")})
    write(folder, "starter.py", starter)
    found = all_states(folder)
    if len(found) < 3:
        yield f"the program has only {found}"
    yield from changed(folder, found, "the start of the threads")


def test_lines_taken_away_count(folder):
    locked = SHOP.replace("    sold += 1\n", "    lock.acquire()\n    sold += 1\n    lock.release()\n") \
        .replace("sold = 0\n", "sold = 0\nlock = threading.Lock()\n")
    repository(folder, {"shop.py": locked})
    write(folder, "shop.py", locked.replace("    lock.acquire()\n", "").replace("    lock.release()\n", ""))
    found = states(report(folder, "--diff-base", "HEAD"))
    if "shop.py:sold" not in found:
        yield f"{found}"


def test_renamed_files_have_not_changed(folder):
    repository(folder, {"shop.py": SHOP})
    git(folder, "mv", "shop.py", "stall.py")
    yield from changed(folder, [], "renamed")
    write(folder, "stall.py", SHOP.replace("sold += 1", "sold += 2"))
    git(folder, "add", "-A")
    yield from changed(folder, ["stall.py:sold"], "renamed and changed")


def test_decorators_count(folder):
    """Who takes away the decorator that held the lock changed every line of the function."""
    locked = SHOP.replace("stock = {}\n", """lock = threading.Lock()
stock = {}


def synchronized(function):
    def locked(*arguments):
        with lock:
            return function(*arguments)
    return locked


def plain(function):
    return function
""").replace("def sell(", "@plain\n@synchronized\ndef sell(")
    repository(folder, {"shop.py": locked})
    if all_states(folder):
        yield f"with the lock: {all_states(folder)}"
    write(folder, "shop.py", locked.replace("@synchronized\n", ""))
    yield from changed(folder, all_states(folder), "a decorator taken away")
    write(folder, "shop.py", locked.replace("@plain\n@synchronized", "@plain\n@plain"))
    yield from changed(folder, all_states(folder), "another decorator")
    git(folder, "commit", "-qam", "second")
    write(folder, "shop.py", locked.replace("@plain\n@synchronized", "@plain\n@plain").replace(
        "def synchronized(function):", "def synchronized(function):  # as ever"))
    yield from changed(folder, [], "the head of another function")


def test_untracked_files_have_changed(folder):
    repository(folder, {"plain.py": "x = 1\n", ".gitignore": "built/\n"})
    write(folder, "shop.py", SHOP)
    write(folder, "built/shop.py", SHOP)
    count = len(all_states(folder))
    if count < 3 or len(states(report(folder, "--diff-base", "HEAD"))) != count:
        yield "an untracked file is passed over"
    if len(states(report(folder, "--diff-base", "HEAD", "built/shop.py"))) < 3:
        yield "an ignored file is passed over"


def test_names_that_git_quotes(folder):
    names = ["with blank.py", "tab\there.py", "quote\".py", "back\\slash.py", "漢字.py", "b/b/shop.py", "new\nline.py",
             b"bad\xff.py"]
    repository(folder, {name: SHOP for name in names})
    yield from changed(folder, [], "nothing changed")
    for name in names:
        write(folder, name, SHOP.replace("sold += 1", "sold += 2"))
    found = report(folder, "--diff-base", "HEAD")["findings"]
    if len(found) != len(names) or {finding["state"]["name"] for finding in found} != {"sold"}:
        yield f"{len(found)} findings in {[finding['path'] for finding in found]}"


def test_a_project_below_the_top(folder):
    repository(folder, {"services/shop/pyproject.toml": "", "services/shop/shop.py": SHOP, "shop.py": SHOP})
    project = folder / "services" / "shop"
    yield from changed(project, [], "nothing changed")
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 2"))
    yield from changed(project, [], "another file of that name")
    write(project, "shop.py", SHOP.replace("= left - 1", "= left - 2"))
    yield from changed(project, ["shop.py:stock[fruit]"], "its own file")


def test_the_users_settings_do_not_matter(folder):
    """What a user may have told Git, and what its hooks tell programs."""
    repository(folder, {"shop.py": SHOP})
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 2"))
    for setting in ("diff.noprefix true", "diff.mnemonicPrefix true", "color.ui always", "diff.external false",
                    "diff.context 10", "diff.interHunkContext 50", "core.quotePath true", "diff.renames false",
                    "core.pager false", "diff.relative false"):
        git(folder, "config", *setting.split())
    (folder / ".git" / "info" / "attributes").write_text("*.py -diff\n")
    yield from changed(folder, ["shop.py:sold"], "settings")
    yield from changed(folder, ["shop.py:sold"], "variables", GIT_DIR="/nonexistent", GIT_INDEX_FILE="/nonexistent",
                       GIT_DIFF_OPTS="--unified=30", GIT_EXTERNAL_DIFF="false", GIT_PREFIX="x/")


def test_text_that_looks_like_a_diff(folder):
    plain = SHOP + "\nx = 1\ny = 2\n"
    strange = plain + '\nTEXT = """\n++ b/other.py\n-- a/other.py\n@@ -1,50 +1,50 @@\ndiff --git a/x b/x\n"""\n'
    repository(folder, {"shop.py": plain, "other.py": SHOP})
    write(folder, "shop.py", strange)
    yield from changed(folder, [], "added text")
    git(folder, "commit", "-qam", "second")
    write(folder, "shop.py", plain)
    yield from changed(folder, [], "text taken away")
    write(folder, "shop.py", strange.replace('\n"""\n', '\n"""').replace("sold += 1", "sold += 2"))
    yield from changed(folder, ["shop.py:sold"], "no line end at the end")


def test_a_shallow_clone_has_no_history(folder):
    repository(folder / "whole", {"shop.py": SHOP})
    write(folder / "whole", "other.py", "x = 1\n")
    git(folder / "whole", "add", "-A")
    git(folder / "whole", "commit", "-qm", "second")
    git(folder, "clone", "-q", "--depth", "1", f"file://{folder}/whole", "shallow")
    yield from changed(folder / "shallow", [], "what there is")
    for clone, hint in (("shallow", True), ("whole", False)):
        done = run(folder / clone, "--diff-base", "no-such")
        if done.returncode != 2 or (b"this clone is shallow, 'git fetch --unshallow' completes it" in done.stderr) != hint:
            yield f"{clone}: status {done.returncode}, {done.stderr}"


def test_both_together(folder):
    repository(folder, {"shop.py": SHOP})
    run(folder, "--write-baseline", "known.json")
    write(folder, "shop.py", SHOP.replace("sold += 1", "sold += 2"))
    found = report(folder, "--diff-base", "HEAD", "--baseline", "known.json")
    if states(found) != ["shop.py:sold"] or found["summary"]["gone"] != 1:
        yield f"{states(found)} {sums(found)}"


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
