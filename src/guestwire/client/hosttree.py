"""What is in a folder of this host that is to be copied to a guest."""

from __future__ import annotations

import os
import stat

from msgspec import Struct, field

NO_UNICODE = "its name is no Unicode, and the protocol cannot carry it"


class HostEntry(Struct, frozen=True):
    """A file or folder: `path` below the folder that was walked, `()` itself; `size` in bytes; `mode` permissions."""

    path: tuple[str, ...]
    source: str
    size: int
    mode: int


class Found(Struct):
    """Folders, each before what is in it; files, links to files among them; and what is neither, with the reason."""

    folders: list[HostEntry] = field(default_factory=list)
    files: list[HostEntry] = field(default_factory=list)
    skipped: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def walk(root: str) -> Found:
    """List `root` and all below it, sorted. Links to folders are not gone into. Raises `OSError` for `root` itself."""
    found = Found()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        at = os.path.join(root, *path)
        try:
            with os.scandir(at) as entries:
                names = [name for name in entries if _can_be_said(found, (*path, name.name))]
            mode = os.stat(at).st_mode & 0o777
        except OSError as error:
            if not path:
                raise
            found.skipped.append((path, error.strerror or str(error)))
            continue
        names.sort(key=lambda name: name.name)
        found.folders.append(HostEntry(path, at, 0, mode))
        waiting += [(*path, name.name) for name in reversed(names) if name.is_dir(follow_symlinks=False)]
        for name in names:
            _add(found, (*path, name.name), name)
    return found


def _can_be_said(found: Found, path: tuple[str, ...]) -> bool:
    try:
        path[-1].encode()
    except UnicodeEncodeError:
        found.skipped.append((path, NO_UNICODE))
        return False
    return True


def _add(found: Found, path: tuple[str, ...], entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        return
    try:
        status = entry.stat()
    except OSError as error:
        found.skipped.append((path, error.strerror or str(error)))
        return
    if stat.S_ISREG(status.st_mode):
        found.files.append(HostEntry(path, entry.path, status.st_size, status.st_mode & 0o777))
    else:
        what = (
            "a link to a folder, or to what cannot be copied"
            if entry.is_symlink()
            else "neither file nor folder"
        )
        found.skipped.append((path, what))
