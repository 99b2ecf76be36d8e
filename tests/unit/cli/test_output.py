"""Documents for people and for programs."""

from __future__ import annotations

import io
import json

import pytest

from guestwire.cli.output import (
    LONGEST_LINE,
    Column,
    Pairs,
    Styled,
    Table,
    Text,
    bytes_column,
    complain,
    count_column,
    draw,
    human_bytes,
    human_seconds,
    percent,
    print_json,
)


def drawn(document: object) -> str:
    stream = io.StringIO()
    draw(document, stream)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (102400, "100 KiB"),
        (10**9, "954 MiB"),
        (2**40, "1.0 TiB"),
        (-2048, "-2.0 KiB"),
        (2**70, "1048576 PiB"),
    ],
)
def test_bytes_for_people(count: int, text: str) -> None:
    assert human_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "0.25s"),
        (59, "59s"),
        (60, "1m 0s"),
        (3661, "1h 1m"),
        (93784, "1d 2h"),
        (-90, "-1m 30s"),
    ],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert human_seconds(seconds) == text


def test_shares_for_people() -> None:
    assert percent(0.874) == "87%"


def test_a_table() -> None:
    table = Table(
        ["mounted on", bytes_column("size"), Column("used", percent, right=True), count_column("inodes")],
        [("/", 1 << 30, Styled(0.95, "red"), 7), ("/srv/\x1b[2Jdata", None, None, 123456)],
    )
    assert drawn(table) == (
        "mounted on           size  used  inodes\n"
        "/                 1.0 GiB   95%       7\n"
        "/srv/\\x1b[2Jdata        -     -  123456\n"
    )


def test_a_table_without_rows_says_so() -> None:
    assert drawn(Table(["a"], [], empty="no filesystems")) == "no filesystems\n"


def test_a_long_row_stays_one_line_where_there_is_no_terminal() -> None:
    assert drawn(Table(["a", "b"], [("x" * 500, "y")])).count("\n") == 2


def test_pairs() -> None:
    assert drawn(Pairs([("host name", "web1\n"), ("left out", None), ("os", "Debian")])) == (
        "host name  web1\\x0a\nos         Debian\n"
    )


def test_lines_and_texts_and_several_documents() -> None:
    assert (
        drawn(["one\n", Text("two\nthree"), Text(""), None, Text("four\n")]) == "one\\x0a\ntwo\nthree\nfour\n"
    )


def test_json_is_valid_clean_and_on_one_line_if_wanted() -> None:
    stream = io.StringIO()
    value = {"name": "a\x1b\u202e", "data": b"\0"}
    print_json(value, stream=stream)
    print_json(value, indent=0, stream=stream)
    text = stream.getvalue()
    assert text.endswith('\n{"name":"a\\u001b\\u202e","data":"AA=="}\n')
    assert json.loads(text.rpartition("\n{")[0]) == {"name": "a\x1b\u202e", "data": "AA=="}


def test_floods_are_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    complain("x" * 10_000_000)
    assert capsys.readouterr().err == "guestwire: " + "x" * LONGEST_LINE + "…\n"
    assert drawn("\x1b" * 10_000_000) == "\\x1b" * LONGEST_LINE + "…\n"
    text = drawn(Table(["a"], [("y" * 100_000,)] + [(1,)] * 10_000))
    assert len(text) < 20_000
    assert text.endswith("… and 8001 rows more; --json has all of them\n")
