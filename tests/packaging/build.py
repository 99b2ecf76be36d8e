"""What `make package` builds, made once for all tests that want it."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


@functools.cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where things are built; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="guestwire-package-")


@functools.cache
def build(what: str) -> Path:
    """The artefact: `zipapp`, `deb` or `wheel`."""
    return build_into(Path(folder().name), what)


def build_into(place: Path, what: str) -> Path:
    """The same, in a folder of the caller's."""
    words = [sys.executable, str(ROOT / "tools/package.py"), "--into", str(place), what]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.partition("  ")[0])
