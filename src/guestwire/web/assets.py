"""Files that the pages are made of, read once, compressed once and named by what is in them.

Every asset is served under `/static/DIGEST/…`, the digest being that of all assets together: a browser keeps them for
ever, and what a page is made of is always of one version.
"""

from __future__ import annotations

import gzip
import hashlib
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
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in TYPES:
                body = path.read_bytes()
                self._files[path.relative_to(folder).as_posix()] = make_asset(body, TYPES[path.suffix])
        self._name()

    def put(self, name: str, text: str) -> None:
        """One more, made of others; all addresses are new after it."""
        self._files[name] = make_asset(text.encode(), TYPES[PurePosixPath(name).suffix])
        self._name()

    def _name(self) -> None:
        tags = "".join(name + asset.tag for name, asset in sorted(self._files.items()))
        self.digest = hashlib.sha256(tags.encode()).hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        """The file, if there is one."""
        return self._files.get(name)

    def url(self, name: str) -> str:
        """Where a browser finds a file."""
        return f"/static/{self.digest}/{name}"

    def text(self, name: str) -> str:
        """What a file says."""
        return self._files[name].body.decode()
