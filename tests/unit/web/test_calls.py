import pytest

from guestwire.broker.answers import refusal
from guestwire.broker.audit import AuditLog
from guestwire.broker.principal import Principal
from guestwire.wire.messages import Request
from tests.unit.web.conftest import HOSTILE


@pytest.fixture
def audit(site, tmp_path):
    log = AuditLog(tmp_path / "audit.log")
    alice, root = Principal(name="alice"), Principal(uid=0)
    log.call(
        alice, "web1", Request("guest-exec", {"path": "/bin/true", "env": ["SECRET=x"]}, None), None, 0.25
    )
    denied = refusal(
        "Command guest-shutdown has been disabled: it is denied by the broker's policy", "CommandNotFound"
    )
    log.call(root, "web1", Request("guest-shutdown", {}, None), denied, 0.0)
    log.call(alice, "db1", Request("guest-set-user-password", {"username": HOSTILE}, None), None, 0.1)
    site.audit = tmp_path / "audit.log"
    yield log
    log.close()


async def test_who_did_what(client, audit):
    told = await (await client.get("/api/v1/guests/web1/calls")).json()
    newest, oldest = told["calls"]
    assert (newest["who"], newest["command"], newest["outcome"]) == ("uid 0", "guest-shutdown", "denied")
    assert "denied by the broker" in newest["error"]
    assert (oldest["who"], oldest["outcome"], oldest["seconds"]) == ("alice", "ok", 0.25)
    assert "SECRET" not in oldest["arguments"]
    assert "/bin/true" in oldest["arguments"]
    assert oldest["at"] > 1.7e9
    assert told["next"] is None


async def test_all_guests_in_pages(client, audit):
    first = await (await client.get("/api/v1/calls?limit=2")).json()
    assert [one["guest"] for one in first["calls"]] == ["db1", "web1"]
    assert "\u202e" not in str(first)
    rest = await (await client.get(f"/api/v1/calls?limit=2&cursor={first['next']}")).json()
    assert [one["command"] for one in rest["calls"]] == ["guest-exec"]
    assert (await client.get("/api/v1/calls?cursor=99999")).status == 404


async def test_no_log_and_a_broken_one(client, site, tmp_path):
    assert await (await client.get("/api/v1/calls")).json() == {"calls": [], "next": None}
    site.audit = tmp_path / "log"
    site.audit.write_bytes(b'nonsense\n{"command": 5, "who": 7, "arguments": [1], "ms": "x", "time": 9}\n')
    (told,) = (await (await client.get("/api/v1/calls")).json())["calls"]
    assert (told["command"], told["at"], told["seconds"]) == ("5", None, None)
    site.audit = tmp_path
    assert (await client.get("/api/v1/calls")).status == 503
