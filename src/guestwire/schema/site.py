"""The built-in schema, and a site's own files on top of it, without regard to a platform: what a host works with."""

from __future__ import annotations

import os

from guestwire.errors import ConfigError
from guestwire.schema import builtin, loader
from guestwire.schema.parser import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from guestwire.schema.loader import Schema
    from guestwire.schema.model import Definition


def load(path: str) -> tuple[Schema, Mapping[str, Definition]]:
    """A site's schema file, or folder of them, and the types that it may use besides its own.

    Conditions (`if`) are taken to hold: which system the guest runs is not known here. Raises `SchemaError` for a
    fault in a file, also for a command that exists already, and `ConfigError` for a path without schema files.
    """
    source = Source()
    for file in files(path):
        source.read(file)
    symbols = builtin.symbols()
    symbols.update(symbol for each in source.expressions for symbol in _conditions(each.keys))
    base = builtin.definitions(frozenset(symbols))
    checked = loader.check(source, base, builtin.commands(symbols))
    return loader.resolve(checked, symbols, base), base


def files(path: str) -> list[str]:
    """The schema files that `path` means: itself, or the `*.json` in the folder that it is."""
    if not os.path.isdir(path):
        return [path]
    names = sorted(name for name in os.listdir(path) if name.endswith(".json"))
    if not names:
        raise ConfigError(f"{path}: no schema files (*.json) in this folder")
    return [os.path.join(path, name) for name in names]


def _conditions(value: object, inside: bool = False) -> Iterator[str]:
    """The words of all conditions in an expression as it was parsed."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _conditions(part, inside or key == "if")
    elif isinstance(value, list):
        for part in value:
            yield from _conditions(part, inside)
    elif inside and isinstance(value, str):
        yield value
