"""Take third-party files from their npm packages: what the dashboard ships, and what its tests use.

python tools/vendor.py          fetch and write src/guestwire/web/static/vendor
python tools/vendor.py --check  exit with 1 when a file there is not the one on record

Each package is asked for in one exact version and checked against the digest that is recorded here; the record beside
the files, vendor.json, says version, license and digest of every one, so that a build needs no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "guestwire" / "web" / "static" / "vendor"
RECORD = TARGET / "vendor.json"


@dataclass(frozen=True)
class Package:
    """An npm package, and which of its files go where (with a line that is appended to each)."""

    name: str
    version: str
    sha256: str
    license: str
    files: dict[str, tuple[str, str]] = field(default_factory=dict)


UPLOT = Package(
    "uplot",
    "1.6.32",
    "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d",
    "MIT",
    {
        # the small build is made for a script tag: one line makes it a module
        "dist/uPlot.iife.min.js": ("uplot/uPlot.js", "export default uPlot;\n"),
        "dist/uPlot.min.css": ("uplot/uPlot.css", ""),
        "LICENSE": ("uplot/LICENSE.txt", ""),
    },
)
AXE = Package(
    "axe-core", "4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745", "MPL-2.0"
)  # for tests only: never shipped


class Unreachable(Exception):
    """A package cannot be had here, and why."""


def fetch(package: Package) -> Path:
    """The package's own archive, kept in the cache. Unreachable tells why it cannot be had."""
    folder = Path(os.environ.get("GUESTWIRE_CACHE") or Path.home() / ".cache" / "guestwire") / "npm"
    archive = folder / f"{package.name}-{package.version}.tgz"
    if not archive.exists() or _digest(archive.read_bytes()) != package.sha256:
        _download(package, archive)
    return archive


def read(package: Package, path: str) -> bytes:
    """One file of a package."""
    with tarfile.open(fetch(package)) as archive:
        member = archive.extractfile(f"package/{path}")
        if member is None:
            raise Unreachable(f"{package.name} {package.version} has no {path}")
        return member.read()


def _download(package: Package, archive: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unreachable("npm is not installed")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = [npm, "pack", "--silent", f"{package.name}@{package.version}"]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=120, check=False)
        found = list(Path(scratch).glob("*.tgz"))
        if done.returncode or not found:
            raise Unreachable(
                f"npm pack {package.name}@{package.version} failed: {done.stderr.strip()[:300]}"
            )
        data = found[0].read_bytes()
    if _digest(data) != package.sha256:
        raise Unreachable(f"{package.name} {package.version} is not the archive on record: {_digest(data)}")
    archive.write_bytes(data)


def vendor() -> None:
    """Write the files and their record."""
    shutil.rmtree(TARGET, ignore_errors=True)
    record = []
    for package in (UPLOT,):
        files = {}
        for path, (target, more) in package.files.items():
            data = read(package, path)
            if more:
                data = data.rstrip(b"\n") + b"\n" + more.encode()
            (TARGET / target).parent.mkdir(parents=True, exist_ok=True)
            (TARGET / target).write_bytes(data)
            files[target] = {"from": path, "sha256": _digest(data)}
        about = {"name": package.name, "version": package.version, "license": package.license}
        record.append({**about, "sha256": package.sha256, "files": files})
    RECORD.write_text(json.dumps({"packages": record}, indent=2) + "\n")


def faults() -> list[str]:
    """Files that are not those on record."""
    known = {"vendor.json"}
    wrong = []
    for package in json.loads(RECORD.read_text())["packages"]:
        for target, about in package["files"].items():
            known.add(target)
            path = TARGET / target
            if not path.exists() or _digest(path.read_bytes()) != about["sha256"]:
                wrong.append(f"{target} is not the one of {package['name']} {package['version']}")
    there = {path.relative_to(TARGET).as_posix() for path in TARGET.rglob("*") if path.is_file()}
    return wrong + [f"{name} is on no record" for name in sorted(there - known)]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: list[str]) -> int:
    """Run; gives the exit status."""
    if arguments == ["--check"]:
        found = faults()
        print("\n".join(found) or "vendored files are those on record")
        return bool(found)
    try:
        vendor()
    except Unreachable as error:
        print(f"vendor: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
