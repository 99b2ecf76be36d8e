"""A guest's bytes on standard output: as they are into pipes and files, made harmless on a terminal."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

from guestwire.cli.clean import clean_text
from guestwire.cli.output import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable


def writer(raw: bool = False) -> Callable[[bytes], None]:
    """A function that prints a piece of a file; an empty piece ends the file. `raw` sends all to a terminal too."""
    if raw or not is_terminal(sys.stdout):
        binary = sys.stdout.buffer

        def copy(data: bytes) -> None:
            binary.write(data)
            binary.flush()

        return copy
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def show(data: bytes) -> None:
        sys.stdout.write(clean_text(decoder.decode(data, final=not data)))
        sys.stdout.flush()

    return show
