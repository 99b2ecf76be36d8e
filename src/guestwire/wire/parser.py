"""Tokens to values of QEMU's JSON dialect: a push parser that never recurses.

Each token is given to `push()`. It returns PENDING, or a `(value,)` when a whole value is there; it raises
`DialectError` at the token that is wrong. After an error the brackets are still counted, and tokens are thrown
away until they balance (QEMU 11); what follows is parsed afresh.
"""

from __future__ import annotations

from guestwire.wire import dialect
from guestwire.wire.dialect import DialectError
from guestwire.wire.lexer import ERROR, KEYWORD, NUMBER, STRING, TOO_LONG

PENDING = None

# What a container waits for.
_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _COMMA = range(6)


class _Frame:
    """One open container: `key` is the key whose value is awaited."""

    __slots__ = ("container", "key", "wants")

    def __init__(self, container: dict[str, object] | list[object], wants: int) -> None:
        self.container = container
        self.key = ""
        self.wants = wants


class Parser:
    """`stack` is open to a reader that wants to know where in a request the next string would stand."""

    def __init__(self) -> None:
        self.stack: list[_Frame] = []
        self._tokens = 0
        self._bytes = 0
        self._braces = 0
        self._brackets = 0
        self._discarding = False

    @property
    def idle(self) -> bool:
        """True between two values."""
        return not (self._braces or self._brackets)

    def reset(self) -> None:
        """Forget the value in hand, as after an error in the lexer."""
        self.stack.clear()
        self._tokens = self._bytes = self._braces = self._brackets = 0
        self._discarding = False

    def push(self, kind: int, token: bytes) -> tuple[object] | None:
        """Take one token; see the module's text for what comes back."""
        if kind >= ERROR:
            self.reset()
            if kind == TOO_LONG:
                raise DialectError(dialect.TOKEN_SIZE)
            raise DialectError(f"JSON parse error, stray '{dialect.printable(token)}'")
        self._count(token)
        open_ended = (self._braces > 0 or self._brackets > 0) and self._braces >= 0 and self._brackets >= 0
        try:
            if self._discarding:
                return PENDING
            self._limits(token)
            return self._value(self._step(kind, token))
        except DialectError as error:
            self._discarding = True
            self.stack.clear()
            text = str(error)
            raise DialectError(text if text.startswith("JSON") else f"JSON parse error, {text}") from None
        finally:
            if not open_ended:
                self.reset()

    def path(self) -> tuple[str, ...] | None:
        """The keys down to the value that is awaited now, or None when no member's value is."""
        if not self.stack or self.stack[-1].wants != _VALUE:
            return None
        return tuple(frame.key for frame in self.stack)

    def _count(self, token: bytes) -> None:
        if token == b"{":
            self._braces += 1
        elif token == b"}":
            self._braces -= 1
        elif token == b"[":
            self._brackets += 1
        elif token == b"]":
            self._brackets -= 1

    def _limits(self, token: bytes) -> None:
        self._tokens += 1
        self._bytes += len(token)
        if self._bytes >= dialect.MAX_TOKEN_BYTES:
            raise DialectError(dialect.TOKEN_SIZE)
        if self._tokens > dialect.MAX_TOKENS:
            raise DialectError(dialect.TOKEN_COUNT)
        if self._braces + self._brackets > dialect.MAX_NESTING:
            raise DialectError(dialect.NESTING)

    def _step(self, kind: int, token: bytes) -> object:
        """Apply one token; the value it completes, or PENDING's stand-in `_Frame`."""
        frame = self.stack[-1] if self.stack else None
        wants = frame.wants if frame else _VALUE
        if frame and wants == _COMMA:
            return self._after_value(frame, token)
        if frame and wants in (_KEY, _FIRST_KEY):
            return self._key(frame, kind, token)
        if frame and wants == _COLON:
            if token != b":":
                raise DialectError(dialect.EXPECTING_COLON)
            frame.wants = _VALUE
            return frame
        if frame and wants == _FIRST_VALUE and token == b"]":
            return self._close()
        return self._start(kind, token)

    def _start(self, kind: int, token: bytes) -> object:
        if kind == STRING:
            return dialect.string(token[1:-1])
        if kind == NUMBER:
            return dialect.number(token)
        if kind == KEYWORD:
            return dialect.keyword(token)
        if token == b"{":
            self.stack.append(_Frame({}, _FIRST_KEY))
        elif token == b"[":
            self.stack.append(_Frame([], _FIRST_VALUE))
        else:
            raise DialectError(dialect.EXPECTING_VALUE)
        return self.stack[-1]

    def _key(self, frame: _Frame, kind: int, token: bytes) -> object:
        if token == b"}" and frame.wants == _FIRST_KEY:
            return self._close()
        if kind != STRING:
            raise DialectError(dialect.EXPECTING_KEY)
        frame.key = dialect.string(token[1:-1])
        frame.wants = _COLON
        return frame

    def _after_value(self, frame: _Frame, token: bytes) -> object:
        is_object = isinstance(frame.container, dict)
        if token == (b"}" if is_object else b"]"):
            return self._close()
        if token != b",":
            raise DialectError(dialect.EXPECTED_IN_OBJECT if is_object else dialect.EXPECTED_IN_ARRAY)
        frame.wants = _KEY if is_object else _VALUE
        return frame

    def _close(self) -> object:
        return self.stack.pop().container

    def _value(self, value: object) -> tuple[object] | None:
        """Put a completed value where it belongs; `(value,)` when it is the outermost one."""
        if isinstance(value, _Frame):
            return PENDING
        if not self.stack:
            return (value,)
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
        elif frame.key in frame.container:
            raise DialectError(dialect.DUPLICATE_KEY)
        else:
            frame.container[frame.key] = value
        frame.wants = _COMMA
        return PENDING
