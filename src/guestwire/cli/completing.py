"""Completion of files: of this host by the shell itself, in a guest by a listing that the guest is asked for."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from guestwire.cli import guests, options, places
from guestwire.errors import GuestwireError

if TYPE_CHECKING:
    import click

_PATIENCE = 2.0  # seconds: a person waits, with a key pressed
_MOST = 1000  # names; nobody reads more


def guest_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`GUEST:PATH`."""
    found = _in_guest(incomplete)
    if found is None:
        found = [f"{name}:" for name in options.complete_guest(incomplete)]
    return [CompletionItem(each) for each in found]


def any_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`GUEST:PATH`, or a file of this host."""
    if _in_guest_meant(incomplete):
        return guest_file(ctx, param, incomplete)
    names = [] if "/" in incomplete else guest_file(ctx, param, incomplete)
    return [*names, CompletionItem(incomplete, type="file")]


def _in_guest_meant(word: str) -> bool:
    return ":" in word.partition("/")[0]


def _in_guest(word: str) -> list[str] | None:
    """The paths in a guest that begin so, folders with a slash behind; None where `word` names no guest yet."""
    if not _in_guest_meant(word):
        return None
    with suppress(GuestwireError, OSError):
        place = places.parse(word + "." if word.endswith(":") else word)
        path = "" if word.endswith(":") else place.path
        folder, begun = posixpath.split(path)
        if place.guest is not None and folder:
            names = listing(place.guest, folder)
            front = word[: len(word) - len(begun)]
            return [front + name for name in names if name.startswith(begun)]
        return [f"{word}/"] if not path else []
    return []


def listing(guest: str, folder: str) -> list[str]:
    """What is in a folder of a guest, folders with a slash behind. Raises `GuestwireError`."""
    with guests.connected(guests.one(guest), _PATIENCE) as agent:
        done = agent.run(["ls", "-1Ap", "--", folder], env={"LC_ALL": "C"}, timeout=_PATIENCE)
    names = done.stdout.decode("utf-8", "replace").split("\n")[:_MOST]
    return [name for name in names if name.isprintable() and name]
