from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker import answers
from guestwire.broker.audit import AuditLog, tail, verify
from guestwire.broker.audit.log import numbered
from guestwire.broker.principal import HOST, Principal
from guestwire.errors import StartError
from guestwire.wire.messages import Request

ALICE = Principal(uid=1000, pid=7)


def call(log: AuditLog, name: str = "guest-ping", guest: str = "web1", **arguments: Any) -> None:
    log.call(ALICE, guest, Request(name, arguments or None), answers.NOTHING, 0.0015)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_one_line_a_call(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    log = AuditLog(path)
    call(log, "guest-set-user-password", username="root", password="c2VjcmV0")
    log.call(HOST, "db", Request("guest-shutdown", None), None, 0.0)
    log.call(ALICE, "db", Request("guest-fstrim", None), answers.refusal("no\nway"), 1.0)
    log.close()
    begin, password, shutdown, trim, end = records(path)
    assert (begin["kind"], end["kind"]) == ("begin", "end")
    assert password["who"] == {"uid": 1000, "pid": 7}
    assert password["arguments"] == {"username": "root", "password": {"removed": 8}}
    assert (password["guest"], password["result"], password["ms"]) == ("web1", "ok", 1.5)
    assert (shutdown["who"], shutdown["result"]) == ({"name": "host"}, "ok")
    assert (trim["result"], trim["class"], trim["desc"]) == ("error", "GenericError", "no\nway")
    assert "secret" not in path.read_text()
    assert "c2Vj" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert verify(path).broken is None


def test_a_long_content_s_size_is_kept(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit")
    write = Request("guest-file-write", {"handle": 3, "buf-b64": ""}, streamed="buf-b64")
    log.call(ALICE, "web1", write, answers.NOTHING, 0, long=65536)
    log.close()
    assert records(tmp_path / "audit")[1]["arguments"] == {"handle": 3, "buf-b64": {"removed": 65536}}


def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    for _ in range(3):
        log = AuditLog(path)
        call(log)
        log.close()
    assert verify(path).lines == 9
    assert [each["n"] for each in records(path)] == list(range(1, 10))


def test_half_a_line_of_a_crash_is_dropped_and_said(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    AuditLog(path).close()
    with path.open("ab") as file:
        file.write(b'{"n":3,"time"')
    AuditLog(path).close()
    assert records(path)[2]["dropped"] == 13
    assert verify(path).broken is None


def test_a_file_that_is_no_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_text("hello\n")
    with pytest.raises(StartError, match="move the file away"):
        AuditLog(path)
    assert path.read_text() == "hello\n"


def test_a_link_is_not_followed_and_trouble_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for path in (tmp_path / "link", tmp_path / "none" / "audit"):
        with pytest.raises(StartError, match=str(path)):
            AuditLog(path)


def test_two_brokers_do_not_write_one_file(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit")
    with pytest.raises(StartError, match="another broker"):
        AuditLog(tmp_path / "audit")
    log.close()


def test_the_chain_goes_on_in_the_next_file(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    log = AuditLog(path, limit=2000)
    for number in range(40):
        call(log, guest=f"web{number}")
    log.close()
    older = [each for each in (numbered(path, number) for number in range(1, 9)) if each.exists()]
    assert len(older) >= 2
    assert all(verify(each).broken is None for each in (path, *older))
    assert [each["guest"] for each in tail(path, limit=3)] == ["web39", "web38", "web37"]
    assert len(tail(path, limit=1000)) == 40
    assert [each["guest"] for each in tail(path, guest="web2")] == ["web2"]
    lines = older[0].read_bytes().splitlines(keepends=True)
    older[0].write_bytes(b"".join(lines[:-1]))
    assert verify(path).why == "it does not follow the last line of audit.1"


@pytest.mark.parametrize("partly", [True, False])
def test_a_full_disk_is_survived_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partly: bool
) -> None:
    path = tmp_path / "audit"
    log = AuditLog(path)
    write = os.write

    def full(file: int, data: bytes) -> int:
        if partly:
            return write(file, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("guestwire.broker.audit.log.os.write", full)
        call(log)
        call(log)
        assert (log.lost, "No space left" in log.trouble) == (2, True)
    call(log)
    assert (log.lost, log.trouble) == (0, "")
    log.close()
    assert [each.get("count") for each in records(path) if each.get("kind") == "lost"] == [2]
    assert verify(path).broken is None


async def test_lines_reach_the_disk_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr("guestwire.broker.audit.log._SYNC", 0.001)
    synced = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(
        "guestwire.broker.audit.log.os.fdatasync", lambda file: loop.call_soon_threadsafe(synced.set)
    )
    log = AuditLog(tmp_path / "audit")
    call(log)
    async with asyncio.timeout(20):
        await synced.wait()
    log.close()
