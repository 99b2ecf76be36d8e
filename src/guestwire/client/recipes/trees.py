"""Copy folders with all that is in them between host and guest.

What is copied: folders, regular files, and what symbolic links to regular files point to, as scp does. Links to folders
are not followed, links that lead nowhere, devices, pipes and sockets are not copied; `CopiedTree.skipped` names them.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from guestwire.client.effects import Local
from guestwire.client.hostfiles import Tree
from guestwire.client.hosttree import NO_UNICODE, walk
from guestwire.client.recipes.copies import Progress, Sink, compare, copy_to, fetch_part
from guestwire.client.recipes.folders import list_folder, make_folders, permit
from guestwire.client.recipes.osinfo import is_windows
from guestwire.errors import ChecksumMismatch, CommandError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.effects import Flow
    from guestwire.client.hosttree import Found, HostEntry
    from guestwire.client.recipes.folders import Entry
    from guestwire.client.session import Session

GROWTH = 64 << 20
"""Bytes that a file may have grown by since it was listed; one that goes on past that is taken to be endless."""

Path = tuple[str, ...]

_HOPELESS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE))


class Skipped(Struct, frozen=True):
    """Something that was not copied, and why. Both are texts of the guest: to be escaped before they are shown."""

    path: str
    reason: str


class CopiedTree(Struct):
    """A folder that has been copied: `size` in bytes of all its files, `resumed` the files that were there already."""

    files: int = 0
    folders: int = 0
    size: int = 0
    resumed: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, path: Path, reason: object) -> None:
        """Note what was left out."""
        self.skipped.append(Skipped("/".join(path), str(reason)))


class _Work(Struct):
    """One copy under way: how it is to be done, as the keywords of `copy_tree_from` say, and what has been."""

    progress: Progress | None
    entering: Callable[[str], object] | None
    resume: bool
    checksum: bool
    keep_mode: bool
    total: int
    copied: CopiedTree = field(default_factory=CopiedTree)

    def report(self) -> Progress | None:
        """The caller's progress, moved on by what earlier files brought."""
        report, done = self.progress, self.copied.size
        return None if report is None else lambda here, _: report(done + here, self.total)

    def one(self, path: Path, work: Flow[tuple[int, bool]]) -> Flow[bool]:
        """Do the work on one file, which gives its size and whether it was there; what fails here is left out."""
        if self.entering is not None:
            self.entering("/".join(path))
        try:
            size, there = yield from work
        except (CommandError, ChecksumMismatch, OSError) as error:
            self.leave_out(path, error)
            return False
        except UnicodeEncodeError:
            self.copied.skip(path, NO_UNICODE)
            return False
        self.copied.files += 1
        self.copied.size += size
        self.copied.resumed += there
        return True

    def leave_out(self, path: Path, error: Exception) -> None:
        """Note a failure that concerns one file or folder; raise others."""
        if isinstance(error, OSError) and error.errno in _HOPELESS:
            raise error
        self.copied.skip(path, getattr(error, "text", None) or getattr(error, "strerror", None) or error)


def copy_tree_from(
    session: Session,
    path: str,
    target: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    entering: Callable[[str], object] | None = None,
    resume: bool = False,
    checksum: bool = False,
    keep_mode: bool = True,
) -> Flow[CopiedTree]:
    """Copy the guest's folder `path` to the host, so that `target` holds what `path` holds.

    Nothing is written outside `target`, whatever the guest names its files. `progress` counts the bytes of all files,
    `entering` is called with the path of each below `target`. `resume` leaves files alone whose size is right already
    and goes on with unfinished ones. `checksum` as in `copy_from`, for each file. `keep_mode` keeps permissions, but no
    set-user-id and the like.

    What cannot be copied is left out and named in the result. Raises `CommandError` when the guest cannot or must not
    list the folder, `OSError` when the host cannot go on, or has no room for what the guest lists.
    """
    listing = yield from list_folder(session, path)
    files = [entry for entry in listing.entries if entry.is_file]
    if any(not entry.path for entry in files):
        raise ProtocolError(f"{path}: the guest lists a file in place of the folder", guest=session.guest)
    work = _Work(progress, entering, resume, checksum, keep_mode, sum(entry.size for entry in files))
    work.copied.skipped = [Skipped("", words) for words in listing.complaints]
    with (yield Local(lambda: Tree(target))) as tree:
        if work.total > tree.free() and not resume:
            reason = f"the guest lists {work.total} bytes, which is more than is free here"
            raise OSError(errno.ENOSPC, reason, os.fspath(target))
        folders = yield Local(lambda: _make_all(tree, listing.entries, work))
        for entry in files:
            yield from work.one(entry.path, _fetch_one(session, path, entry, tree, work))
        if keep_mode:
            yield Local(lambda: [tree.permit(entry.path, entry.mode) for entry in reversed(folders)])
    return work.copied


