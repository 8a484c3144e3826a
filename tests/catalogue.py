"""The catalogue of rules, as it is promised: codes and names for good, which rules are off unless they are selected, and how
each one's findings are mended. audit() holds it against what is there, for run_rules.py; check_audit() breaks what is there
in one way at a time, to see that the audit finds it.

A rule's findings are mended by edits, which fixtures in tests/fixtures/fix show before and after, or by hand, for a reason.
"""
import copy
import dataclasses
import re

from testing import ROOT

CASES_WANTED = 3  # bad ones and good ones of each rule
STEPS_FROM = 100  # from this code on, rules are about two threads, and tell step by step what these do
OPT_IN = ("RL410", "RL705", "RL806")
NO_CWE = ("RL001", "RL002")  # diagnostics

# code, name, kinds of fixes that the findings of its fixtures have; then the fixtures that show its edits, or why there are none
CATALOGUE = """
RL001 unreadable-file - : the file has to be readable first
RL002 syntax-error - : what the author meant to write is not known
RL003 unused-suppression manual : the comment may give a reason that is worth reading before it goes
RL004 bad-annotation manual : which lock the author meant is not known
RL101 augmented-assignment existing-lock,new-lock numbers apart
RL102 split-read-modify-write existing-lock,new-lock cache frozen_dataclass
RL103 stale-read-across-critical-sections existing-lock joined_sections
RL104 torn-update existing-lock snapshot
RL105 id-from-length new-lock id_from_length
RL106 nonatomic-container-operation new-lock sorted_in_place
RL201 check-then-use atomic-operation,existing-lock,new-lock pop_default caught
RL202 check-then-insert atomic-operation,existing-lock,new-lock setdefault logged_once
RL203 check-then-pop atomic-operation,new-lock caught existing_lock
RL204 lazy-initialization new-lock lazy_global
RL205 double-checked-without-recheck existing-lock double_checked
RL206 check-then-set-flag existing-lock,new-lock started_flag
RL207 test-then-use-again existing-lock,new-lock tested_reference
RL208 unlocked-memo manual,new-lock cached_function
RL209 publish-before-init manual,primitive,snapshot built_first lazy_table
RL210 check-then-update existing-lock,new-lock tested_and_changed
RL301 unguarded-shared-mutation new-lock pushed_without_lock
RL302 inconsistent-guard existing-lock clear_unlocked
RL303 disjoint-guards existing-lock disjoint_locks
RL304 guard-violation existing-lock declared_guard
RL305 guarded-state-leak snapshot handed_out
RL306 iteration-while-mutated existing-lock,new-lock,snapshot walk generators
RL307 shared-class-mutable primitive class_list
RL308 shared-default-argument new-lock shared_default
RL309 shared-iterator new-lock,primitive serialized each_element
RL310 mutated-after-handoff primitive,snapshot handed_on
RL311 escape-in-constructor manual,primitive early_start
RL312 late-binding-target primitive late_binding
RL313 thread-unsafe-object existing-lock,new-lock,primitive thread_unsafe_object
RL314 unsynchronized-buffer existing-lock,new-lock shared_buffer
RL315 handler-instance-state primitive : where the state of one request belongs (arguments, the request object) is a matter of design
RL401 lock-per-call new-lock lock_per_call
RL402 lock-rebound manual : where the one lock is to be made depends on how the objects come about
RL403 lock-scope-mismatch new-lock instance_lock
RL404 wrong-lock-kind new-lock,primitive tasks_lock
RL405 acquire-without-release existing-lock with_section
RL406 acquire-result-ignored existing-lock : what is to be done without the lock is not known
RL407 release-without-acquire existing-lock : whether the release is too much or the acquisition is missing is not known
RL408 wait-outside-loop primitive wait_once
RL409 wait-without-lock existing-lock notify_unlocked
RL410 undocumented-lock manual : what a lock protects, its author knows
RL411 lost-event-signal primitive lost_signal
RL501 lock-order-inversion existing-lock : which order is to be the program's is a decision, and calls must be moved for it
RL502 self-deadlock primitive deadlock
RL503 blocking-under-lock existing-lock : what may be done outside of the section depends on what must not change meanwhile
RL504 callback-under-lock snapshot : whether a callback may be called when the state has changed again is not known
RL505 pool-waits-on-itself primitive : whether to take a second pool or not to wait is a matter of design
RL506 wait-holding-two-locks primitive : what the outer lock protects while the thread waits is not known
RL507 busy-wait primitive polled_flags
RL508 lock-across-await manual,primitive : a lock of asyncio instead would have to be taken by threads, too
RL509 fork-with-threads manual : another way to start processes changes what they get to see
RL510 lock-in-finalizer primitive : what the finalizer is to leave for others to do later is not known
RL601 environment-mutation primitive : who is to get the value, by an argument or in a child's environment, is not known
RL602 process-state-mutation primitive : each state has another way to do without it, by paths, arguments or generators of one's own
RL603 warnings-filter-race primitive : whether the warnings or the build's flags are to go is not known
RL604 stream-or-module-patch primitive : where the output is to go must be said to those who write it
RL605 filesystem-check-then-act atomic-operation files_made
RL701 polled-stop-flag primitive polled_flags public_flag
RL702 run-instead-of-start manual : what follows the call may rely on the work being done
RL703 lost-exception manual : what is to be done about a failure is not known
RL704 result-before-join primitive : a join further up would take away what runs meanwhile
RL705 daemon-write-at-exit manual : how the thread is to be told to stop, and by whom, is not known
RL706 loop-touched-off-thread primitive loop_called
RL707 thread-local-set-at-import primitive : what a thread is to begin with is not known
RL708 context-inheritance primitive : whether the thread is meant to have its starter's context is not known
RL709 contextvar-misuse manual : the variable must be known by a name that all of its users can reach
RL801 gil-reliance manual : whether a lock is needed must be seen from the code that the text speaks of
RL802 gil-probe-unguarded primitive gil_probe
RL803 foreign-frame-locals manual : what the variables are looked at for is not known
RL804 extension-reenables-gil manual : the declaration is a promise about the code, which somebody has to look at first
RL805 borrowed-reference-api manual : the strong reference must be dropped again on every way out of the function
RL806 exported-mutable-registry manual : it is an inventory, and no finding that something is wrong
"""


