import json

import pytest

from guestwire.broker import answers
from guestwire.broker.audit import AuditLog
from guestwire.broker.principal import Principal
from guestwire.wire.messages import Request


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "audit"
    log = AuditLog(path)
    log.call(
        Principal(uid=1000), "web1", Request("guest-exec", {"path": "/bin/x\x1b[31m"}), answers.NOTHING, 0.25
    )
    log.call(Principal(name="alice"), "db", Request("guest-ping", None), answers.refusal("no"), 0)
    log.close()
    return path


def test_a_whole_log(run, log):
    result = run("audit", "verify", str(log))
    assert result.status == 0
    last = json.loads(log.read_text().splitlines()[-1])["hash"]
    assert result.out == f"{log}: 4 lines, whole; last hash {last}\n"
    assert run("audit", "verify", str(log), "--last", last).status == 0
    assert json.loads(run("audit", "verify", str(log), "--json").out)["ok"] is True


def test_a_broken_log(run, log):
    result = run("audit", "verify", str(log), "--last", "0" * 64)
    assert result.status == 1
    assert "cut off" in result.err
    log.write_text(log.read_text().replace("web1", "web2"))
    result = run("audit", "verify", str(log))
    assert result.status == 1
    assert f"{log}: line 2: its hash does not fit" in result.err


def test_the_last_calls(run, log):
    out = run("audit", "show", str(log)).out
    assert "uid 1000" in out
    assert "alice" in out
    assert "\x1b[31m" not in out
    [call] = json.loads(run("audit", "show", str(log), "--guest", "db", "--json").out)
    assert call["desc"] == "no"


def test_a_file_that_is_not_there(run, tmp_path):
    result = run("audit", "verify", str(tmp_path / "none"))
    assert result.status == 2


def test_a_line_each_for_programs(run, log):
    lines = run("audit", "show", str(log), "--jsonl").out.splitlines()
    assert [json.loads(line)["guest"] for line in lines] == ["web1", "db"]
    (line,) = run("audit", "verify", str(log), "--jsonl").out.splitlines()
    assert json.loads(line)["lines"] == 4
