from __future__ import annotations

import pytest

from guestwire.broker.audit.chain import START, hash_of, record_of, seal, split


def test_a_line_carries_its_hash() -> None:
    line, digest = seal({"n": 1, "desc": ',"hash":"' + "0" * 64}, START)
    parts = split(line.rstrip(b"\n"))
    assert parts is not None
    assert parts[1] == digest == hash_of(parts[0], START)
    assert (record_of(line) or {})["hash"] == digest


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"n":1,"hash":"abc"}', b'{"n":1,"hash":"' + b"!" * 64 + b'"}']
)
def test_what_is_no_line(line: bytes) -> None:
    assert split(line) is None


@pytest.mark.parametrize("line", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_record(line: bytes) -> None:
    assert record_of(line) is None