def _make_all(tree: Tree, entries: list[Entry], work: _Work) -> list[Entry]:
    """Make the folders; those that cannot be made are left out, and so will be all that is in them."""
    made = []
    for entry in entries:
        if entry.is_folder:
            try:
                if entry.path:
                    tree.make(entry.path)
                made.append(entry)
            except OSError as error:
                work.leave_out(entry.path, error)
        elif not entry.is_file:
            what = (
                "a link to a folder, or to what cannot be copied" if entry.link else "neither file nor folder"
            )
            work.copied.skip(entry.path, what)
    work.copied.folders = len(made)
    return made


def _fetch_one(session: Session, root: str, entry: Entry, tree: Tree, work: _Work) -> Flow[tuple[int, bool]]:
    source = _join(root, entry.path)
    source.encode()  # raises UnicodeEncodeError
    right_size = work.resume and (yield Local(lambda: tree.size(entry.path))) == entry.size
    if right_size and (not work.checksum or (yield from _is_same(session, source, tree, entry.path))):
        return entry.size, True
    with (yield Local(lambda: tree.part(entry.path, resume=work.resume))) as part:
        sink = Sink(part.file, True, work.report(), entry.size + GROWTH)
        mode = entry.mode if work.keep_mode else None
        return (
            yield from fetch_part(session, source, part, sink, checksum=work.checksum, mode=mode)
        ).size, False


def _is_same(session: Session, path: str, tree: Tree, here: Path) -> Flow[bool]:
    with (yield Local(lambda: tree.open(here))) as file:
        try:
            yield from compare(session, path, file)
        except ChecksumMismatch:
            return False
    return True


def copy_tree_to(
    session: Session,
    source: str | os.PathLike[str],
    path: str,
    *,
    progress: Progress | None = None,
    entering: Callable[[str], object] | None = None,
    resume: bool = False,
    checksum: bool = False,
    keep_mode: bool = True,
) -> Flow[CopiedTree]:
    """Copy the host's folder `source` to the guest, so that `path` holds what `source` holds.

    The keywords are those of `copy_tree_from`. Until the end of the copy, new folders are for their owner only in the
    guest. Raises `CommandError` when folders cannot or must not be made there.
    """
    found: Found = yield Local(lambda: walk(os.fspath(source)))
    work = _Work(progress, entering, resume, checksum, keep_mode, sum(file.size for file in found.files))
    work.copied.skipped = [Skipped("/".join(each), why) for each, why in found.skipped]
    work.copied.folders = len(found.folders)
    yield from make_folders(session, [_join(path, folder.path) for folder in found.folders])
    there = (yield from _sizes(session, path)) if resume else {}
    modes: dict[str, int] = {}
    for file in found.files:
        is_whole = not checksum and there.get(file.path) == file.size
        if (yield from work.one(file.path, _send_one(session, path, file, work, is_whole))):
            modes[_join(path, file.path)] = file.mode
    if keep_mode and not (yield from is_windows(session, path)):
        yield from permit(session, modes)
        yield from permit(
            session, {_join(path, folder.path): folder.mode for folder in reversed(found.folders)}
        )
    return work.copied


def _send_one(
    session: Session, root: str, file: HostEntry, work: _Work, is_whole: bool
) -> Flow[tuple[int, bool]]:
    if is_whole:
        return file.size, True
    done = yield from copy_to(
        session,
        file.source,
        _join(root, file.path),
        progress=work.report(),
        resume=work.resume,
        checksum=work.checksum,
    )
    return done.size, False


def _sizes(session: Session, path: str) -> Flow[dict[Path, int]]:
    """How long the files are that the guest has already."""
    listing = yield from list_folder(session, path)
    return {entry.path: entry.size for entry in listing.entries if entry.is_file and not entry.link}


def _join(root: str, path: Path) -> str:
    return "/".join((root.rstrip("/"), *path)) if path else root
