"""What a guest says of itself when somebody looks: asked of it at that moment, kept for a few seconds."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from guestwire.errors import CommandError, GuestwireError
from guestwire.monitor.samples import clean_text
from guestwire.web.routes import Call, param
from guestwire.web.work.reach import agent_of, problem_of

if TYPE_CHECKING:
    from guestwire.client import AsyncGuestAgent

KEPT = 15.0  # seconds
LISTED = 500  # of users, routes, disks, processes
BULK = "guestwire-get-metrics"
TEXT = 256


class AgentCommand(Struct):
    """A command that the agent knows."""

    name: str
    enabled: bool


class AgentInfo(Struct):
    """The guest's agent."""

    kind: str
    version: str
    commands: list[AgentCommand]


class Timezone(Struct):
    """The guest's zone."""

    zone: str | None
    offset_seconds: int


class LoggedIn(Struct):
    """A user who is logged in."""

    user: str
    login_at: float
    domain: str | None


class Route(Struct):
    """A route; `prefix` is the destination's length, or its mask in words."""

    interface: str
    destination: str
    prefix: str | None
    gateway: str | None
    metric: int
    family: str


class DiskDevice(Struct):
    """A disk and where it is attached."""

    name: str
    partition: bool
    alias: str | None
    bus: str | None
    serial: str | None


class Vcpu(Struct):
    """A processor."""

    id: int
    online: bool
    can_offline: bool | None


class MemoryBlocks(Struct):
    """Memory that can be taken out of use."""

    online: int
    total: int
    block_bytes: int | None


class Process(Struct):
    """A process; `cpu_seconds` since its start."""

    pid: int
    parent: int
    name: str
    state: str
    cpu_seconds: float
    resident_bytes: int
    threads: int


class Inventory(Struct, kw_only=True):
    """What the guest told; a member that it could not tell is null, and `unknown` says why."""

    asked_at: float
    hostname: str | None = None
    os: dict[str, str] | None = None
    timezone: Timezone | None = None
    agent: AgentInfo | None = None
    users: list[LoggedIn] | None = None
    routes: list[Route] | None = None
    disks: list[DiskDevice] | None = None
    vcpus: list[Vcpu] | None = None
    memory_blocks: MemoryBlocks | None = None
    processes: list[Process] | None = None
    process_count: int | None = None
    unknown: dict[str, str] = {}


class Inventories:
    """The answers of late; two people who look at one guest ask it once."""

    def __init__(self) -> None:
        self._known: dict[str, Inventory] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, call: Call) -> Inventory:
        """The guest that the path names."""
        target = call.site.find(param(call, "guest"))
        async with self._locks.setdefault(target.identity, asyncio.Lock()):
            known = self._known.get(target.identity)
            if known is None or not 0 <= time.time() - known.asked_at < KEPT:
                async with agent_of(call, target) as agent:
                    known = await _ask(agent)
                self._known[target.identity] = known
                for identity in self._known.keys() - call.site.watchers().keys():
                    del self._known[identity]
            return known


async def inventory(call: Call) -> Inventory:
    """Ask a guest what it is: system, agent, users, routes, disks, processors, processes."""
    return await call.site.inventories.of(call)


async def _ask(agent: AsyncGuestAgent) -> Inventory:
    """Ask one thing after the other. A guest that does not answer at all raises."""
    found = Inventory(asked_at=time.time(), unknown={})
    found.agent = _agent(await agent.execute("guest-info"))
    able = {command.name: command.enabled for command in found.agent.commands}
    for member, commands, read in _MEMBERS:
        name = next((name for name in commands if able.get(name)), None)
        if name is None:
            disabled = any(name in able for name in commands)
            found.unknown[member] = "disabled" if disabled else "no-command"
            continue
        try:
            setattr(found, member, read(await agent.execute(name)))
        except CommandError as error:
            found.unknown[member] = clean_text(problem_of(error).detail, TEXT)
        except GuestwireError:
            raise
        except Exception:  # whatever a guest's answer leads a reader to
            found.unknown[member] = "invalid"
    if found.memory_blocks is not None:
        try:
            found.memory_blocks.block_bytes = int(
                (await agent.execute("guest-get-memory-block-info"))["size"]
            )
        except (CommandError, KeyError, TypeError, ValueError):
            found.memory_blocks.block_bytes = None
    return found