@dataclasses.dataclass
class Entry:
    """What one line promises."""

    code: str
    name: str
    kinds: set
    fixtures: list  # of its edits
    reason: str  # why there are none


@dataclasses.dataclass
class Facts:
    """What is there."""

    rules: list  # as `racelint rule --all --output-format json` tells
    sources: dict  # names of files in rules/ -> texts
    cases: dict  # folder in tests/fixtures/rules -> (cases that expect its rule, cases that expect nothing)
    kinds: dict  # code -> kinds of fixes that its findings have in its own fixtures
    edited: set  # codes of which a finding there has edits
    mended: dict  # code -> fixtures in tests/fixtures/fix after which there are fewer findings of it
    fixes: set  # all fixtures there
    on_by_default: set  # codes that are found where nothing is selected
    examples: set  # codes whose examples do what they are to do
    pages: dict  # names of files in docs/rules -> texts
    manual: str


def read_catalogue():
    entries = {}
    for line in CATALOGUE.strip().splitlines():
        line, _, reason = line.partition(" : ")
        code, name, kinds, *fixtures = line.split()
        entries[code] = Entry(code, name, set(kinds.split(",")) - {"-"}, fixtures, reason.strip())
    return entries


def documentation_problems(rule):
    for key in ("code", "name", "summary", "explanation", "bad", "good", "fix"):
        if not rule[key].strip():
            yield f"has no {key}"
    if rule["summary"].endswith(".") or "\n" in rule["summary"]:
        yield "the summary must be one line without a full stop"
    if int(rule["code"][2:]) >= STEPS_FROM and not re.search(r"(?m)^1\. ", rule["explanation"]):
        yield "the explanation does not tell step by step what two threads do"
    if not rule["cwes"] and rule["code"] not in NO_CWE:
        yield "names no CWE"
    if not all(re.fullmatch(r"CWE-\d+", cwe) for cwe in rule["cwes"]):
        yield "has a wrong CWE"
    if not any(reference.startswith("https://") for reference in rule["references"]):
        yield "has no reference"
    if rule["bad"].strip() == rule["good"].strip():
        yield "the good example is the bad one"


