"""Schemas out of strings."""

from __future__ import annotations

from pathlib import Path

from guestwire.schema.check import Checked
from guestwire.schema.loader import Schema, check, resolve
from guestwire.schema.parser import Source

QAPI = Path(__file__).parents[3] / "src" / "guestwire" / "schema" / "qapi"
GOLDEN = Path(__file__).parents[2] / "golden"


def source(text: str, name: str = "x.json") -> Source:
    return Source().read(name, text)


def checked(text: str) -> Checked:
    return check(source(text))


def schema(text: str, *symbols: str) -> Schema:
    return resolve(checked(text), symbols)
