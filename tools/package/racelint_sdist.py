#!/usr/bin/env python3
"""Makes the source archive, for `make dist` and for pip's `sdist`: racelint_sdist.py FOLDER

It builds without a network: besides the repository's files it carries the sources of the npm packages that are compiled
in, at the versions of package-lock.json, each with its licence.
"""
import gzip
import io
import os
import pathlib
import re
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# In an unpacked archive, the list of its files; a repository has none.
MANIFEST = ROOT / "MANIFEST"

# What is taken of node_modules: the sources, the licences, and the lock file that they were installed by.
NPM_FILES = [
    ".racelint-lock",
    "tree-sitter/LICENSE",
    "tree-sitter/vendor/tree-sitter/lib/include/**/*",
    "tree-sitter/vendor/tree-sitter/lib/src/**/*",
    "tree-sitter/vendor/tree-sitter/lib/src/unicode/LICENSE",
    "tree-sitter-python/LICENSE",
    "tree-sitter-python/src/**/*",
    "@tree-sitter-grammars/tree-sitter-toml/LICENSE",
    "@tree-sitter-grammars/tree-sitter-toml/src/**/*",
]


def version():
    """The version, which the Makefile states."""
    return re.search(r"^VERSION = (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]


def metadata():
    """The core metadata of the package, as wheels and source archives hold it."""
    head = (ROOT / "tools/package/metadata").read_text(encoding="utf-8").format(version=version())
    return head + "\n" + (ROOT / "README.md").read_text(encoding="utf-8")


def git(*arguments):
    """What git prints; also for a repository that belongs to somebody else, as in containers of CI services."""
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def fetch_grammars():
    """Sees to it that node_modules holds what package-lock.json pins; does nothing, and needs no npm, where it does."""
    if subprocess.run([ROOT / "tools/setup.sh", "--fetch"], cwd=ROOT, check=False).returncode != 0:
        raise SystemExit("the grammars could not be fetched, for the reason above")


def timestamp():
    """The time that everything in an archive has, in seconds: of the last commit, where nothing else is asked for."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    if MANIFEST.exists():
        return int(MANIFEST.stat().st_mtime)
    try:
        return int(git("log", "-1", "--format=%ct"))
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int((ROOT / "Makefile").stat().st_mtime)  # neither a repository nor an archive of ours


def source_files():
    """The files of the archive as paths below the root, in order."""
    if MANIFEST.exists():
        return MANIFEST.read_text(encoding="utf-8").split("\n")[:-1]
    names = {os.fsdecode(name) for name in git("ls-files", "-z").split(b"\0")[:-1]}
    for pattern in NPM_FILES:
        found = [path for path in (ROOT / "node_modules").glob(pattern) if path.is_file()]
        if not found:
            raise SystemExit(f"node_modules has no {pattern}")
        names.update(path.relative_to(ROOT).as_posix() for path in found)
    return sorted(names)


def write_archive(folder):
    """Writes racelint-VERSION.tar.gz into the folder and returns its name. The same sources give the same bytes."""
    fetch_grammars()
    top = f"racelint-{version()}"
    files, time = source_files(), timestamp()
    content = io.BytesIO()

    def add(archive, name, data, mode):
        entry = tarfile.TarInfo(f"{top}/{name}")
        entry.size, entry.mode, entry.mtime = len(data), mode, time
        archive.addfile(entry, io.BytesIO(data))

    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        add(archive, "PKG-INFO", metadata().encode(), 0o644)
        add(archive, "MANIFEST", "".join(f"{name}\n" for name in files).encode(), 0o644)
        for name in files:
            path = ROOT / name
            add(archive, name, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)
    (pathlib.Path(folder) / f"{top}.tar.gz").write_bytes(gzip.compress(content.getvalue(), mtime=time))
    return f"{top}.tar.gz"


if __name__ == "__main__":
    print(write_archive(sys.argv[1]))
