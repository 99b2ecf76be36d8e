"""The contract suite of the agent, unchanged, against the agent on Windows, over its virtio-serial and its COM port.

`NOT_HERE` has the tests that are about Linux itself. Tests of a command that Windows does not have are left out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestwire.agent import platform
from guestwire.schema import builtin
from tests.contract.agents import NEVER_HERE, Agent, Peer
from tests.wine.rig import SerialPeer, Wine, serving

COMMANDS = builtin.commands(platform.symbols(platform.WINDOWS))
METHODS = ("virtio-serial", "isa-serial")
# Beginnings of test names -> why they are left out.
NOT_HERE = {
    "test_write_and_read_back": "asks for permission bits; tests/wine/test_commands.py writes and reads back without",
    "test_what_cannot_be_opened_or_read": "opens a directory as a file, which Windows never allows",
    "test_a_fifo": "makes a FIFO",
    "test_the_same_disks": "compares with QEMU's agent on Linux",
    "test_the_same_filesystems": "compares with QEMU's agent on Linux",
    "test_the_same_but_for_counters": "compares with QEMU's agent on Linux",
    "test_the_same_in_another_order": "compares with QEMU's agent on Linux",
    "test_the_same_answer[guest-get-osinfo]": "compares with QEMU's agent on Linux",
    "test_the_same_answer[guest-get-timezone]": "Windows has its own names for time zones",
    "test_cpu_times_lie_between": "Windows has no guest-get-cpustats",
    "test_statvfs_is_ours_alone": "Windows has no guest-get-statvfs",
    "test_load_and_routes": "Wine has no counter for the load",
    "test_the_answers_to_arguments_fit_too": "opens /etc/hostname and runs /bin/echo",
    "test_guest_info": "asks for guest-suspend-hybrid, which Windows does not have",
    "test_a_client_that_half_closes_gets_its_answer": "is about unix sockets",
    'test_vectors[\'{"execute":"guest-get-devices"}': "expects a command that only Windows has to be missing",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about Linux itself."""
    gone = [item for item in items if Path(__file__).parent in item.path.parents and not belongs_here(item)]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


def belongs_here(item: pytest.Item) -> bool:
    """Whether Windows has what the test is about."""
    values = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    command = values.get("name", values.get("command", "guest-ping"))
    name = item.name
    for method in METHODS:
        name = name.replace(f"[{method}-", "[")
    return command in COMMANDS and not name.startswith(tuple(NOT_HERE))


class PortPeer(Peer):
    """The contract suite's peer on a serial port, which has one conversation only."""

    def __init__(self, port: SerialPeer) -> None:
        self._port = port

    def send(self, data: bytes) -> None:
        self._port.send(data)

    def line(self) -> bytes:
        return self._port.line()

    def close(self) -> None:
        """The port stays open."""


class PortAgent(Agent):
    """Whoever connects gets the one conversation, in sync."""

    def __init__(self, port: SerialPeer) -> None:
        super().__init__(Path(), None, ours=True)
        self._port = port

    @contextlib.contextmanager
    def connect(self) -> Iterator[Peer]:
        self._port.sync()
        yield PortPeer(self._port)


@pytest.fixture(scope="package", params=METHODS)
def agent(
    request: pytest.FixtureRequest, wine: Wine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Agent]:
    blocked = [name for name in NEVER_HERE if name in COMMANDS]
    with serving(wine, tmp_path_factory.mktemp("contract"), request.param, "-b", ",".join(blocked)) as port:
        warm_up(port)
        yield PortAgent(port)


def warm_up(port: SerialPeer) -> None:
    """Have every command's module loaded: under Wine that may take so long that a resync would abandon the command."""
    for name in COMMANDS:
        port.call(name)
    port.call("guest-exec-status", pid=0)
    port.call("guest-exec", path="no such program")
    port.call("guest-file-open", path="no such file")
    port.call("guest-file-close", handle=0)


@pytest.fixture
def peer(agent: Agent) -> Iterator[Peer]:
    with agent.connect() as peer:
        yield peer
