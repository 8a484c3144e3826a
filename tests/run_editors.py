#!/usr/bin/env python3
"""Tries the set-ups of docs/editors.md: takes its code blocks and runs them in the editors themselves, where those are
installed, on a buffer that differs from its file. The problem matcher of VS Code is tried on real output.

    run_editors.py [PART...]   runs the tests whose name has one of these parts
"""
import json
import os
import re
import shutil
import subprocess
import sys

from testing import RACELINT, ROOT, run_tests, tests_of

PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
TIMEOUT = 60  # seconds

STATE = "hits = {}\n\n\ndef count(kéy):\n    pass\n"
# What the buffer holds: the second line of the function races with the threads of use.py.
UNSAVED = "hits = {}\n\n\ndef count(kéy):\n    hits[kéy] = hits.get(kéy, 0) + 1; ''.join(['é'])\n"
USE = "import threading\n\nimport state\n\nfor i in range(3):\n    threading.Thread(target=state.count, args=('x',)).start()\n"


def block(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)
    if len(found) != 1:
        raise SystemExit(f"docs/editors.md has {len(found)} blocks of {language}")
    return found[0]


def environment(work):
    (work / "bin").mkdir()
    (work / "bin" / "racelint").symlink_to(RACELINT)
    return {**os.environ, "PATH": f"{work / 'bin'}:{os.environ['PATH']}", "HOME": str(work), "TERM": "dumb"}


def project(work):
    folder = work / "project" / "app"
    folder.mkdir(parents=True)
    (work / "project" / "pyproject.toml").write_text("[tool.racelint]\n", encoding="utf-8")
    (folder / "state.py").write_text(STATE, encoding="utf-8")
    (folder / "use.py").write_text(USE, encoding="utf-8")
    return folder


def run(command, work, env, **more):
    return subprocess.run(command, cwd=work, env=env, capture_output=True, timeout=TIMEOUT, check=False, text=True, **more)


def test_the_command_of_the_page(work):
    env, folder = environment(work), project(work)
    command = re.search(r"^(racelint check - .*?) < buffer$", PAGE, re.M)[1].replace("app/cache.py", str(folder / "state.py"))
    done = run(command.split(), work, env, input=UNSAVED)
    if done.returncode != 1 or not done.stdout.startswith("project/app/state.py:5:5: RL102 "):
        yield f"status {done.returncode}: {done.stdout}{done.stderr}"
    done = run(command.split(), work, env, input=STATE)
    if done.returncode != 0 or done.stdout:
        yield f"saved text: status {done.returncode}: {done.stdout}{done.stderr}"


def test_the_problem_matcher_of_vs_code(work):
    env, folder = environment(work), project(work)
    (folder / "state.py").write_text(UNSAVED, encoding="utf-8")
    task = json.loads(block("json"))["tasks"][0]
    done = run(task["command"].split(), folder.parent, env)
    pattern = task["problemMatcher"]["pattern"]
    match = re.match(pattern["regexp"], done.stdout.splitlines()[0])
    told = match and [match[pattern[key]] for key in ("file", "line", "column", "code")]
    if told != ["app/state.py", "5", "5", "RL102"] or not match[pattern["message"]].startswith("split-read-modify-write"):
        yield f"{told} of {done.stdout}{done.stderr}"


def test_neovim(work):
    if shutil.which("nvim") is None:
        return
    env, folder = environment(work), project(work)
    (work / "setup.lua").write_text(block("lua"), encoding="utf-8")
    (work / "try.lua").write_text(f"""
vim.cmd("edit {folder / 'state.py'}")
vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split({json.dumps(UNSAVED, ensure_ascii=False)}, "\\n", {{ trimempty = true }}))
vim.cmd("luafile {work / 'setup.lua'}")
local came = vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 50)
local lines = {{ tostring(came) }}
for _, d in ipairs(vim.diagnostic.get(0)) do
  table.insert(lines, table.concat({{ d.lnum, d.col, d.end_lnum, d.end_col, d.code, d.severity, d.source }}, " "))
end
vim.fn.writefile(lines, "{work / 'told'}")
vim.cmd("qa!")
""", encoding="utf-8")
    done = run(["nvim", "--headless", "-u", "NONE", "-n", "-c", f"luafile {work / 'try.lua'}"], work, env)
    told = (work / "told").read_text().splitlines() if (work / "told").exists() else []
    # `hits[kéy]` ends behind a character of two bytes.
    if told != ["true", "4 4 4 14 RL102 1 racelint"]:
        yield f"{told}\n         {done.stdout}{done.stderr}"


def test_the_error_format_of_vim(work):
    if shutil.which("nvim") is None:
        return
    env, folder = environment(work), project(work)
    (folder / "state.py").write_text(UNSAVED, encoding="utf-8")
    (work / "setup.vim").write_text(block("vim"), encoding="utf-8")
    show = "call writefile(map(getqflist(), 'bufname(v:val.bufnr) . \" \" . v:val.lnum . \" \" . v:val.col'), '../told')"
    done = run(["nvim", "--headless", "-u", str(work / "setup.vim"), "-n", "-c", "silent make", "-c", show, "-c", "qa!"],
               folder.parent, env)
    told = (work / "told").read_text().splitlines() if (work / "told").exists() else []
    if told != ["app/state.py 5 5"]:
        yield f"{told}\n         {done.stdout}{done.stderr}"


def test_emacs(work):
    if shutil.which("emacs") is None:
        return
    env, folder = environment(work), project(work)
    (work / "setup.el").write_text(block("elisp"), encoding="utf-8")
    (work / "try.el").write_text(f"""
(load "{work / 'setup.el'}" nil t)
(find-file "{folder / 'state.py'}")
(python-mode)
(erase-buffer)
(insert {json.dumps(UNSAVED, ensure_ascii=False)})
(flymake-start)
(let ((waited 0))
  (while (and (null (flymake-diagnostics)) (< waited 200))
    (accept-process-output nil 0.1)
    (setq waited (1+ waited))))
(dolist (d (flymake-diagnostics))
  (princ (format "%s %s %s %s\\n" (line-number-at-pos (flymake-diagnostic-beg d))
                 (save-excursion (goto-char (flymake-diagnostic-beg d)) (current-column))
                 (flymake-diagnostic-type d) (substring (flymake-diagnostic-text d) 0 5))))
""", encoding="utf-8")
    done = run(["emacs", "--batch", "-Q", "-l", str(work / "try.el")], work, env)
    if done.stdout.splitlines() != ["5 4 :error RL102"]:
        yield f"{done.stdout}\n         {done.stderr}"


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
