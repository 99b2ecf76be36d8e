"""Bytes from a guest on their way to our own streams: as they are to a program, made harmless to a terminal."""

from __future__ import annotations

from typing import TextIO

from guestwire.cli.clean import clean, clean_text
from guestwire.cli.output import is_terminal


class Prefixed:
    """A stream on which each line is marked with its guest's name."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self.stream = stream
        self._mark = f"{clean(name)}: ".encode()

    def dress(self, data: bytes) -> bytes:
        """Every line, the last one too when it has no end."""
        return b"".join(self._mark + line + b"\n" for line in data.removesuffix(b"\n").split(b"\n"))


def pass_on(data: bytes, to: TextIO | Prefixed, raw: bool = False) -> None:
    """Write what a guest's program wrote. `raw` trusts it with the terminal."""
    if not data:
        return
    stream = to.stream if isinstance(to, Prefixed) else to
    if is_terminal(stream) and not raw:
        data = clean_text(data.decode("utf-8", "backslashreplace")).encode("utf-8", "backslashreplace")
    if isinstance(to, Prefixed):
        data = to.dress(data)
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()
