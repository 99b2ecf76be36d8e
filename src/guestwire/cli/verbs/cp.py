"""`guestwire cp`: copy files and folders between this host and guests."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from guestwire.cli import completing, guests, many, options, places, progress
from guestwire.cli.copying import Choices, Copier, End, Result
from guestwire.cli.output import complain, print_json
from guestwire.cli.status import FAILED, OK
from guestwire.errors import CommandError, ConfigError, ConversationError, GuestwireError

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.cli.places import Place

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")  # C:\\, C:/ and \\\\server
_MOST_NAMED = 20  # parts left out that a person is told of


class Failure(Struct):
    """A copy that was not made. `error` is as every verb has it; its text names the file."""

    source: str
    target: str
    error: dict[str, Any]


@click.command
@click.argument("sources", nargs=-1, required=True, metavar="SRC...", shell_complete=completing.any_file)
@click.argument("target", metavar="DST", shell_complete=completing.any_file)
@click.option("-r", "--recursive", is_flag=True, help="Copy folders with all that is in them.")
@click.option("--resume", is_flag=True, help="Go on with a copy that was interrupted.")
@click.option("--checksum", is_flag=True, help="Compare SHA-256 at both ends afterwards.")
@click.option(
    "--mode/--no-mode", "keep_mode", default=True, help="Keep the permissions, or not (default: keep)."
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@options.common
def command(
    sources: tuple[str, ...],
    target: str,
    quiet: bool,
    common: Common,
    **how: bool,
) -> int:
    """Copy files between this host and guests, or from guest to guest.

    A file in a guest is GUEST:PATH, such as web1:/etc/hosts or unix:/run/web1.sock:/etc/hosts; in DST, GUEST may be a
    glob. `-` is standard input or output. Several SRC need a folder as DST.

    Folders and permissions need programs in the guest. Links to files are copied as files; links to folders, devices
    and pipes are left out and named.
    """
    choices = Choices(**how, timeout=common.timeout)
    ends = [_end(places.parse(word)) for word in sources]
    where = places.parse(target)
    targets = [End(None, where.path)]
    if where.guest is not None:
        targets = [End(guest, where.path) for guest in guests.find([where.guest])]
    if where.guest is None and not all(end.guest for end in ends):
        raise ConfigError(f"{where} and a source are both of this host: one of them is to be GUEST:PATH")
    outcomes: list[Result | Failure] = []
    try:
        with progress.bar(not quiet and common.for_people) as bar, Copier(choices, bar) as copier:
            for at in targets:
                into = _goes_into(copier, at, len(ends))
                outcomes += [_copy(copier, source, _within(at, source) if into else at) for source in ends]
    except (KeyboardInterrupt, ConversationError):
        if common.for_people:
            complain("not finished: --resume goes on where it ended")
        raise
    return _tell(outcomes, common)


def _end(place: Place) -> End:
    return End(None if place.guest is None else guests.one(place.guest), place.path)


def _goes_into(copier: Copier, target: End, sources: int) -> bool:
    """Whether copies get their source's name in the folder `target`. Raises `ConfigError` where there is no such."""
    if target.guest is None and target.path == places.STREAM:
        if sources > 1:
            raise ConfigError("one file fits standard output; `guestwire cat` prints several")
        return False
    if copier.is_folder(target):
        return True
    slash = target.path.endswith(_slashes(target))
    if target.guest is not None and slash:
        return True  # a guest that forbids programs cannot tell, and refuses the file if there is no folder
    if sources > 1 or slash:
        why = ", and several files need one" if sources > 1 else ""
        hint = "; if it is one, end it with a slash" if target.guest is not None else ""
        raise ConfigError(f"{target} is no folder{why}{hint}")
    return False


def _within(folder: End, source: End) -> End:
    """Where in `folder` a copy of `source` goes."""
    name = source.path.rstrip("".join(_slashes(source)))
    for slash in _slashes(source):
        name = name.rpartition(slash)[2]
    if name in ("", ".", ".."):
        return folder  # what is in `/` or `..` goes right into the folder
    if source.path == places.STREAM and source.guest is None:
        raise ConfigError(f"{folder} is a folder: standard input needs the name of a file")
    if folder.guest is None:
        return End(None, os.path.join(folder.path, name))
    return End(folder.guest, f"{folder.path.rstrip(''.join(_slashes(folder)))}/{name}")


def _slashes(end: End) -> tuple[str, ...]:
    """What divides names there: Windows knows two, and takes both."""
    return ("/", "\\") if end.guest is not None and _WINDOWS.match(end.path) else ("/",)


def _copy(copier: Copier, source: End, target: End) -> Result | Failure:
    """One copy; what concerns only this file does not stop the others."""
    try:
        return copier.copy(source, target)
    except ConversationError:
        raise
    except CommandError as error:
        return _failure(
            source, target, error, f"{source if source.guest else target}: {error.desc}{_hint(source)}"
        )
    except OSError as error:
        if isinstance(error, BrokenPipeError) and target == End(None, places.STREAM):
            raise  # whoever read it has left: no failure of this file
        where = error.filename if isinstance(error.filename, str) else _ours(source, target)
        return _failure(source, target, error, f"{where}: {error.strerror or error}")
    except GuestwireError as error:
        return _failure(source, target, error, str(error))


def _hint(source: End) -> str:
    return places.hint(source.path) if source.guest is not None else ""


def _ours(source: End, target: End) -> str:
    """The end that is of this host: what goes wrong without a file's name went wrong there."""
    here = source if source.guest is None else target
    return "standard input or output" if here.path == places.STREAM else str(here)


def _failure(source: End, target: End, error: Exception, text: str) -> Failure:
    return Failure(str(source), str(target), {**many.fault(error), "text": text})


def _tell(outcomes: list[Result | Failure], common: Common) -> int:
    status = OK
    for each in outcomes:
        if common.jsonl:
            print_json(each, indent=0)
        if isinstance(each, Failure):
            complain(each.error["text"])
            status = FAILED
            continue
        for note in each.notes:
            complain(f"{each.target}: {note}")
        for left_out in each.left_out[:_MOST_NAMED]:
            path = f"{each.source.rstrip('/')}/{left_out.path}" if left_out.path else each.source
            complain(f"{path}: not copied: {left_out.reason}")
        if len(each.left_out) > _MOST_NAMED:
            complain(f"{each.source}: {len(each.left_out) - _MOST_NAMED} more not copied")
        if each.left_out:
            status = FAILED
    if common.json:
        print_json(outcomes if len(outcomes) != 1 else outcomes[0])
    return status
