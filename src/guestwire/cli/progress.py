"""A bar with rate and time left for copies, on the terminal's standard error."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guestwire.cli.clean import clean
from guestwire.cli.output import is_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

_NAME = 30  # columns for what is copied


class Bar:
    """What a copy reports to. Without a terminal, or when asked to be quiet, nothing is shown."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, name: str, total: int | None = None) -> None:
        """Begin a bar for `name`; the one before stays as it is."""
        if self._progress is not None:
            self._task = self._progress.add_task(_short(name), total=total)

    def entering(self, name: str) -> None:
        """Show the file that a folder's copy has come to."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=_short(name))

    def __call__(self, done: int, total: int | None) -> None:
        """Note how many bytes are there, and the whole size or None."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total)


@contextmanager
def bar(wanted: bool) -> Iterator[Bar]:
    """A bar on standard error, if that is a terminal and it is `wanted`."""
    if not wanted or not is_terminal(sys.stderr):
        yield Bar(None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), expand=True) as progress:
        yield Bar(progress)


def _short(name: str) -> str:
    """The end of a name, which tells more than its beginning."""
    shown = clean(name)
    return shown if len(shown) <= _NAME else f"…{shown[1 - _NAME :]}"
