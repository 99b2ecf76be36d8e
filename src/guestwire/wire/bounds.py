"""How deep and how crowded an answer may be before a JSON decoder gets to see it.

The limits are those that QEMU's own parser sets on a request. Small answers
cannot break them and are never looked at; big ones are measured by C-speed operations on bytes, without a parse.
"""

from __future__ import annotations

from guestwire.wire.dialect import MAX_NESTING, MAX_TOKENS

_KEEP = b'"[]{}'
_DROP = bytes(byte for byte in range(256) if byte not in _KEEP)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_ROUNDS = 8


def trouble(line: bytes) -> str | None:
    """Say what bound `line` breaks, or None. Costs nothing for an answer of up to 1024 bytes."""
    if len(line) <= MAX_NESTING:
        return None
    if not _crowded(line):
        return None
    if len(line) > MAX_TOKENS and sum(map(line.count, (b"[", b"{", b","))) > MAX_TOKENS:
        return f"an answer of more than {MAX_TOKENS} values"
    if _too_deep(line):
        return f"an answer nested deeper than {MAX_NESTING}"
    return None


def _crowded(line: bytes) -> bool:
    """Whether there are more opening brackets than may be nested. Jumping from one to the next is far quicker than
    counting bytes where they are rare, as in the base64 of a file.
    """
    found = 0
    for opener in (b"[", b"{"):
        at = line.find(opener)
        while at >= 0:
            found += 1
            if found > MAX_NESTING:
                return True
            at = line.find(opener, at + 1)
    return False


def _too_deep(line: bytes) -> bool:
    brackets = b"".join(
        line.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _DROP).split(b'"')[::2]
    )
    removed = 0
    while removed < _ROUNDS and len(brackets) > MAX_NESTING:
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")  # peels the innermost values off
        removed += 1
    if len(brackets) <= MAX_NESTING:
        return False
    depth = removed
    for byte in brackets:
        depth += _STEPS[byte]
        if depth > MAX_NESTING:
            return True
    return False
