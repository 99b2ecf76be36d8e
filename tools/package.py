"""Build what a user installs into dist/: the agent as one file, as a .deb and for Windows, the host side as a
.deb, a wheel of both.

    tools/package.py [OPTION]... [zipapp] [deb] [windows] [host] [wheel]

Without words all of them. Two builds of one commit are equal (with the same libraries): everything carries the commit's
time, or SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import debfile
import package_host
import package_windows

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
PACKAGING = ROOT / "packaging"
NAME = "guestwire-agent"
FLOORS = ("errors.py", "wire", "schema", "agent")
"""What runs inside a guest: standard library only, Python 3.9 and later."""

# Isolated (no PYTHON* variables, nothing from the current folder), without site-packages, writing no byte code: a start
# that is quick, and that nobody can slip a module into.
SHEBANG = b"#!/usr/bin/python3 -IBS\n"
LIBRARY = f"usr/lib/{NAME}"
MAINTAINER_SCRIPTS = ("postinst", "prerm", "postrm")


def version() -> str:
    """The project's version, from the one place that states it."""
    found = re.search(r'__version__ = "(.+?)"', (SOURCE / "guestwire/__init__.py").read_text())
    assert found is not None
    return found[1]


def epoch() -> int:
    """The time that all files of a build carry, in seconds; the earliest that zip knows where there is no git."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        words = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        try:
            given = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            given = "0"
    return max(int(given), 315532800)


def modules() -> Iterator[tuple[str, bytes]]:
    """The agent's modules: `guestwire/...py` and their text."""
    yield "guestwire/__init__.py", (SOURCE / "guestwire/__init__.py").read_bytes()
    for floor in FLOORS:
        place = SOURCE / "guestwire" / floor
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield path.relative_to(SOURCE).as_posix(), path.read_bytes()


def zipapp(folder: Path, pythons: list[str]) -> Path:
    """One file that is a program: `python3 guestwire-agent.pyz`, on any Python from 3.9 on.

    It starts some five times quicker on a Python whose byte code is in it: on the minor versions of `pythons`.
    """
    target = folder / f"{NAME}.pyz"
    start = (
        "import sys\n\n"
        'sys.path.insert(0, f"{sys.path[0]}/{sys.implementation.cache_tag}")  # byte code, if it is for this Python\n'
        "from guestwire.agent.main import main\n\nraise SystemExit(main())\n"
    )
    files = dict([("__main__.py", start.encode()), *modules()])
    for python in pythons:
        files.update(byte_code(python))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, time.gmtime(epoch())[:6])
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    target.write_bytes(SHEBANG + buffer.getvalue())
    target.chmod(0o755)
    return target


