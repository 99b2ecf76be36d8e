"""Files of the guest as streams: read to wherever the bytes are wanted, written from wherever they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.recipes.files import read_all, with_handle, write_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.effects import Flow
    from guestwire.client.session import Session


def receive(
    session: Session, path: str, sink: Callable[[bytes], object], *, limit: int | None = None
) -> Flow[int]:
    """Read a file to its end, giving each piece to `sink`; returns the bytes read.

    A file of more than `limit` bytes raises `ProtocolError`. What `sink` raises ends the reading and passes through.
    """
    return (yield from with_handle(session, path, "r", lambda handle: read_all(session, handle, sink, limit)))


def send(
    session: Session, path: str, source: Callable[[int], bytes | memoryview], *, append: bool = False
) -> Flow[int]:
    """Write what `source(size)` gives, at most `size` bytes at a time, until it gives nothing; returns the bytes.

    `source` may wait as long as it likes, on a pipe or a person: the call's deadline is for the guest alone.
    """
    mode = "a" if append else "w"
    return (yield from with_handle(session, path, mode, lambda handle: write_all(session, handle, source)))
