"""Bytes to tokens, with their places, however the bytes are cut."""

from __future__ import annotations

import pytest

from guestwire.wire.lexer import ERROR, KEYWORD, MAX_WORD_BYTES, NUMBER, PUNCTUATION, STRING, TOO_LONG, Lexer

Told = list[tuple[int, bytes, int, int]]


def lex(data: bytes, size: int) -> Told:
    lexer = Lexer()
    told: Told = []
    for at in range(0, len(data), size):
        lexer.feed(data[at : at + size])
        while (token := lexer.next()) is not None:
            told.append((*token, lexer.line, lexer.column))
    return told


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_tokens_and_their_places(size: int) -> None:
    data = b'{"a\\"b": -1.5e+3,\n  \'c\':true}0 '
    assert lex(data, size) == [
        (PUNCTUATION, b"{", 1, 1),
        (STRING, b'"a\\"b"', 1, 2),
        (PUNCTUATION, b":", 1, 8),
        (NUMBER, b"-1.5e+3", 1, 10),
        (PUNCTUATION, b",", 1, 17),
        (STRING, b"'c'", 2, 3),
        (PUNCTUATION, b":", 2, 6),
        (KEYWORD, b"true", 2, 7),
        (PUNCTUATION, b"}", 2, 11),
        (NUMBER, b"0", 2, 12),
    ]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (b"@abc{", [b"@"]),
        (b"-x]", [b"-x"]),
        (b"1.}", [b"1.}"]),
        (b"1e+}", [b"1e+}"]),
        (b"007]", [b"00"]),
        (b'"a\nb"\n', [b'"a\n']),
        (b'"\xff{', [b'"\xff']),
        (b"\xff\xfe", [b"\xff", b"\xfe"]),
        (b"T\n", [b"T"]),
    ],
)
def test_errors_end_what_is_open(data: bytes, errors: list[bytes], size: int) -> None:
    assert [token for kind, token, *_ in lex(data, size) if kind == ERROR] == errors


def test_long_runs_are_taken_in_windows() -> None:
    assert lex(b" " * 9000 + b"\n" * 9000 + b"1" * 9000 + b" ", 100000) == [(NUMBER, b"1" * 9000, 9001, 1)]
    assert lex(b"@" + b"x" * 20000 + b"\n[", 100000)[-1] == (PUNCTUATION, b"[", 2, 1)


def test_words_are_bounded() -> None:
    assert lex(b"9" * (MAX_WORD_BYTES + 10), 1 << 20)[0][0] == TOO_LONG
    assert lex(b"a" * (MAX_WORD_BYTES + 10), 1 << 20)[0][0] == TOO_LONG


def test_an_open_string_can_be_taken_away() -> None:
    lexer = Lexer()
    lexer.feed(b'{"abc')
    lexer.next()
    assert lexer.next() is None
    assert lexer.open_string()
    assert lexer.take_open_string() == b"abc"
    lexer.pass_over(4)
    lexer.feed(b"@")
    assert lexer.next() == (ERROR, b"@")
    assert lexer.column == 7


def test_a_single_quoted_string_is_not_offered() -> None:
    lexer = Lexer()
    lexer.feed(b"'abc")
    assert lexer.next() is None
    assert not lexer.open_string()


def test_reset_forgets_but_counts_on() -> None:
    lexer = Lexer()
    lexer.feed(b'\n"abc')
    assert lexer.next() is None
    lexer.reset()
    assert lexer.idle
    lexer.feed(b"[")
    assert lexer.next() == (PUNCTUATION, b"[")
    assert (lexer.line, lexer.column) == (2, 5)


def test_recovery_to_the_next_object() -> None:
    lexer = Lexer()
    lexer.recover(to_object=True)
    lexer.feed(b'],:"\n\n@{')
    assert lexer.next() == (PUNCTUATION, b"{")
    assert lexer.line == 3
