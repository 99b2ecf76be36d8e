"""Between the text of a request and the bytes of a system call."""

from __future__ import annotations


def to_os(text: str) -> bytes:
    """A path, argument or variable as the C agent hands it to the kernel, whatever the locale is.

    UTF-8; U+0000 becomes C0 80 (the JSON reader of QEMU uses "modified UTF-8"), so it can't cut a string.
    """
    data = text.encode("utf-8", "surrogateescape")
    return data.replace(b"\0", b"\xc0\x80") if b"\0" in data else data


def from_os(data: bytes) -> str:
    """A path or name from the kernel for an answer; what is not UTF-8 shows as U+FFFD, as the C agent answers."""
    return data.decode("utf-8", "replace")
