"""QAPI schema files to expressions, with their includes and pragmas."""

from __future__ import annotations

import os

from guestwire.errors import SchemaError
from guestwire.schema.doc import Doc
from guestwire.schema.lexer import DOC, END, STRING, WORD, Token, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BOOLEAN_PRAGMAS = ("doc-required",)
_LIST_PRAGMAS = (
    "command-name-exceptions",
    "command-returns-exceptions",
    "documentation-exceptions",
    "member-name-exceptions",
    # names of earlier versions
    "name-case-whitelist",
    "returns-whitelist",
)


class Expression:
    """One top-level object: `keys` as written, where it stands, and its documentation if it has any."""

    __slots__ = ("doc", "file", "keys", "line")

    def __init__(self, keys: dict[str, Any], file: str, line: int, doc: Doc | None) -> None:
        self.keys = keys
        self.file = file
        self.line = line
        self.doc = doc

    def error(self, message: str) -> SchemaError:
        """A fault of this expression."""
        return SchemaError(self.file, self.line, message)


class Source:
    """What a file and its includes hold. `pragmas` are the union over the files."""

    def __init__(self) -> None:
        self.expressions: list[Expression] = []
        self.free_docs: list[Doc] = []
        self.doc_required = False
        self.pragmas: dict[str, set[str]] = {name: set() for name in _LIST_PRAGMAS}
        self._read: set[str] = set()

    def read(self, path: str, text: str | None = None, include_line: tuple[str, int] | None = None) -> Source:
        """Parse a file (or `text` in its name), and what it includes; a file that was read already adds nothing."""
        real = os.path.realpath(path)
        if real in self._read:
            return self
        self._read.add(real)
        if text is None:
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                place = include_line or (path, 1)
                raise SchemaError(*place, f"can't read schema file '{path}': {reason}") from None
        _FileParser(self, path, text).parse()
        return self


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
            keys = self._object()
            self._expression(Expression(keys, self._path, line, self._doc))
        self._free_doc()

    def _expression(self, expression: Expression) -> None:
        keys = expression.keys
        if "include" in keys or "pragma" in keys:
            self._free_doc()
            directive = "include" if "include" in keys else "pragma"
            if len(keys) != 1:
                raise expression.error(f"invalid '{directive}' directive")
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
        self._source.read(path, include_line=(self._path, expression.line))

    def _pragma(self, pragma: Any, expression: Expression) -> None:
        if not isinstance(pragma, dict):
            raise expression.error("value of 'pragma' must be an object")
        for name, value in pragma.items():
            if name in _BOOLEAN_PRAGMAS:
                if not isinstance(value, bool):
                    raise expression.error(f"pragma '{name}' must be boolean")
                self._source.doc_required = self._source.doc_required or value
            elif name in _LIST_PRAGMAS:
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise expression.error(f"pragma {name} must be a list of strings")
                self._source.pragmas[name].update(value)
            else:
                raise expression.error(f"unknown pragma '{name}'")

    def _keep_doc(self) -> None:
        self._free_doc()
        token = self._next()
        assert isinstance(token.value, list)
        self._doc = Doc(token.value, self._path, token.line)

    def _free_doc(self) -> None:
        if self._doc is None:
            return
        if self._doc.symbol is not None:
            message = f"documentation for '{self._doc.symbol}' is not followed by the definition"
            raise SchemaError(self._path, self._doc.line, message)
        self._source.free_docs.append(self._doc)
        self._doc = None

    def _next(self) -> Token:
        token = self._token
        if token.kind != END:
            self._token = next(self._tokens)
        return token

    def _fault(self, message: str) -> SchemaError:
        return SchemaError(self._path, self._token.line, message)

    def _object(self) -> dict[str, Any]:
        self._next()
        members: dict[str, Any] = {}
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
            self._next()
            if self._token.kind != ":":
                raise self._fault(f"expected ':', found {self._token}")
            self._next()
            members[key] = self._value()
            if not self._more("}"):
                return members

    def _array(self) -> list[Any]:
        self._next()
        items: list[Any] = []
        if self._token.kind == "]":
            self._next()
            return items
        while True:
            items.append(self._value())
            if not self._more("]"):
                return items

    def _more(self, closing: str) -> bool:
        """After an item: True for a comma, False for the closing bracket."""
        token = self._token
        if token.kind not in (",", closing):
            raise self._fault(f"expected ',' or '{closing}', found {token}")
        self._next()
        return token.kind == ","

    def _value(self) -> Any:
        token = self._token
        if token.kind == "{":
            return self._object()
        if token.kind == "[":
            return self._array()
        if token.kind in (STRING, WORD):
            return self._next().value
        raise self._fault(f"expected '{{', '[', string, or boolean, found {token}")
