#!/usr/bin/env python3
"""Tests of `racelint completions`: each shell that is installed is asked what it offers for the beginning of a command
line. Shells that are not there are skipped, and named.

    run_completions.py [SHELL...]
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from testing import RACELINT

TIMEOUT = 60  # seconds

# What is typed before the Tab key, and what has to be offered then: exactly this, or, with None, files.
CASES = [
    ("racelint che", ["check"]),
    ("racelint debug ma", ["man"]),
    ("racelint check --min-c", ["--min-confidence"]),
    ("racelint check --min-confidence ", ["high", "low", "medium"]),
    ("racelint check --min-confidence=m", ["medium"]),
    ("racelint check --output-format sar", ["sarif"]),
    ("racelint check --select RL10", ["RL101", "RL102", "RL103", "RL104", "RL105", "RL106"]),
    ("racelint check --output-format json --output-form", ["--output-format"]),
    ("racelint check -o a --output-fi", ["--output-file"]),
    ("racelint check --select RL201,RL10", ["RL101", "RL102", "RL103", "RL104", "RL105", "RL106"]),
    ("racelint rule RL10", ["RL101", "RL102", "RL103", "RL104", "RL105", "RL106"]),
    ("racelint rule --output-format m", ["markdown"]),
    ("racelint debug program --assume", ["--assume-threaded"]),
    ("racelint completions ", ["bash", "fish", "zsh"]),
    ("racelint help comp", ["completions"]),
    ("racelint --vers", ["--version"]),
    ("racelint check app/ca", None),
    ("racelint check --output-file app/ca", None),
    ("racelint check --color=never app/ca", None),
]

BASH = r"""
source "$1"
line=$2
read -ra COMP_WORDS <<<"${line//=/ = }"
[[ $line == *[\ =] ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
$(complete -p racelint | sed 's/.*-F \([^ ]*\).*/\1/') racelint "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
if ((${#COMPREPLY[@]})); then
    printf '%s\n' "${COMPREPLY[@]}"
elif [[ $(complete -p racelint) == *'-o default'* ]]; then
    compgen -f -- "${COMP_WORDS[COMP_CWORD]}"
fi
"""

FISH = 'source $argv[1]; complete --do-complete $argv[2]'

# A shell on a terminal of its own, in which compadd also writes what it offers into a file. With -O, -A and -D it offers
# nothing: _files asks so which folders there are.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "cd ${(q)PWD}; fpath=(${(q)1:h} \$fpath); autoload -Uz compinit; compinit -u -D; PS1=; unsetopt zle_bracketed_paste"
zpty -w shell 'compadd() { local -a found; [[ -n ${(M)@:#-[OAD]} ]] || builtin compadd -O found "$@"; \
(( $#found )) && print -rl -- $found >>found; builtin compadd "$@" }'
zpty -w shell 'show() { zle list-choices; print done >>found }; zle -N show; bindkey "^I" show'
zpty -w -n shell "$2"$'\t'
integer tries=0
until [[ -e found && "$(tail -n 1 found)" == done ]] || (( ++tries > 600 )); do
    sleep 0.05
done
zpty -d shell
grep -vx done found
"""


def command(shell, script, line):
    """What runs that shell, and makes it print what it offers, one a line."""
    if shell == "bash":
        return ["bash", "--norc", "-c", BASH, "bash", script, line]
    if shell == "fish":
        return ["fish", "--no-config", "-c", FISH, script, line]
    return ["zsh", "-f", "-c", ZSH, "zsh", script, line]


def offered(shell, script, line, work):
    """What the shell offers: words without their descriptions and without what was typed before the last comma."""
    (work / "found").unlink(missing_ok=True)
    done = subprocess.run(command(shell, script, line), cwd=work, capture_output=True, text=True, timeout=TIMEOUT,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb", "HOME": str(work)}, check=False,
                          stdin=subprocess.DEVNULL)
    words = [re.split(r"\t", word)[0] for word in done.stdout.splitlines()]
    words = [re.sub(r"^--[a-z-]+=(?=.)|^.*,", "", word).rstrip("= ") for word in words]
    return sorted({word for word in words if word}), done.stderr


def options_of(name):
    text = subprocess.run([RACELINT, *name.split(), "--help"], capture_output=True, text=True, check=True).stdout
    return sorted(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", text, re.M))


def problems_of(shell, work):
    script = work / f"_racelint.{shell}" if shell != "zsh" else work / "functions" / "_racelint"
    script.parent.mkdir(exist_ok=True)
    script.write_bytes(subprocess.run([RACELINT, "completions", shell], capture_output=True, check=True).stdout)
    cases = CASES + [(f"racelint {name} --", options_of(name)) for name in ("check", "rule", "debug files")]
    for line, expected in cases:
        words, errors = offered(shell, script, line, work)
        if expected is None:  # files, as the shell writes them: whole, or what is new
            good = {os.path.basename(word.rstrip("/")) for word in words} == {"cache.py"}
        else:
            good = words == expected
        yield None if good else f"{line!r} offers {words}, expected {expected or 'app/cache.py'}; {errors}"


def main():
    passed = failed = 0
    for shell in sys.argv[1:] or ("bash", "fish", "zsh"):
        if shutil.which(shell) is None:
            print(f"skipped: there is no {shell}")
            continue
        with tempfile.TemporaryDirectory(prefix="racelint-completions-") as top:
            work = pathlib.Path(top).resolve()
            (work / "app").mkdir()
            (work / "app" / "cache.py").write_text("", encoding="utf-8")
            (work / "app" / "other.py").write_text("", encoding="utf-8")
            for problem in problems_of(shell, work):
                passed += problem is None
                failed += problem is not None
                if problem is not None:
                    print(f"FAIL {shell}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
