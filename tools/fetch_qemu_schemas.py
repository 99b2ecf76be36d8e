"""Fetch the guest agent schemas of several QEMU versions, for the test that our parser reads them unchanged.

They are under the GPL and so are not kept in this repository. Debian's source packages carry them: one for each
release. apt-get fetches the packages from the mirror that this machine uses, with a configuration and lists of its own,
so that the machine's are not touched; only `qga/qapi-schema.json` is kept, as `DIRECTORY/VERSION.json`.

Use: fetch_qemu_schemas.py [SUITE...]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SUITES = ("bookworm", "bookworm-backports", "trixie", "sid")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SCHEMA = "qga/qapi-schema.json"


class Unreachable(Exception):
    """A schema cannot be had here, and why."""


def directory() -> Path:
    """Where fetched schemas are kept."""
    cache = os.environ.get("GUESTWIRE_CACHE") or Path.home() / ".cache" / "guestwire"
    return Path(cache) / "qemu-schemas"


def cached() -> list[Path]:
    """The schemas fetched until now."""
    return sorted(directory().glob("*.json"))


def fetch(suite: str) -> Path:
    """The schema of a Debian suite's QEMU, fetched if need be. Unreachable tells why it cannot be had."""
    marker = directory() / f"{suite}.version"
    if marker.exists() and (directory() / f"{marker.read_text()}.json").exists():
        return directory() / f"{marker.read_text()}.json"
    directory().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="guestwire-apt-") as scratch:
        package = _download(suite, Path(scratch))
        version = package.name.split("_")[1].split("+")[0].split(".orig")[0]
        schema = directory() / f"{version}.json"
        schema.write_bytes(_extract(package))
    marker.write_text(version)
    return schema


def _download(suite: str, scratch: Path) -> Path:
    """QEMU's own source tarball, by apt."""
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "archives" / "partial").mkdir(parents=True)
    (scratch / "sources.list").write_text(f"deb-src [signed-by={KEYRING}] {_mirror()} {suite} main\n")
    options = {
        "Dir::State": scratch,
        "Dir::State::Lists": scratch / "lists",
        "Dir::State::Status": "/dev/null",
        "Dir::Cache": scratch,
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    for command in (["update"], ["source", "--download-only", "--tar-only", "qemu"]):
        try:
            subprocess.run([*apt, *command], cwd=scratch, check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            why = [line for line in error.stderr.splitlines() if line.startswith("E: ")] or [
                "no reason given"
            ]
            raise Unreachable(f"apt-get cannot fetch QEMU's sources of {suite}: {why[0]}") from None
    found = sorted(scratch.glob("qemu_*.orig.tar.*"))
    if not found:
        raise Unreachable(f"Debian {suite} has no source of QEMU")
    return found[0]


def _mirror() -> str:
    """Where this machine has Debian from."""
    query = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    try:
        found = subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        found = []
    for uri in found:
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise Unreachable("this machine has no Debian mirror that apt-get could fetch QEMU's sources from")


def _extract(package: Path) -> bytes:
    with tarfile.open(package) as archive:
        for entry in archive:
            if entry.name.endswith(f"/{SCHEMA}"):
                content = archive.extractfile(entry)
                if content is not None:
                    return content.read()
    raise Unreachable(f"{package.name} has no {SCHEMA}")


def main(suites: list[str]) -> int:
    status = 0
    for suite in suites or SUITES:
        try:
            print(f"{suite}: {fetch(suite)}")
        except Unreachable as error:
            print(f"{suite}: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
