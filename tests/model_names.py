"""Looks up what the models describe in the Python that runs this: tests/run_models.py does it here, and
tests/pythons.mjs in other versions. An entry is a dictionary of the columns of `modelc --list`.
"""
import importlib
import inspect
import json
import os
import re
import sys
import warnings

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
# What CPython leaves out where it is compiled to WebAssembly: processes, users, signals, threads of the system, TLS.
NOT_IN_WEBASSEMBLY = set("""
_thread.get_native_id threading.get_native_id threading.Thread.native_id time.thread_time time.thread_time_ns
concurrent.futures.InterpreterPoolExecutor sys.monitoring.free_tool_id sys.monitoring.register_callback
sys.monitoring.restart_events sys.monitoring.set_events sys.monitoring.set_local_events sys.monitoring.use_tool_id
os.copy_file_range os.eventfd_read os.eventfd_write os.getrandom os.splice os.forkpty os.getegid os.geteuid os.initgroups os.link os.nice os.sched_getaffinity os.sched_setaffinity
os.sched_setparam os.sched_setscheduler os.sendfile os.setegid os.seteuid os.setgroups os.setpriority os.setresgid
os.setresuid os.unshare signal.alarm signal.pthread_kill signal.setitimer time.tzset
select.epoll selectors.EpollSelector socket.sethostname socket.socket.shutdown
socketserver.UnixStreamServer socketserver.UnixDatagramServer socketserver.ThreadingUnixStreamServer
socketserver.ThreadingUnixDatagramServer
ftplib.FTP_TLS http.client.HTTPSConnection imaplib.IMAP4_SSL poplib.POP3_SSL smtplib.SMTP_SSL hashlib.pbkdf2_hmac
hashlib.scrypt
""".split())
# Classes whose members are made from the description of a service when an object is made.
MADE_LATER = {"boto3.resources.base.ServiceResource"}
# Arguments that pass through (*args, **kwargs), or a constructor that belongs to the class mixed in.
PASSED_THROUGH = {"socketserver.ThreadingMixIn", "socketserver.ForkingMixIn"}


class Skip(Exception):
    """The entry cannot be looked at here; the argument says why."""


def version(text):
    return tuple(int(part) for part in text.split("."))


def follow(name):
    """The object of a dotted name: the longest part that imports, then attributes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError as error:
            if error.name and not name.startswith(error.name):
                raise Skip("module that this platform cannot have") from error
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


def import_or_skip(module, foreign):
    """Imports a module. Where it is missing, not every Python has it; a name that no Python has is an error."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        standard = module.partition(".")[0] in getattr(sys, "stdlib_module_names", [module.partition(".")[0]])
        if not foreign and error.name == module and ("." in module or not standard):
            raise
        raise Skip("module that is not installed") from error


def look_up(entry):
    """The object that an entry describes, or None for one that only instances have."""
    name = entry["name"]
    import_or_skip(entry["module"], entry.get("foreign", False))
    if entry["kind"] == "package":
        return importlib.import_module(entry["module"])
    if entry["kind"] == "class" or "." not in name[len(entry["module"]) + 1:]:
        return owner_of(name)
    owner, _, member = name.rpartition(".")
    if owner in MADE_LATER:
        raise Skip("made at run time")
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
    if entry["platform"] not in ("-", "windows" if os.name == "nt" else "unix"):
        raise Skip("other platform")
    here = (entry["added"] == "-" or version(entry["added"]) <= now) and \
        (entry["removed"] == "-" or now < version(entry["removed"]))
    try:
        found = look_up(entry)
    except (AttributeError, ImportError):
        names = {entry["name"], entry["name"].rpartition(".")[0]}
        if sys.platform == "emscripten" and names & NOT_IN_WEBASSEMBLY:
            raise Skip("not in WebAssembly") from None
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


def check(entries):
    """Compares all entries: how many are good, what is wrong with others, and why the rest was left out."""
    passed, problems, skipped = 0, [], {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for entry in entries:
            try:
                found = [f"{entry['name']}: {problem}" for problem in problems_of(entry, sys.version_info[:2])]
            except Skip as reason:
                skipped[str(reason)] = skipped.get(str(reason), 0) + 1
                continue
            passed += not found
            problems += found
    return {"version": "%d.%d" % sys.version_info[:2], "passed": passed, "problems": problems, "skipped": skipped}


def check_text(text):
    """The same from JSON to JSON, for who calls from another language."""
    return json.dumps(check(json.loads(text)))