def file_problems(entry, facts):
    name = f"{entry.code.lower()}_{entry.name.replace('-', '_')}.c"
    own = [file for file in facts.sources if file.startswith(entry.code.lower() + "_")]
    if own != [name]:
        yield f"is in {own}, not in {name} alone"
    elif f"const struct rule rule_{entry.code} =" not in facts.sources[name]:
        yield f"is not defined in {name}"
    page = facts.pages.get(f"{entry.code}.md", "")
    if not page.startswith(f"# {entry.name} ({entry.code})\n"):
        yield "has no page in docs/rules, or another rule's"
    if f"[{entry.code}]({entry.code}.md)" not in facts.pages.get("README.md", ""):
        yield "is not in the list of docs/rules/README.md"
    if f"{entry.code} {entry.name}\n" not in facts.manual.replace("\\-", "-"):
        yield "has no section in racelint-rules(7)"


def fixture_problems(entry, facts):
    folder = f"{entry.code}-{entry.name}"
    bad, good = facts.cases.get(folder, (0, 0))
    if bad < CASES_WANTED or good < CASES_WANTED:
        yield f"{folder} has {bad} bad and {good} good fixtures, {CASES_WANTED} of each are wanted"
    if (entry.code in facts.on_by_default) == (entry.code in OPT_IN):
        yield "is found though it is not selected" if entry.code in OPT_IN else "is not found unless it is selected"
    if entry.code not in facts.examples:
        yield "its examples do not do what they are to do"


def fix_problems(entry, facts):
    found = facts.kinds.get(entry.code, set())
    if found != entry.kinds:
        yield f"its findings have fixes of the kinds {sorted(found)}, not {sorted(entry.kinds)}"
    for fixture in entry.fixtures:
        if fixture not in facts.fixes:
            yield f"there is no tests/fixtures/fix/{fixture}"
        elif fixture not in facts.mended.get(entry.code, set()):
            yield f"tests/fixtures/fix/{fixture} has as many of its findings after as before"
    if bool(entry.fixtures) == bool(entry.reason):
        yield "must have fixtures before and after its fix, or a reason why it has none"
    if entry.reason and entry.code in facts.edited:
        yield "has findings with edits, and a reason why there are none"


def audit(facts, entries=None):
    """Yields (what it is about, its problems) for each rule, and for the catalogue."""
    entries = entries or read_catalogue()
    rules = {rule["code"]: rule for rule in facts.rules}
    whole = [f"{code} is not in the catalogue" for code in rules if code not in entries]
    whole += [f"fixtures {folder} belong to no rule" for folder in facts.cases
              if folder not in {f"{entry.code}-{entry.name}" for entry in entries.values()}]
    yield "catalogue", whole
    for code, entry in entries.items():
        if code not in rules:
            yield code, ["there is no such rule"]
            continue
        problems = list(documentation_problems(rules[code]))
        if rules[code]["name"] != entry.name:
            problems.append(f"is called {rules[code]['name']}, not {entry.name}")
        if rules[code]["opt_in"] != (code in OPT_IN):
            problems.append("is documented to be off by default" if rules[code]["opt_in"] else "must be off by default")
        for look in (file_problems, fixture_problems, fix_problems):
            problems += look(entry, facts)
        yield code, problems


# ---- the audit itself ----

def of(facts, code):
    return next(rule for rule in facts.rules if rule["code"] == code)


