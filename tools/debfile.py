"""Write a .deb without Debian's tools: an ar archive of a version, the control files and the files to install."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import tarfile
from pathlib import Path

FILE, PROGRAM = 0o644, 0o755


class Tree:
    """Files and symbolic links by their path in the guest, all root's."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch  # the time that everything carries, so that two builds are equal
        self._entries: dict[str, tarfile.TarInfo] = {}
        self._data: dict[str, bytes] = {}

    def add(self, path: str, data: bytes, mode: int = FILE) -> None:
        """One file."""
        self._data[path] = data
        entry = self._entry(path, tarfile.REGTYPE, mode)
        entry.size = len(data)

    def link(self, path: str, target: str) -> None:
        """One symbolic link."""
        self._entry(path, tarfile.SYMTYPE, 0o777).linkname = target

    def compress(self, path: str, text: str) -> None:
        """One file that is kept gzipped, as Debian wants its changelogs."""
        self.add(path, gzip.compress(text.encode(), 9, mtime=self._epoch))

    def md5sums(self) -> str:
        """What `dpkg --verify` compares with."""
        sums = ((hashlib.md5(data).hexdigest(), path) for path, data in sorted(self._data.items()))
        return "".join(f"{digest}  {path}\n" for digest, path in sums)

    def kibibytes(self) -> int:
        """The Installed-Size field: every file and folder takes whole KiB."""
        return sum(-(-max(entry.size, 1) // 1024) for entry in self._entries.values())

    def tar_xz(self) -> bytes:
        """The archive; a folder stands before what is in it."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path, entry in sorted(self._entries.items()):
                archive.addfile(entry, io.BytesIO(self._data.get(path, b"")))
        return lzma.compress(buffer.getvalue(), preset=9)

    def _entry(self, path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
        parent = path.rpartition("/")[0]
        if kind != tarfile.DIRTYPE and parent not in self._entries:
            for end in [at for at, letter in enumerate(path) if letter == "/"]:
                self._entries.setdefault(path[:end], self._entry(path[:end], tarfile.DIRTYPE, 0o755))
        entry = tarfile.TarInfo(f"./{path}")
        entry.type, entry.mode, entry.mtime = kind, mode, self._epoch
        entry.uname = entry.gname = "root"
        self._entries[path] = entry
        return entry


def write(target: Path, control: Tree, data: Tree, epoch: int) -> None:
    """Put the three members together (deb(5))."""
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.xz": control.tar_xz(),
        "data.tar.xz": data.tar_xz(),
    }
    with target.open("wb") as file:
        file.write(b"!<arch>\n")
        for name, content in members.items():
            file.write(f"{name:<16}{epoch:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode())
            file.write(content + b"\n" * (len(content) % 2))
