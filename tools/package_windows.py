"""The agent for Windows as a .zip: a folder that is copied into a guest and installed with `install.cmd`."""

from __future__ import annotations

import time
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "guestwire-agent"
TEXTS = (".cmd", ".txt")  # Windows' own programs want its line ends in them


def folder(
    target: Path, modules: Iterable[tuple[str, bytes]], packaging: Path, python: Path | None, epoch: int
) -> Path:
    """Write the .zip; `python` is the folder of an embeddable CPython to put in, if there is one."""
    files = dict(modules)
    for path in sorted(packaging.iterdir()):
        data = path.read_bytes()
        files[path.name] = data.replace(b"\n", b"\r\n") if path.suffix in TEXTS else data
    for path in sorted(python.rglob("*")) if python is not None else ():
        if path.is_file() and "__pycache__" not in path.parts:
            files[f"python/{path.relative_to(python).as_posix()}"] = path.read_bytes()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{NAME}/{name}", time.gmtime(epoch)[:6])
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return target
