from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.broker import answers
from guestwire.broker.audit import AuditLog, tail, verify
from guestwire.broker.principal import HOST
from guestwire.wire.messages import Request


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "audit"
    log = AuditLog(path)
    for number in range(10):
        log.call(HOST, f"web{number}", Request("guest-ping", None), answers.NOTHING, 0)
    log.close()
    return path


def changed(path: Path, lines: list[bytes]) -> tuple[int | None, str]:
    path.write_bytes(b"".join(lines))
    verdict = verify(path)
    return verdict.broken, verdict.why


def test_the_first_broken_line_is_named(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    edited = [*lines[:4], lines[4].replace(b"web3", b"web9"), *lines[5:]]
    assert changed(path, edited) == (5, "its hash does not fit: this line or one before was changed")
    assert changed(path, lines[:4] + lines[5:])[0] == 5
    assert changed(path, [*lines[:4], lines[5], lines[4], *lines[6:]])[0] == 5
    assert changed(path, [*lines[:3], lines[3], *lines[3:]])[0] == 5
    assert changed(path, lines[1:])[0] == 1
    assert changed(path, [*lines, b"junk\n"]) == (13, "it is no whole record")
    assert changed(path, [*lines[:-1], lines[-1][:-1]])[0] == 12
    assert changed(path, [*lines[:2], b"[1]\n"])[0] == 3
    assert changed(path, lines) == (None, "")


def test_numbers_that_jump_are_seen(path: Path) -> None:
    from guestwire.broker.audit.chain import START, seal

    first, digest = seal({"n": 1}, START)
    assert changed(path, [first, seal({"n": 3}, digest)[0]]) == (
        2,
        "its number is not the next one: lines are missing",
    )
    assert changed(path, [seal({"n": "x", "kind": "continued", "before": 3}, "3")[0]])[0] is not None


def test_an_empty_log_is_whole(path: Path) -> None:
    assert changed(path, []) == (None, "")


def test_the_last_calls_are_found_and_junk_is_passed_over(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\xff\n[]\n{}\n")
    assert [each["guest"] for each in tail(path, limit=2)] == ["web9", "web8"]
    assert tail(path, guest="none") == []
    assert tail(path.with_name("missing")) == []