# What breaks a rule, and a part of what the audit has to say then.
BREAKS = {
    "no CWE": (lambda f, e: of(f, "RL101").update(cwes=[]), "RL101", "names no CWE"),
    "wrong CWE": (lambda f, e: of(f, "RL101").update(cwes=["362"]), "RL101", "wrong CWE"),
    "no references": (lambda f, e: of(f, "RL101").update(references=[]), "RL101", "no reference"),
    "no steps": (lambda f, e: of(f, "RL804").update(explanation="It is bad."), "RL804", "step by step"),
    "no way to fix it": (lambda f, e: of(f, "RL805").update(fix=" "), "RL805", "has no fix"),
    "one example twice": (lambda f, e: of(f, "RL702").update(bad="a\n", good="a\n"), "RL702", "good example"),
    "other name": (lambda f, e: of(f, "RL702").update(name="run"), "RL702", "is called run"),
    "on by default": (lambda f, e: of(f, "RL806").update(opt_in=False), "RL806", "must be off"),
    "off by default": (lambda f, e: of(f, "RL601").update(opt_in=True), "RL601", "documented to be off"),
    "found unselected": (lambda f, e: f.on_by_default.add("RL705"), "RL705", "though it is not selected"),
    "not found": (lambda f, e: f.on_by_default.discard("RL601"), "RL601", "not found unless"),
    "rule removed": (lambda f, e: f.rules.remove(of(f, "RL309")), "RL309", "no such rule"),
    "rule added": (lambda f, e: f.rules.append({**of(f, "RL309"), "code": "RL999"}), "catalogue", "RL999"),
    "no file": (lambda f, e: f.sources.pop("rl503_blocking_under_lock.c"), "RL503", "is in []"),
    "two files": (lambda f, e: f.sources.update({"rl503_more.c": ""}), "RL503", "rl503_more.c"),
    "empty file": (lambda f, e: f.sources.update({"rl503_blocking_under_lock.c": ""}), "RL503", "not defined"),
    "no page": (lambda f, e: f.pages.pop("RL605.md"), "RL605", "no page"),
    "no line in the list": (lambda f, e: f.pages.update({"README.md": ""}), "RL605", "docs/rules/README.md"),
    "no manual": (lambda f, e: setattr(f, "manual", ""), "RL605", "racelint-rules(7)"),
    "two bad cases": (lambda f, e: f.cases.update({"RL803-foreign-frame-locals": (2, 3)}), "RL803", "2 bad"),
    "two good cases": (lambda f, e: f.cases.update({"RL803-foreign-frame-locals": (3, 2)}), "RL803", "2 good"),
    "cases of no rule": (lambda f, e: f.cases.update({"RL803-frames": (3, 3)}), "catalogue", "RL803-frames"),
    "broken example": (lambda f, e: f.examples.discard("RL801"), "RL801", "examples"),
    "another kind of fix": (lambda f, e: f.kinds["RL305"].add("new-lock"), "RL305", "of the kinds"),
    "nothing mended": (lambda f, e: f.mended.pop("RL205"), "RL205", "as many of its findings after"),
    "fixture removed": (lambda f, e: f.fixes.discard("double_checked"), "RL205", "there is no tests"),
    "no fixture named": (lambda f, e: e["RL205"].fixtures.clear(), "RL205", "or a reason"),
    "no reason": (lambda f, e: setattr(e["RL501"], "reason", ""), "RL501", "or a reason"),
    "edits after all": (lambda f, e: f.edited.add("RL501"), "RL501", "findings with edits"),
}


def check_audit(facts):
    """Yields what the audit overlooks."""
    for name, (break_it, about, message) in BREAKS.items():
        broken, entries = copy.deepcopy(facts), read_catalogue()
        break_it(broken, entries)
        told = dict(audit(broken, entries))[about]
        if not any(message in problem for problem in told):
            yield f"{name}: {about} has {told}, expected something about {message!r}"


def written_facts():
    """What is there to read: sources, pages, the manual."""
    return {
        "sources": {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "rules").glob("rl*.c"))},
        "pages": {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/rules").glob("*.md"))},
        "manual": (ROOT / "man/racelint-rules.7").read_text(encoding="utf-8"),
    }
