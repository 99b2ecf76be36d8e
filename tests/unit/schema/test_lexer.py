from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.errors import SchemaError
from guestwire.schema.lexer import DOC, END, STRING, WORD, tokens


def read(text: str) -> list[tuple[str, object, int]]:
    return [(token.kind, token.value, token.line) for token in tokens(text, "x.json")]


def test_punctuation_strings_and_words() -> None:
    assert read("{ 'a': [ true,\nfalse ] }") == [
        ("{", "{", 1), (STRING, "a", 1), (":", ":", 1), ("[", "[", 1), (WORD, True, 1), (",", ",", 1),
        (WORD, False, 2), ("]", "]", 2), ("}", "}", 2), (END, None, 2),
    ]  # fmt: skip


def test_comments_are_left_out() -> None:
    assert read("# one\n'a' # two\n  # three") == [(STRING, "a", 2), (END, None, 3)]


def test_a_documentation_comment_is_one_token() -> None:
    text = "##\n# @a:\n#\n#  indented\n##\n'b'"
    assert read(text) == [(DOC, ["@a:", "", " indented"], 1), (STRING, "b", 6), (END, None, 6)]


def test_lines_are_counted_after_documentation() -> None:
    assert read("##\n# a\n##\n\n##\n# b\n##\n'c'")[2] == (STRING, "c", 8)


def test_documentation_may_hold_a_blank_line() -> None:
    (block, *_) = tokens("##\n# a\n\n# b\n##\n", "x.json")
    assert (block.value, block.fault) == (["a", "", "b"], None)


@pytest.mark.parametrize(
    ("text", "line"),
    [("##\n# a\n'b'", 1), ("##", 1), ("\n##\n# a", 2), ("##\n#a\n##", 2), ("## a\n##", 1)],
    ids=["code inside", "nothing more", "no end", "no space", "junk"],
)
def test_a_fault_in_documentation_is_kept_with_it(text: str, line: int) -> None:
    fault = next(tokens(text, "x.json")).fault
    assert fault is not None
    assert fault.line == line


def test_two_hashes_behind_code_are_a_comment() -> None:
    assert read("'a' ## b\n'c'") == [(STRING, "a", 1), (STRING, "c", 2), (END, None, 2)]


def test_carriage_returns_are_blanks() -> None:
    assert read("##\r\n# a\r\n##\r\n'b'\r\n") == [(DOC, ["a"], 1), (STRING, "b", 4), (END, None, 5)]


def test_tokens_name_themselves() -> None:
    assert [str(token) for token in tokens("{ 'a' true", "x.json")] == [
        "{",
        "'a'",
        "true",
        "the end of the file",
    ]


@given(st.text(alphabet="{}[]:,'#\n truefals\\\"ä\x00", max_size=60))
def test_any_text_gives_tokens_or_an_error_with_its_line(text: str) -> None:
    last = text.count("\n") + 1
    try:
        found = list(tokens(text, "x.json"))
    except SchemaError as error:
        line = error.line
    else:
        assert found[-1].kind == END
        line = found[-1].line
    assert 1 <= line <= last
