"""What stands in the cells."""

from __future__ import annotations

import pytest

from guestwire.cli.top import cells
from guestwire.cli.top.cells import NARROW_COLUMNS, WIDE_COLUMNS, arranged, columns_for
from guestwire.web.shapes import Counts, Fullest, Row, Sparks


def row(name: str, **members: object) -> Row:
    known = {"id": name, "source": "", "state": "running", "up": True, "reason": None, "since": None}
    return Row(name=name, **{**known, "alerts": Counts(), **members})  # type: ignore[arg-type]


def cell(key: str, guest: Row) -> str:
    return next(column for column in WIDE_COLUMNS if column.key == key).cell(guest).plain


def test_sparks_leave_gaps() -> None:
    assert cells.spark([0.0, 0.5, None, 1.0], 6, 1.0) == "  ▁▄ █"
    assert cells.spark([], 3) == "   "
    assert cells.spark([None, 5.0, 10.0], 2) == "▄█"


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "-"), (0, "0"), (999, "999"), (1024, "1.0K"), (15 << 30, "15G"), (3 << 60, "3072P")],
)
def test_short_bytes(count: float | None, text: str) -> None:
    assert cells.short_bytes(count) == text


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({}, "up"),
        ({"up": False, "reason": "silent"}, "silent"),
        ({"up": None}, "unknown"),
        ({"state": "off", "up": None}, "off"),
        ({"frozen": True}, "frozen"),
        ({"up": False, "reason": "\x1b[2J"}, "\\x1b[2J"),
    ],
)
def test_the_state_in_a_word(members: dict[str, object], word: str) -> None:
    assert cells.state_of(row("g", **members)) == word
    assert cell("state", row("g", **members)) == word


def test_unknown_is_never_nought() -> None:
    bare = row("bare")
    assert cell("cpu", bare).strip() == "-"
    assert cell("memory", bare).strip() == "-"
    assert cell("filesystem", bare).strip() == "-"
    assert cell("network", bare) == "-"
    assert cell("uptime", bare) == "-"
    assert cell("load", bare) == "-"
    assert cell("address", bare) == "-"


def test_figures() -> None:
    full = row(
        "web1\x1b[31m",
        cpu_ratio=0.97,
        sparks=Sparks([0.1, 0.9], [], []),
        memory_total_bytes=100.0,
        memory_used_bytes=50.0,
        filesystem=Fullest("/var/\u202etmp", 0.99, 1.0, 0.0),
        receive_bytes_per_second=2048.0,
        alerts=Counts(1, 2, 3),
        uptime_seconds=93784.0,
        load1=1.5,
        addresses=["10.0.0.1"],
        os="Debian",
        agent="guestwire",
    )
    assert cell("name", full) == "web1\\x1b[31m"
    assert cell("cpu", full).endswith("▁█  97%")
    assert cell("memory", full).strip() == "50%"
    assert cell("filesystem", full) == " 99% /var/\\u202etmp"
    assert cell("network", full) == "2.0K/s"
    assert cell("alerts", full) == "1 2 3"
    assert cell("uptime", full) == "1d 2h"
    assert (cell("load", full), cell("address", full), cell("os", full)) == ("1.50", "10.0.0.1", "Debian")


@pytest.mark.parametrize(("share", "style"), [(None, "dim"), (0.1, ""), (0.9, "yellow"), (0.96, "bold red")])
def test_tints(share: float | None, style: str) -> None:
    assert cells.tint(share) == style


def test_eighty_columns_have_room() -> None:
    assert sum(column.width for column in NARROW_COLUMNS) <= 79
    assert columns_for(80) is NARROW_COLUMNS
    assert columns_for(200) is WIDE_COLUMNS


def test_order_and_search() -> None:
    rows = [row("b", cpu_ratio=0.5), row("a"), row("c", cpu_ratio=0.9, labels={"team": "db"})]
    cpu = next(column for column in NARROW_COLUMNS if column.key == "cpu")
    assert [x.name for x in arranged(rows, cpu, True, "")] == ["c", "b", "a"]
    assert [x.name for x in arranged(rows, cpu, False, "")] == ["b", "c", "a"]
    assert [x.name for x in arranged(rows, cpu, False, "TEAM=db up")] == ["c"]
    assert arranged(rows, cpu, False, "nothing such") == []
