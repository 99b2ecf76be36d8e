from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.agent import keyfile
from guestwire.errors import ConfigError


def read(text: str) -> keyfile.KeyFile:
    return keyfile.parse(text.encode("utf-8", "surrogateescape"), "f.conf")


def test_texts_keep_trailing_blanks_and_lose_leading_ones() -> None:
    assert read("[general]\n  path  = \t/a b \r\n").text("general", "path") == "/a b "


def test_comments_and_empty_lines() -> None:
    file = read("# first\n\n[general]\n  # second\n\npath=/x#y\n")
    assert file.text("general", "path") == "/x#y"


def test_other_groups_and_locales_are_apart() -> None:
    file = read("[other]\npath=1\n[general]\npath[de]=2\nke y=3\n")
    assert file.text("general", "path") is None
    assert file.text("other", "path") == "1"
    assert file.text("general", "ke y") == "3"
    assert file.boolean("general", "path") is None
    assert file.integer("general", "path") is None


def test_the_last_value_wins_and_groups_may_return() -> None:
    file = read("[a]\nx=1\n[b]\nx=5\n[a]\nx=2\n")
    assert file.integer("a", "x") == 2
    assert file.line("a", "x") == 6


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"\sa\tb\nc\rd", " a\tb\nc\rd"),
        (r"a\\b", "a\\b"),
        (r"a\\", "a\\"),
        (r"\\\\s", "\\\\s"),
        (r"\\\s", "\\ "),
        ("", ""),
        ("é", "é"),
    ],
)
def test_escapes(raw: str, text: str) -> None:
    assert read(f"[g]\nk={raw}\n").text("g", "k") == text


@pytest.mark.parametrize("raw", ["a\\xb", "a\\", "a\\\\\\", "a\\,b"])
def test_bad_escapes(raw: str) -> None:
    with pytest.raises(ConfigError, match=r"f.conf: line 2: 'k' has a backslash"):
        read(f"[g]\nk={raw}\n").text("g", "k")


def test_bad_utf8_in_a_value() -> None:
    file = keyfile.parse(b"[g]\nk=\xff\n", "f.conf")
    with pytest.raises(ConfigError, match="line 2: the value of 'k' is not UTF-8"):
        file.text("g", "k")


@pytest.mark.parametrize(
    ("raw", "value"), [("true", True), ("1", True), ("false  ", False), ("0", False), (" true", True)]
)
def test_booleans(raw: str, value: bool) -> None:
    assert read(f"[g]\nk={raw}").boolean("g", "k") is value


@pytest.mark.parametrize("raw", ["yes", "TRUE", "", "true # c", "01"])
def test_bad_booleans(raw: str) -> None:
    with pytest.raises(ConfigError, match=r"f.conf: line 2: 'k' is '.*': use true, false, 1 or 0"):
        read(f"[g]\nk={raw}").boolean("g", "k")


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1000", 1000), ("-5 ", -5), ("+7", 7), ("2147483647", 2**31 - 1), ("-2147483648", -(2**31))],
)
def test_integers(raw: str, value: int) -> None:
    assert read(f"[g]\nk={raw}").integer("g", "k") == value


@pytest.mark.parametrize("raw", ["", "x", "1x", "2147483648", "-2147483649", "9" * 5000, "-", "1.0", "٣"])
def test_bad_integers(raw: str) -> None:
    with pytest.raises(ConfigError, match="use a number of 32 bits"):
        read(f"[g]\nk={raw}").integer("g", "k")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[g]\njunk\n", "f.conf: line 2: 'junk' is not a group, key=value pair or comment"),
        ("daemon=1\n", "f.conf: line 1: 'daemon' stands before the first [group]"),
        ("[gen\nx=1", "f.conf: line 1: '[gen' is not a group, key=value pair or comment"),
        ("[]\n", "f.conf: line 1: '' is not a group's name"),
        ("[a[b]\n", "f.conf: line 1: 'a[b' is not a group's name"),
        ("[a]b\n", "f.conf: line 1: '[a]b' is not a group, key=value pair or comment"),
        ("[a\x01b]\n", "f.conf: line 1: 'a\\x01b' is not a group's name"),
        ("[g]\n=x\n", "f.conf: line 2: '=x' is not a group, key=value pair or comment"),
        ("[g]\n  =x\n", "f.conf: line 2: '=x' is not a group, key=value pair or comment"),
        ("[g]\na[=x\n", "f.conf: line 2: 'a[' is not a key's name"),
        ("[g]\na]=x\n", "f.conf: line 2: 'a]' is not a key's name"),
        ("[g]\na[]=x\n", "f.conf: line 2: 'a[]' is not a key's name"),
        ("[g]\na[b]c=x\n", "f.conf: line 2: 'a[b]c' is not a key's name"),
        (
            "[g]\n" + "x" * 100,
            "f.conf: line 2: '" + "x" * 60 + "...' is not a group, key=value pair or comment",
        ),
    ],
)
def test_faults_of_form(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == message


def test_blanks_behind_a_group() -> None:
    assert read("[g] \t\nx=1").integer("g", "x") == 1


def test_writing_escapes_leading_blanks_only() -> None:
    assert keyfile.escape(" \ta\tb \\ \n\r") == "\\s\\ta\tb \\\\ \\n\\r"


@given(
    st.text(st.characters(exclude_categories=["Cs"])).filter(
        lambda text: not text.lstrip(" \t").startswith("\f")
    )
)
def test_what_is_written_reads_back(text: str) -> None:
    assert read(f"[g]\nk={keyfile.escape(text)}\n").text("g", "k") == text


@given(st.binary())
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    message = ""
    try:
        file = keyfile.parse(data, "f.conf")
        file.text("general", "k")
    except ConfigError as error:
        message = str(error)
    assert "\n" not in message
