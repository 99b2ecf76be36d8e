"""Files that the pages are made of, read once, compressed once and named by what is in them.

Every asset is served under `/static/DIGEST/…`, the digest being that of all assets together: a browser keeps them for
ever, and modules that import one another by relative paths are always of one version.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_WORTH = 512  # bytes from which compression pays
_IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent; `packed` is empty where compression does not pay."""

    body: bytes
    packed: bytes
    kind: str
    tag: str


def make_asset(body: bytes, kind: str) -> Asset:
    """Compress and name a body."""
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _WORTH else b""
    tag = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, packed if len(packed) < len(body) else b"", kind, f'"{tag}"')


class Assets:
    """What `static/` holds, by path below it."""

    def __init__(self, folder: Path = FOLDER / "static") -> None:
        self._files: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in TYPES:
                name = path.relative_to(folder).as_posix()
                self._files[name] = make_asset(path.read_bytes(), TYPES[path.suffix])
                digest.update(name.encode() + self._files[name].tag.encode())
        self.digest = digest.hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        """The file, if there is one."""
        return self._files.get(name)

    def url(self, name: str) -> str:
        """Where a browser finds a file."""
        return f"/static/{self.digest}/{name}"

    def modules(self, name: str) -> list[str]:
        """A script and every script that it imports, itself first: what a page loads at once."""
        found: list[str] = []
        waiting = [name]
        while waiting:
            name = waiting.pop(0)
            asset = self._files.get(name)
            if asset is None or name in found:
                continue
            found.append(name)
            for path in _IMPORT.findall(asset.body.decode()):
                waiting.append(_join(PurePosixPath(name).parent, path))
        return found


def _join(folder: PurePosixPath, path: str) -> str:
    parts = list(folder.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
