"""The application with a way to work on guests: `fake` guests that do what they are told, or `real` agents."""

import shutil

import pytest
from aiohttp.test_utils import TestClient, TestServer

from guestwire.client import AsyncGuestAgent
from guestwire.testing import AsyncMemoryChannel, FakeGuest
from guestwire.web.app import make_app
from guestwire.web.site import Site
from tests.contract.agents import ORACLE, running


@pytest.fixture
def fake():
    return FakeGuest()


@pytest.fixture
async def client(site, fake):
    """web1 is the fake guest."""
    callers = []

    def reach(target, caller):
        callers.append((target.name, caller.name))
        return AsyncGuestAgent(AsyncMemoryChannel(fake), name=target.name, timeout=5.0)

    made = Site(site.monitor, site.poller, reach=reach)
    async with TestClient(TestServer(make_app(made))) as client:
        client.site, client.callers = made, callers
        yield client


@pytest.fixture(params=["ours", "qemu-ga"])
async def real(request, site, tmp_path):
    """web1 is a real agent, ours or QEMU's own."""
    ours = request.param == "ours"
    if not ours and not shutil.which(ORACLE):
        pytest.skip("qemu-ga is not installed")
    with running(ours, tmp_path) as agent:
        made = Site(
            site.monitor,
            site.poller,
            reach=lambda target, caller: AsyncGuestAgent(
                f"unix:{agent.path}", name=target.name, timeout=20.0
            ),
        )
        async with TestClient(TestServer(make_app(made))) as client:
            client.ours = ours
            yield client
