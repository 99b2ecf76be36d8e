"""QAPI schema files to expressions, with their includes and pragmas."""

from __future__ import annotations

import os

from guestwire.errors import SchemaError
from guestwire.schema.doc import Doc
from guestwire.schema.lexer import DOC, END, STRING, WORD, Token, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 64

_LIST_PRAGMAS = (
    "command-name-exceptions",
    "command-returns-exceptions",
    "documentation-exceptions",
    "member-name-exceptions",
)
# What QEMU called them before version 6.
_OLD_PRAGMAS = {
    "name-case-whitelist": "member-name-exceptions",
    "returns-whitelist": "command-returns-exceptions",
}


class Object(dict):  # type: ignore[type-arg]
    """A JSON object that knows the `line` it begins on, and the line of each key in `lines`."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Expression:
    """One top-level object: `keys` as written, where it stands, and its documentation if it has any."""

    __slots__ = ("doc", "file", "keys", "line")

    def __init__(self, keys: Object, file: str, line: int, doc: Doc | None) -> None:
        self.keys = keys
        self.file = file
        self.line = line
        self.doc = doc

    def error(self, message: str, line: int | None = None) -> SchemaError:
        """A fault of this expression, at one of its lines or its first."""
        return SchemaError(self.file, line or self.line, message)


class Source:
    """What files and their includes hold. `pragmas` are the union over the files.

    Faults in documentation count only where the pragma `doc-required` is in force: without it, a comment that is not
    documentation in today's form (as in QEMU before version 2.9) is an ordinary comment.
    """

    def __init__(self) -> None:
        self.expressions: list[Expression] = []
        self.free_docs: list[Doc] = []
        self.doc_required = False
        self.pragmas: dict[str, set[str]] = {name: set() for name in _LIST_PRAGMAS}
        self.files: dict[str, str] = {}  # real path to the path as it was named

    def read(self, path: str, text: str | None = None, includer: Expression | None = None) -> Source:
        """Parse a file (or `text` in its name), and what it includes; a file that was read already adds nothing."""
        real = os.path.realpath(path)
        if real in self.files:
            return self
        self.files[real] = path
        if text is None:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError) as error:
                reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is not UTF-8"
                message = f"cannot read schema file '{path}': {reason}"
                raise includer.error(message) if includer else SchemaError(path, 1, message) from None
        _FileParser(self, path, text).parse()
        return self

    def doc_fault(self, fault: SchemaError) -> None:
        """Raise a fault in documentation, if documentation is asked for."""
        if self.doc_required:
            raise fault


class _FileParser:
    """One file's descent through its tokens."""

    def __init__(self, source: Source, path: str, text: str) -> None:
        self._source = source
        self._path = path
        self._tokens = tokens(text, path)
        self._token = next(self._tokens)
        self._doc: Doc | None = None

    def parse(self) -> None:
        while self._token.kind != END:
            if self._token.kind == DOC:
                self._keep_doc()
                continue
            line = self._token.line
            if self._token.kind != "{":
                raise self._fault(f"expected '{{', found {self._token}")
            keys = self._object(0)
            self._expression(Expression(keys, self._path, line, self._doc))
        self._free_doc()

    def _expression(self, expression: Expression) -> None:
        keys = expression.keys
        if "include" in keys or "pragma" in keys:
            self._free_doc()
            directive = "include" if "include" in keys else "pragma"
            if len(keys) != 1:
                raise expression.error(f"'{directive}' stands alone in its object")
            getattr(self, f"_{directive}")(keys[directive], expression)
            return
        if self._doc and self._doc.symbol is None:
            self._free_doc()
            expression.doc = None
        self._doc = None
        self._source.expressions.append(expression)

    def _include(self, name: Any, expression: Expression) -> None:
        if not isinstance(name, str):
            raise expression.error("value of 'include' must be a string")
        path = os.path.join(os.path.dirname(self._path), name)
        if os.path.realpath(path) == os.path.realpath(self._path):
            raise expression.error(f"inclusion loop for '{name}'")
        self._source.read(path, includer=expression)

    def _pragma(self, pragma: Any, expression: Expression) -> None:
        if not isinstance(pragma, Object):
            raise expression.error("value of 'pragma' must be an object")
        for given, value in pragma.items():
            name, line = _OLD_PRAGMAS.get(given, given), pragma.lines[given]
            if name == "doc-required":
                if not isinstance(value, bool):
                    raise expression.error(f"pragma '{given}' must be true or false", line)
                self._source.doc_required = self._source.doc_required or value
            elif name in _LIST_PRAGMAS:
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise expression.error(f"pragma '{given}' must be a list of strings", line)
                self._source.pragmas[name].update(value)
            else:
                raise expression.error(f"unknown pragma '{given}'", line)

    def _keep_doc(self) -> None:
        self._free_doc()
        token = self._next()
        assert isinstance(token.value, list)
        try:
            if token.fault:
                raise token.fault
            self._doc = Doc(token.value, self._path, token.line)
        except SchemaError as fault:
            self._source.doc_fault(fault)

    def _free_doc(self) -> None:
        if self._doc is None:
            return
        if self._doc.symbol is not None:
            message = f"documentation for '{self._doc.symbol}' is not followed by its definition"
            self._source.doc_fault(SchemaError(self._path, self._doc.line, message))
        self._source.free_docs.append(self._doc)
        self._doc = None

    def _next(self) -> Token:
        token = self._token
        if token.kind != END:
            self._token = next(self._tokens)
        return token

    def _fault(self, message: str) -> SchemaError:
        return SchemaError(self._path, self._token.line, message)

    def _object(self, depth: int) -> Object:
        members = Object(self._next().line)
        if self._token.kind == "}":
            self._next()
            return members
        while True:
            if self._token.kind != STRING:
                expected = "string" if members else "string or '}'"
                raise self._fault(f"expected {expected}, found {self._token}")
            key = str(self._token.value)
            if key in members:
                raise self._fault(f"duplicate key '{key}'")
            members.lines[key] = self._next().line
            if self._token.kind != ":":
                raise self._fault(f"expected ':', found {self._token}")
            self._next()
            members[key] = self._value(depth + 1)
            if not self._more("}"):
                return members

    def _array(self, depth: int) -> list[Any]:
        self._next()
        items: list[Any] = []
        if self._token.kind == "]":
            self._next()
            return items
        while True:
            items.append(self._value(depth + 1))
            if not self._more("]"):
                return items

    def _more(self, closing: str) -> bool:
        """After an item: True for a comma, False for the closing bracket."""
        token = self._token
        if token.kind not in (",", closing):
            raise self._fault(f"expected ',' or '{closing}', found {token}")
        self._next()
        return token.kind == ","

    def _value(self, depth: int) -> Any:
        token = self._token
        if depth > MAX_DEPTH:
            raise self._fault(f"nested deeper than {MAX_DEPTH}")
        if token.kind == "{":
            return self._object(depth)
        if token.kind == "[":
            return self._array(depth)
        if token.kind in (STRING, WORD):
            return self._next().value
        raise self._fault(f"expected '{{', '[', string, or boolean, found {token}")
