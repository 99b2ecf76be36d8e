"""A guest's files: what is in a folder, and a file's bytes in and out, as fast as the guest takes or gives them."""

from __future__ import annotations

import asyncio
import logging
import re
import stat
from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import web
from msgspec import Meta, Struct

from guestwire.errors import CommandError, GuestwireError
from guestwire.monitor.samples import clean_text
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.work.reach import problem_of, reached

_log = logging.getLogger(__name__)
Path = Annotated[str, Meta(pattern=r"^(/|[A-Za-z]:[\\/])[^\x00]*$", max_length=4096)]
PIECE = 512 << 10  # bytes asked of a guest at once
LISTING = 4 << 20  # bytes of a listing
LISTING_TIMEOUT = 30.0

# A record ends in "//\n", which no name can hold.
_END = b"//\n"
_LIST = (
    'cd -- "$1" || exit 2\n'
    f"find . -maxdepth 1 -exec stat -c '%f %s %Y %U %G %n//' {{}} + | head -c {LISTING}\n"
)
_RECORD = re.compile(rb"([0-9a-f]{1,8}) ([0-9]{1,19}) (-?[0-9]{1,19}) (\S*) (\S*) \./(.+)", re.DOTALL)
_TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}


class FolderQuery(Struct, forbid_unknown_fields=True):
    """An absolute path."""

    path: Path = "/"
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000


class FileQuery(Struct, forbid_unknown_fields=True):
    """An absolute path."""

    path: Path


class Entry(Struct):
    """What is in a folder: `mode` in octal."""

    name: str
    type: Literal["file", "directory", "link", "other"]
    size_bytes: int
    modified_at: float
    mode: str
    user: str
    group: str


class Folder(Struct):
    """A folder, sorted by name, folders first."""

    path: str
    entries: list[Entry]
    truncated: bool


class Written(Struct):
    """A file that was written."""

    path: str
    bytes: int


async def folder(call: Call) -> Folder:
    """What is in a folder of a guest."""
    asked: FolderQuery = call.query
    _check(asked.path)
    async with reached(call) as agent:
        done = await agent.run(["/bin/sh", "-c", _LIST, "sh", asked.path], timeout=LISTING_TIMEOUT)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip() or f"status {done.returncode}"
        raise Problem(502, clean_text(words, 300), where="path")
    records = done.stdout.split(_END)
    cut = bool(records.pop()) or done.stdout_truncated
    entries = [entry for record in records if (entry := _entry(record)) is not None]
    entries.sort(key=lambda entry: (entry.type != "directory", entry.name))
    return Folder(asked.path, entries[: asked.limit], cut or len(entries) > asked.limit)


def _entry(record: bytes) -> Entry | None:
    found = _RECORD.fullmatch(record)
    if found is None:
        return None
    mode = int(found[1], 16)
    user, group, name = (part.decode("utf-8", "replace") for part in found.group(4, 5, 6))
    kind = _TYPES.get(stat.S_IFMT(mode), "other")
    permissions = f"{stat.S_IMODE(mode):04o}"
    return Entry(name, kind, int(found[2]), float(found[3]), permissions, user, group)  # type: ignore[arg-type]


async def download(call: Call) -> web.StreamResponse:
    """A file of a guest."""
    path: str = call.query.path
    _check(path)
    answer = web.StreamResponse(
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": disposition(path),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
    )
    async with reached(call) as agent, agent.open(path) as file:
        try:
            answer.headers["X-Guest-File-Size"] = str(await file.seek(0, 2))
            await file.seek(0)
        except CommandError:
            pass  # not every file can be sought in
        piece = await file.read(PIECE)  # a folder fails here, while there can still be a problem
        await answer.prepare(call.request)
        try:
            while piece:
                await answer.write(piece)
                piece = await file.read(PIECE)
        except GuestwireError as error:
            _log.warning("download from %r broke off: %s", param(call, "guest"), problem_of(error).detail)
            if call.request.transport is not None:
                call.request.transport.abort()  # the headers are out: only a cut tells that the file is not whole
    return answer


async def upload(call: Call) -> Written:
    """Write a file of a guest; what was in it is gone. The body is read only as fast as the guest takes it."""
    path: str = call.query.path
    _check(path)
    done = 0
    async with reached(call) as agent, agent.open(path, "w") as file:
        try:
            while piece := await _piece(call.request):
                done += await file.write(piece)
        except (ConnectionError, asyncio.CancelledError):
            _log.warning("upload to %r broke off after %d bytes: %r", param(call, "guest"), done, path[:200])
            raise
        except GuestwireError as error:
            trouble = problem_of(error)
            raise Problem(
                trouble.status, f"{trouble.detail}; {done} bytes were written, the rest is missing"
            ) from None
    return Written(path, done)


async def _piece(request: web.Request) -> bytes:
    """The next half MiB of the body, less at its end."""
    parts, size = [], 0
    while size < PIECE:
        data = await request.content.read(PIECE - size)
        if not data:
            break
        parts.append(data)
        size += len(data)
    return b"".join(parts)


def _check(path: str) -> None:
    absolute = path.startswith("/") or re.match(r"[A-Za-z]:[\\/]", path)
    if not absolute or "\0" in path:
        raise Problem(400, "a path is absolute", where="path")


def disposition(path: str) -> str:
    """Content-Disposition for a download, as RFC 6266 has it: nothing of the path can end the header or its quotes."""
    name = re.split(r"[/\\]", path)[-1] or "file"
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._- ") else "_" for char in name)
    exact = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain[:200]}\"; filename*=UTF-8''{exact[:600]}"
