"""Archives in the kernel's initramfs format (cpio "newc", Documentation/driver-api/early-userspace/buffer-format)."""

from __future__ import annotations

import stat
from pathlib import Path


class Archive:
    """Files for an initramfs, kept in memory until `bytes()`."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._number = 0
        self._folders: set[str] = set()

    def folder(self, name: str) -> None:
        """A folder and those above it."""
        name = name.strip("/")
        if not name or name in self._folders:
            return
        self.folder(name.rpartition("/")[0])
        self._folders.add(name)
        self._add(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """A plain file."""
        self.folder(name.strip("/").rpartition("/")[0])
        self._add(name.strip("/"), stat.S_IFREG | mode, data)

    def link(self, name: str, target: str) -> None:
        """A symbolic link."""
        self.folder(name.strip("/").rpartition("/")[0])
        self._add(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def node(self, name: str, major: int, minor: int) -> None:
        """A character device."""
        self.folder(name.strip("/").rpartition("/")[0])
        self._add(name.strip("/"), stat.S_IFCHR | 0o600, b"", major, minor)

    def tree(self, source: Path, place: str) -> None:
        """All files below `source`, and symbolic links as such."""
        for path in sorted(source.rglob("*")):
            name = f"{place}/{path.relative_to(source)}"
            if path.is_symlink():
                self.link(name, str(path.readlink()))
            elif path.is_dir():
                self.folder(name)
            elif path.is_file():
                self.file(name, path.read_bytes(), path.stat().st_mode & 0o777)

    def bytes(self) -> bytes:
        """The finished archive."""
        self._add("TRAILER!!!", 0, b"")
        return b"".join(self._parts)

    def _add(self, name: str, mode: int, data: bytes, major: int = 0, minor: int = 0) -> None:
        self._number += 1
        encoded = name.encode() + b"\0"
        fields = (self._number, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(encoded), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._parts.append(_padded(header + encoded))
        self._parts.append(_padded(data))


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