def _agent(info: Any) -> AgentInfo:
    try:
        commands = [
            AgentCommand(_text(one["name"]), bool(one["enabled"]))
            for one in info["supported_commands"][:1000]
        ]
        ours = any(command.name.startswith("guestwire-") for command in commands)
        return AgentInfo("guestwire" if ours else "qemu-ga", _text(info["version"]), commands)
    except (KeyError, TypeError):
        return AgentInfo("unknown", "", [])


def _text(value: Any) -> str:
    return clean_text(str(value), TEXT)


def _maybe(value: Any) -> str | None:
    return None if value is None or value == "" else _text(value)


def _os(told: Any) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in list(told.items())[:20]}


def _timezone(told: Any) -> Timezone:
    return Timezone(_maybe(told.get("zone")), int(told["offset"]))


def _users(told: Any) -> list[LoggedIn]:
    return [
        LoggedIn(_text(one["user"]), float(one["login-time"]), _maybe(one.get("domain")))
        for one in told[:LISTED]
    ]


def _routes(told: Any) -> list[Route]:
    return [
        Route(
            _text(one["iface"]),
            _text(one["destination"]),
            _maybe(one.get("mask") or one.get("desprefixlen")),
            _maybe(one.get("gateway") or one.get("nexthop")),
            int(one["metric"]),
            "ipv6" if one.get("version") == 6 else "ipv4",
        )
        for one in told[:LISTED]
    ]


def _disks(told: Any) -> list[DiskDevice]:
    found = []
    for one in told[:LISTED]:
        address = one.get("address") or {}
        found.append(
            DiskDevice(
                _text(one["name"]),
                bool(one["partition"]),
                _maybe(one.get("alias")),
                _maybe(address.get("bus-type")),
                _maybe(address.get("serial")),
            )
        )
    return found


def _vcpus(told: Any) -> list[Vcpu]:
    return [
        Vcpu(int(one["logical-id"]), bool(one["online"]), one.get("can-offline")) for one in told[:LISTED]
    ]


def _blocks(told: Any) -> MemoryBlocks:
    return MemoryBlocks(sum(bool(one["online"]) for one in told), len(told), None)


def _processes(told: Any) -> list[Process]:
    """Those that use most processor time, then those that hold most memory."""
    section = told["processes"]
    found: dict[int, Process] = {}
    for one in [*section["top-cpu"], *section["top-memory"]][:LISTED]:
        found.setdefault(
            int(one["pid"]),
            Process(
                int(one["pid"]),
                int(one["parent"]),
                _text(one["name"]),
                _text(one["state"]),
                int(one["cpu"]) / 1000,
                int(one["resident-bytes"]),
                int(one["threads"]),
            ),
        )
    return list(found.values())


def _process_count(told: Any) -> int:
    return int(told["processes"]["total"])


_MEMBERS = (
    ("hostname", ("guest-get-host-name",), lambda told: _text(told["host-name"])),
    ("os", ("guest-get-osinfo",), _os),
    ("timezone", ("guest-get-timezone",), _timezone),
    ("users", ("guest-get-users",), _users),
    ("routes", ("guest-network-get-route",), _routes),
    ("disks", ("guest-get-disks",), _disks),
    ("vcpus", ("guest-get-vcpus",), _vcpus),
    ("memory_blocks", ("guest-get-memory-blocks",), _blocks),
    ("processes", (BULK,), _processes),
    ("process_count", (BULK,), _process_count),
)
