"""Schemathesis asks every operation of the OpenAPI document what it promises, with good and bad input.

The guests are fakes in memory: what is tried here includes switching them off. The live stream is left out, because it
never ends; tests/unit/web/test_events.py reads it.
"""

import asyncio
import hashlib
import threading

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from guestwire.client import AsyncGuestAgent
from guestwire.testing import AsyncMemoryChannel, FakeGuest
from guestwire.web import guard, limits
from guestwire.web.app import make_app, make_runner
from guestwire.web.roles import Role
from guestwire.web.settings import Settings, Token
from guestwire.web.site import Site

TOKEN = "for-the-tests"
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
CHECKS = {
    "negative_data_rejection": {"expected-statuses": REFUSED}
}  # a body may be too long as well as wrong
# Rules between members, and between a member and the guest, that JSON Schema cannot tell.
OWN_RULES = {"add_silence", "alert_history", "range_of", "query", "execute", "shutdown", "suspend"}
ANSWERS = {
    "guest-exec": {"pid": 7},
    "guest-exec-status": {"exited": True, "exitcode": 0, "out-data": "aGk="},
    "guest-fsfreeze-freeze": 1,
    "guest-fsfreeze-freeze-list": 1,
    "guest-fsfreeze-thaw": 1,
    "guest-fsfreeze-status": "thawed",
    "guest-fstrim": {"paths": []},
    "guest-set-time": None,
    "guest-get-time": 5,
    "guest-shutdown": None,
    "guest-suspend-ram": None,
    "guest-suspend-disk": None,
    "guest-suspend-hybrid": None,
}


class Server:
    """The application on a port, in a thread with a loop of its own."""

    def __init__(self, make):
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.url = ""
        self._thread = threading.Thread(target=self._run, args=(make,), daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    def _run(self, make):
        asyncio.set_event_loop(self._loop)
        runner = make_runner(make())
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()


@pytest.fixture
def document(site, monkeypatch):
    monkeypatch.setattr(guard, "RATE", 1e6)
    monkeypatch.setattr(guard, "BURST", 1e6)
    monkeypatch.setattr(limits.Limit, "take", lambda self, caller, what: None)
    fake = FakeGuest(ANSWERS, files={"/x": b"abc"})
    tokens = {"test": Token(hashlib.sha256(TOKEN.encode()).hexdigest(), Role.ADMIN)}

    def make():
        def reach(target, caller):
            return AsyncGuestAgent(AsyncMemoryChannel(fake), name=target.name, timeout=5.0)

        return make_app(Site(site.monitor, site.poller, Settings(tokens=tokens), reach=reach))

    server = Server(make)
    yield schemathesis.openapi.from_url(
        f"{server.url}/api/v1/openapi.json", config=schemathesis.Config.from_dict({"checks": CHECKS})
    )
    server.close()


schema = schemathesis.pytest.from_fixture("document").exclude(path="/api/v1/events")


@schema.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_is_what_its_document_says(case):
    lenient = [positive_data_acceptance] if case.operation.definition.raw["operationId"] in OWN_RULES else []
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=lenient)
