"""Tokens to values."""

from __future__ import annotations

import pytest

from guestwire.wire import dialect
from guestwire.wire.dialect import MAX_NESTING, DialectError
from guestwire.wire.lexer import ERROR, NUMBER, PUNCTUATION, TOO_LONG, Lexer
from guestwire.wire.parser import Parser


def parse(text: bytes) -> list[object]:
    """Values and the texts of errors, in order."""
    lexer, parser = Lexer(), Parser()
    lexer.feed(text + b" ")
    told: list[object] = []
    while (token := lexer.next()) is not None:
        try:
            done = parser.push(*token)
        except DialectError as error:
            told.append(str(error))
            continue
        if done:
            told.append(done[0])
    assert parser.idle == (not parser.stack)
    return told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b"[]", []),
        (b'[1, "x", null, [true], {"a": {"b": []}}]', [1, "x", None, [True], {"a": {"b": []}}]),
        (b"'x'", "x"),
        (b"-3", -3),
    ],
)
def test_values(text: bytes, value: object) -> None:
    assert parse(text) == [value]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"}", "expecting value"),
        (b"[,1]", "expecting value"),
        (b"[1,]", "expecting value"),
        (b"{1:2}", "expecting key"),
        (b'{"a":1,}', "expecting key"),
        (b'{"a",1}', "expecting ':'"),
        (b'{"a":1;', None),
        (b'{"a":1]', "expected ',' or '}'"),
        (b"[1}", "expected ',' or ']'"),
        (b'{"a":1,"a":{}}', "duplicate key"),
        (b'["\\x"]', "invalid escape sequence in string"),
        (b"[nil]", "invalid keyword 'nil'"),
    ],
)
def test_errors(text: bytes, error: str | None) -> None:
    told = parse(text)
    assert told[0] == (f"JSON parse error, {error}" if error else "JSON parse error, stray ';'")


def test_after_an_error_all_is_thrown_away_until_the_brackets_balance() -> None:
    assert parse(b'{"a" 1, "b": [{}, 2]} 5') == ["JSON parse error, expecting ':'", 5]


def test_an_error_of_the_lexer_resets() -> None:
    parser = Parser()
    parser.push(PUNCTUATION, b"{")
    with pytest.raises(DialectError, match="stray '@'"):
        parser.push(ERROR, b"@")
    assert parser.idle
    with pytest.raises(DialectError, match=dialect.TOKEN_SIZE):
        parser.push(TOO_LONG, b"")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    [deepest] = parse(b"[" * MAX_NESTING + b"]" * MAX_NESTING)
    depth = 0
    while isinstance(deepest, list):
        depth += 1
        deepest = deepest[0] if deepest else None
    assert depth == MAX_NESTING
    assert parse(b"[" * (MAX_NESTING + 1) + b"]" * (MAX_NESTING + 1)) == [dialect.NESTING]
    monkeypatch.setattr(dialect, "MAX_TOKENS", 5)
    assert parse(b"[1,2,3]") == [dialect.TOKEN_COUNT]
    monkeypatch.setattr(dialect, "MAX_TOKENS", 100)
    monkeypatch.setattr(dialect, "MAX_TOKEN_BYTES", 5)
    assert parse(b'["long"]') == [dialect.TOKEN_SIZE]


def test_the_path_names_where_the_next_value_goes() -> None:
    parser = Parser()
    assert parser.path() is None
    lexer = Lexer()
    lexer.feed(b'{"arguments":{"buf":')
    while (token := lexer.next()) is not None:
        parser.push(*token)
    assert parser.path() == ("arguments", "buf")
    parser.push(NUMBER, b"1")
    assert parser.path() is None