def byte_code(python: str) -> Iterator[tuple[str, bytes]]:
    """The agent's modules compiled by an interpreter: `cpython-311/guestwire/...pyc`, and their code."""
    with tempfile.TemporaryDirectory(prefix="guestwire-compile-") as name:
        place = Path(name)
        for module, text in modules():
            (place / module).parent.mkdir(parents=True, exist_ok=True)
            (place / module).write_bytes(text)
        # Unchecked, as the times in a zip are too coarse to compare. The same sets come out in the same order.
        words = [python, "-m", "compileall", "-q", "-s", name, "--invalidation-mode", "unchecked-hash", name]
        subprocess.run(words, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
        for path in sorted(place.rglob("*.pyc")):
            stem, _, tag = path.stem.rpartition(".")
            package = path.parent.parent.relative_to(place).as_posix()
            yield f"{tag}/{package}/{stem}.pyc", path.read_bytes()


def deb(folder: Path) -> Path:
    """A package for Debian and its derivatives, in place of qemu-guest-agent."""
    data = _installed()
    control = debfile.Tree(epoch())
    fields = (PACKAGING / "deb/control").read_text()
    fields = fields.replace("@VERSION@", debian_version()).replace("@SIZE@", str(data.kibibytes()))
    control.add("control", fields.encode())
    control.add("conffiles", b"/etc/guestwire/agent.conf\n")
    control.add("md5sums", data.md5sums().encode())
    for script in MAINTAINER_SCRIPTS:
        control.add(script, (PACKAGING / "deb" / script).read_bytes(), debfile.PROGRAM)
    target = folder / f"{NAME}_{debian_version()}_all.deb"
    debfile.write(target, control, data, epoch())
    return target


def debian_version() -> str:
    """The version as Debian sorts it: a release candidate stands before its release."""
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", version())


def _installed() -> debfile.Tree:
    tree = debfile.Tree(epoch())
    for name, text in modules():
        tree.add(f"{LIBRARY}/{name}", text)
    launcher = (
        f'import sys\n\nsys.path.append("/{LIBRARY}")\n'
        "from guestwire.agent.main import main\n\nraise SystemExit(main())\n"
    )
    tree.add(f"usr/sbin/{NAME}", SHEBANG + launcher.encode(), debfile.PROGRAM)
    tree.link("usr/sbin/qemu-ga", NAME)
    for source, path in {
        "agent.conf": "etc/guestwire/agent.conf",
        "systemd/guestwire-agent.service": "lib/systemd/system/guestwire-agent.service",
        "udev/60-guestwire-agent.rules": "lib/udev/rules.d/60-guestwire-agent.rules",
        "deb/copyright": f"usr/share/doc/{NAME}/copyright",
        "deb/lintian-overrides": f"usr/share/lintian/overrides/{NAME}",
    }.items():
        tree.add(path, (PACKAGING / source).read_bytes())
    tree.add(f"usr/share/{NAME}/fsfreeze-hook", (PACKAGING / "fsfreeze-hook").read_bytes(), debfile.PROGRAM)
    rtupdate = (PACKAGING / "deb/rtupdate").read_bytes()
    tree.add(f"usr/share/python3/runtime.d/{NAME}.rtupdate", rtupdate, debfile.PROGRAM)
    tree.compress(f"usr/share/man/man8/{NAME}.8.gz", (PACKAGING / "deb/guestwire-agent.8").read_text())
    tree.link("usr/share/man/man8/qemu-ga.8.gz", f"{NAME}.8.gz")
    tree.compress(f"usr/share/doc/{NAME}/changelog.gz", _changelog(NAME))
    return tree


def _changelog(name: str) -> str:
    return (
        f"{name} ({debian_version()}) unstable; urgency=medium\n\n"
        f"  * guestwire {version()}; its CHANGELOG.md tells what is new.\n\n"
        f" -- The guestwire developers <guestwire@example.org>  {formatdate(epoch())}\n"
    )


def wheel(folder: Path) -> Path:
    """The whole project: agent and host side."""
    with tempfile.TemporaryDirectory(prefix="guestwire-wheel-") as name:
        place = Path(name) / "guestwire"
        place.mkdir()
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, place)
        left_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(SOURCE, place / "src", ignore=left_out)  # where no earlier build left anything
        words = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
        subprocess.run([*words, "-w", name, str(place)], check=True, env=environment)
        (made,) = Path(name).glob("*.whl")
        return Path(shutil.move(made, folder / made.name))


WHAT = ("zipapp", "deb", "windows", "host", "wheel")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build what a user installs.")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(WHAT)}; all without any")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    parser.add_argument(
        "--python",
        action="append",
        metavar="PYTHON",
        help="put byte code for this interpreter's version into the zipapp (repeatable; default: the one that builds)",
    )
    parser.add_argument(
        "--windows-python",
        type=Path,
        metavar="FOLDER",
        help="put this embeddable CPython for Windows into the .zip (default: the guest has a Python)",
    )
    given = parser.parse_args()
    unknown = set(given.what) - set(WHAT)
    if unknown:
        parser.error(f"no such artefact: {', '.join(sorted(unknown))}; there are {', '.join(WHAT)}")
    given.into.mkdir(parents=True, exist_ok=True)
    for name in given.what or WHAT:
        if name == "zipapp":
            made = zipapp(given.into, given.python or [sys.executable])
        elif name == "windows":
            target = given.into / f"{NAME}-{version()}-windows.zip"
            parts = modules(), PACKAGING / "windows"
            made = package_windows.folder(target, *parts, given.windows_python, epoch())
        elif name == "host":
            changelog = _changelog(package_host.NAME)
            made = package_host.deb(given.into, debian_version(), epoch(), changelog)
        else:
            made = deb(given.into) if name == "deb" else wheel(given.into)
        print(f"{made}  {made.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"package.py: {error}")
