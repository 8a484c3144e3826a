"""What the tests of packages, hooks and integrations share: two files that race, running commands, and repositories."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from testing import ROOT

VERSION = re.search(r"^VERSION = (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
TIMEOUT = 600  # seconds

# Two halves of a race: one file has the state, another starts the threads.
STATE = "hits = {}\n\n\ndef count(key):\n    hits[key] = hits.get(key, 0) + 1\n"
SERVER = ("import threading\n\nimport state\n\n\ndef main():\n    for _ in range(4):\n"
          "        threading.Thread(target=state.count, args=('all',)).start()\n\n\nmain()\n")


def attempt(*command, cwd, **variables):
    """Runs a command without what the caller's environment says of make, Python and git; returns its exit status and
    what it prints. What is built on the way is not optimised: that is quicker."""
    foreign = re.compile(r"MAKE|MFLAGS|BUILD$|CC$|PYTHON|GIT_|PRE_COMMIT|RACELINT|GITHUB_")
    environment = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    environment.update({"LC_ALL": "C.UTF-8", "CFLAGS": "-O0", **variables})
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=TIMEOUT, check=False, env=environment)
    return done.returncode, done.stdout


def run(*command, cwd, **variables):
    """Runs a command that has to succeed, and returns what it prints."""
    status, output = attempt(*command, cwd=cwd, **variables)
    expect(status == 0, f"{' '.join(map(str, command))}: status {status}\n{output[-2000:]}")
    return output


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def write(folder, **texts):
    """Writes Python files into a folder: name, without its ending, and text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def git(*arguments, cwd):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return run("git", *who, *arguments, cwd=cwd)


def commit(folder):
    """Makes the folder a repository where it is none, and commits all there is."""
    if not (folder / ".git").exists():
        git("init", "-q", cwd=folder)
    git("add", "-A", "-f", cwd=folder)
    git("commit", "-q", "--no-verify", "-m", "state", cwd=folder)


def checkout(folder):
    """Makes a repository of racelint as it is here now: of what git tracks, or would after `git add`."""
    names = run("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                cwd=ROOT)
    for name in names.split("\0")[:-1]:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    commit(folder)
    return folder
