"""What the daemon has recorded, for verbs that read its store: where it is, and the guests and times they name."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.daemon.config import Config
    from guestwire.monitor.store.beside import Beside
    from guestwire.monitor.store.reader import Reader


class Duration(click.ParamType[float]):
    """`30s`, `6h`, `1h30m`, `7d` as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        from guestwire.monitor.rules.lexer import seconds

        if isinstance(value, float):
            return value
        try:
            return seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def config(function: Callable[..., Any]) -> Callable[..., Any]:
    """--config."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Configuration of the daemon (default: /etc/guestwire/guestwire.toml if it is there).",
    )(function)


def data_dir(function: Callable[..., Any]) -> Callable[..., Any]:
    """--data-dir."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder of the history (default: the configuration's, else the system's or the user's data folder).",
    )(function)


def since(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--since, with how far back unless told."""
    return click.option(
        "--since",
        type=Duration(),
        default=default,
        show_default=True,
        metavar="DURATION",
        help="How far back to look: 30m, 6h, 7d.",
    )


def configured(file: Path | None, folder: Path | None) -> Config:
    """The daemon's configuration, with the folder of the command line."""
    from guestwire.daemon.launch import Choices, configuration

    return configuration(Choices(config=file, data_dir=folder))


def store_of(config: Config) -> Path:
    """The daemon's store. Raises `ConfigError` where there is none."""
    path = config.data_dir / "history.db"
    try:
        there = path.is_file()
    except PermissionError:
        there = True  # opening it says what is wrong
    if not there:
        raise ConfigError(
            f"{config.data_dir}: no history here; has `guestwire serve` run? --data-dir names another folder"
        )
    return path


def opened(config: Config) -> Reader:
    """The history, read beside the daemon or without it."""
    from guestwire.monitor.store.reader import Reader

    return Reader.offline(store_of(config))


def guests_of(reader: Reader | Beside, word: str | None) -> dict[str, tuple[int, str]]:
    """(number, name) by identity: of the guest of that name or identity, or of all for None."""
    known = reader.guests()
    if word is None:
        return known
    if word in known:
        return {word: known[word]}
    named = {identity: each for identity, each in known.items() if each[1] == word}
    if not named:
        import difflib

        near = difflib.get_close_matches(word, [name for _, name in known.values()], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"there is no history of a guest {word!r}{hint}")
    return named


def one_guest(reader: Reader, word: str) -> tuple[int, str]:
    """(number, name) of the guest of that name or identity. Raises `ConfigError` when there are several."""
    named = guests_of(reader, word)
    if len(named) > 1:
        raise ConfigError(f"{len(named)} guests were named {word!r}: give the identity ({', '.join(named)})")
    return next(iter(named.values()))


def local(at: float) -> str:
    """A time in seconds since the epoch, as people here read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
