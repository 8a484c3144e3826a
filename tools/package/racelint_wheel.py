"""The build backend that pyproject.toml names (PEP 517): wheels with the program, its manual page and completions.

The metadata are in tools/package/metadata and not in pyproject.toml, which Python reads from 3.11 on only.
"""
import base64
import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sysconfig
import time
import zipfile

from racelint_sdist import NPM_FILES, ROOT, fetch_grammars, metadata, timestamp, version, write_archive

BUILD = ROOT / "build" / "wheel"


def get_requires_for_build_wheel(config_settings=None):
    del config_settings
    return []


def get_requires_for_build_sdist(config_settings=None):
    del config_settings
    return []


def build_sdist(sdist_directory, config_settings=None):
    del config_settings
    return write_archive(sdist_directory)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    del config_settings
    name = f"racelint-{version()}.dist-info"
    folder = pathlib.Path(metadata_directory) / name
    folder.mkdir()
    (folder / "METADATA").write_text(metadata(), encoding="utf-8")
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    del config_settings, metadata_directory
    fetch_grammars()
    stage = build_and_install()
    prefix = f"racelint-{version()}"
    info = f"{prefix}.dist-info"
    tag = f"py3-none-{platform_tag()}"
    files = {f"{prefix}.data/scripts/racelint": stage / "bin" / "racelint"}
    for path in sorted((stage / "share").rglob("*")):
        if path.is_file() and "doc" not in path.relative_to(stage).parts:
            files[f"{prefix}.data/data/{path.relative_to(stage).as_posix()}"] = path
    files[f"{info}/licenses/LICENSE"] = ROOT / "LICENSE"
    for name in (name for name in NPM_FILES if name.endswith("/LICENSE")):  # of what is compiled in
        files[f"{info}/licenses/{name.split('/')[-2]}"] = ROOT / "node_modules" / name
    contents = {name: (path.read_bytes(), 0o755 if "/scripts/" in name else 0o644) for name, path in files.items()}
    contents[f"{info}/METADATA"] = metadata().encode(), 0o644
    about = f"Wheel-Version: 1.0\nGenerator: racelint\nRoot-Is-Purelib: false\nTag: {tag}\n"
    contents[f"{info}/WHEEL"] = about.encode(), 0o644
    name = f"{prefix}-{tag}.whl"
    write_wheel(pathlib.Path(wheel_directory) / name, contents, f"{info}/RECORD")
    return name


def build_and_install():
    """Builds the program and returns the folder that it was installed into."""
    stage = BUILD / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of a make that runs pip
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", f"-j{os.cpu_count() or 1}", f"BUILD={BUILD.relative_to(ROOT)}", "install"]
    if shutil.which("make") is None:
        raise SystemExit("GNU make is missing; racelint's README.md names what building takes")
    done = subprocess.run([*command, f"DESTDIR={stage}", "PREFIX=", "PARTS=program"], cwd=ROOT, env=environment,
                          check=False)
    if done.returncode != 0:
        raise SystemExit("racelint could not be built; what is missing, or went wrong, is said above")
    return stage


def platform_tag():
    """The platform of the program (PEP 425). It uses the shared libraries of where it was built, and can promise nothing
    about other systems (PEP 600, manylinux)."""
    if platform.system() == "Darwin":  # Python may be made for more machines, and for older systems, than what cc makes
        major, minor = (platform.mac_ver()[0].split(".") + ["0"])[:2]
        return f"macosx_{major}_{minor if major == '10' else 0}_{platform.machine()}"
    return re.sub(r"[-.]", "_", sysconfig.get_platform())


def write_wheel(path, contents, record_name):
    """Writes a wheel and its RECORD; contents: bytes and mode by name."""
    date = time.gmtime(max(timestamp(), 315532800))[:6]  # zip files begin in 1980
    record = [f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in contents.items()]
    record.append(f"{record_name},,\n")
    contents = {**contents, record_name: ("".join(record).encode(), 0o644)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, (data, mode) in contents.items():
            entry = zipfile.ZipInfo(name, date)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
