#!/usr/bin/env python3
"""Tests of the source archive, the wheel and the Debian package: each is built, and what it installs is run.

    run_packages.py [PART...]   runs the tests whose name has one of these parts
"""
import os
import shutil
import sys
import tarfile
import zipfile

from helpers import SERVER, STATE, VERSION, expect, run, write
from testing import ROOT, run_tests, tests_of

INSTALLED = ["bin/racelint", "share/bash-completion/completions/racelint",
             "share/fish/vendor_completions.d/racelint.fish", "share/man/man1/racelint.1"]


def path_without_npm(work):
    """A PATH on which npm fails, as it does without a network."""
    folder = work / "no-npm"
    folder.mkdir()
    (folder / "npm").write_text("#!/bin/sh\necho npm was called >&2\nexit 1\n", encoding="utf-8")
    (folder / "npm").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def check_program(program, work):
    """The program runs, and finds the race of a small program."""
    write(work / "racy", state=STATE, server=SERVER)
    expect(run(program, "version", cwd=work) == f"racelint {VERSION}\n", "another version")
    found = run(program, "check", "--isolated", "--exit-zero", "--output-format", "concise", "racy", cwd=work)
    expect("state.py:5:5: RL102 " in found, f"found {found}")


def test_source_archive(work):
    """It is the same each time, also when made from itself; it builds a wheel without npm and without a network."""
    script = "tools/package/racelint_sdist.py"
    name = run(sys.executable, script, work, cwd=ROOT).splitlines()[-1]
    expect(name == f"racelint-{VERSION}.tar.gz", f"name {name}")
    first = (work / name).read_bytes()
    run(sys.executable, script, work, cwd=ROOT)
    expect((work / name).read_bytes() == first, "a second archive differs")

    with tarfile.open(work / name) as archive:
        members = archive.getmembers()
        archive.extractall(work)
    top = f"racelint-{VERSION}"
    names = {member.name for member in members}
    for wanted in ("PKG-INFO", "MANIFEST", "LICENSE", "pyproject.toml", "Makefile", "man/racelint.1",
                   "node_modules/.racelint-lock", "node_modules/tree-sitter/LICENSE",
                   "node_modules/tree-sitter-python/LICENSE",
                   "node_modules/@tree-sitter-grammars/tree-sitter-toml/LICENSE"):
        expect(f"{top}/{wanted}" in names, f"there is no {wanted}")
    expect(all(name.startswith(f"{top}/") for name in names), "something lies outside of its folder")
    expect(not any(member.uid or member.uname for member in members), "owners are kept")

    tree = work / top
    path = path_without_npm(work)
    (work / "again").mkdir()
    run(sys.executable, script, work / "again", cwd=tree, PATH=path)
    expect((work / "again" / name).read_bytes() == first, "an archive made from the archive differs")
    run(sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps", "-w", work, ".", cwd=tree, PATH=path)
    wheel = next(work.glob("*.whl"))
    with zipfile.ZipFile(wheel) as contents:
        contents.extractall(work / "unzipped")
    program = work / "unzipped" / f"racelint-{VERSION}.data" / "scripts" / "racelint"
    program.chmod(0o755)
    check_program(program, work)


def test_pip_installs_from_a_checkout(work):
    """pip installs the program, its manual page and completions into an environment, and removes them again."""
    environment = work / "environment"
    run(sys.executable, "-m", "venv", environment, cwd=work)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", "--no-build-isolation", ".", cwd=ROOT)
    for name in (*INSTALLED, "share/zsh/site-functions/_racelint"):
        expect((environment / name).is_file(), f"there is no {name}")
    check_program(environment / "bin" / "racelint", work)
    shown = run(python, "-m", "pip", "show", "racelint", cwd=work)
    expect(f"Version: {VERSION}" in shown and "License: MIT" in shown and "Requires: \n" in shown, f"pip shows {shown}")
    run(python, "-m", "pip", "check", cwd=work)
    run(python, "-m", "pip", "uninstall", "-y", "racelint", cwd=work)
    for name in INSTALLED:
        expect(not (environment / name).exists(), f"{name} remains")


def test_hooks_of_the_backend(work):
    """The hooks that pip does not need here, as other front ends call them."""
    script = ("import sys; sys.path.insert(0, 'tools/package'); import racelint_wheel as backend\n"
              "assert backend.get_requires_for_build_wheel() == backend.get_requires_for_build_sdist() == []\n"
              "print(backend.prepare_metadata_for_build_wheel(sys.argv[1]), backend.build_sdist(sys.argv[1]))\n")
    info, archive = run(sys.executable, "-c", script, work, cwd=ROOT).split()
    head = (work / info / "METADATA").read_text(encoding="utf-8")
    expect(head.startswith(f"Metadata-Version: 2.1\nName: racelint\nVersion: {VERSION}\n"), f"metadata {head[:200]}")
    with tarfile.open(work / archive) as contents:
        told = contents.extractfile(f"racelint-{VERSION}/PKG-INFO").read().decode()
    expect(told == head, "PKG-INFO and METADATA differ")


def test_debian_package(work):
    """lintian has nothing to say of it, it names the libraries it needs, and its program runs."""
    if shutil.which("dpkg-deb") is None:
        print("     skipped: there is no dpkg-deb")
        return
    folder = ROOT / "build" / "packages"  # kept, so that the next time is quicker
    shutil.rmtree(folder / "deb" / "racelint", ignore_errors=True)
    for old in folder.glob("*.deb"):
        old.unlink()
    run("make", "BUILD=build/packages", "deb", cwd=ROOT)
    package = next(folder.glob(f"racelint_{VERSION}_*.deb"))
    if shutil.which("lintian"):
        told = run("lintian", "--allow-root", "--fail-on", "error,warning,info", "--display-info", package, cwd=work)
        expect(told == "", f"lintian: {told}")
    else:
        print("     lintian is skipped: it is not there")
    needed = run("dpkg-deb", "--field", package, "Depends", cwd=work)
    for library in ("libc6 (>=", "libcjson1", "libutf8proc", "libxxhash0"):
        expect(library in needed, f"Depends has no {library}: {needed}")
    run("dpkg-deb", "--extract", package, work / "root", cwd=work)
    for name in (*INSTALLED[:-1], "share/man/man1/racelint.1.gz", "share/zsh/vendor-completions/_racelint"):
        expect((work / "root" / "usr" / name).is_file(), f"there is no {name}")
    expect(not (work / "root" / "usr" / "lib").exists(), "the library is in it")
    check_program(work / "root" / "usr" / "bin" / "racelint", work)


if __name__ == "__main__":
    sys.exit(run_tests(tests_of(globals())))
