"""The broker as a program: what its command line says, guests that are found, SIGHUP, SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from guestwire.agent.hosting.systemd import Notifier
from guestwire.broker.audit import AuditLog
from guestwire.broker.policy import DEFAULT
from guestwire.broker.policy_file import load
from guestwire.broker.server import Broker, check_name
from guestwire.client.address import parse
from guestwire.discovery import find
from guestwire.discovery.search import SOURCES
from guestwire.errors import ConfigError, GuestwireError

_log = logging.getLogger(__name__)

LOOK = 10.0
"""Seconds between two looks for guests, when none are given."""

_FOREIGN = [name for name in SOURCES if name != "broker"]  # a broker's own sockets lead to itself


@dataclass(frozen=True)
class Choices:
    """What the command line says. `guests` are texts NAME=ADDRESS; none: those that discovery finds."""

    guests: tuple[str, ...] = ()
    run_dir: Path | None = None
    policy: Path | None = None
    audit: Path | None = None


def run_folder() -> Path:
    """Where sockets are unless told otherwise: root's place is the system's, anybody else's their own."""
    if os.geteuid() == 0:
        return Path("/run/guestwire")
    own = os.environ.get("XDG_RUNTIME_DIR")
    if not own:
        raise ConfigError("XDG_RUNTIME_DIR is not set: say by --run-dir where the sockets shall be")
    return Path(own) / "guestwire"


def guests_of(texts: tuple[str, ...]) -> dict[str, str]:
    """Names and addresses. Raises ConfigError."""
    guests: dict[str, str] = {}
    for text in texts:
        name, equals, address = text.partition("=")
        if not equals or name in guests:
            raise ConfigError(f"--guest {text!r}: write NAME=ADDRESS, each name once")
        check_name(name)
        parse(address)
        guests[name] = address
    return guests


def serve(choices: Choices) -> None:
    """Serve until SIGINT or SIGTERM. Raises ConfigError, StartError."""
    guests = guests_of(choices.guests)
    _allow_many_files()
    policy = load(choices.policy) if choices.policy else DEFAULT
    audit = AuditLog(choices.audit) if choices.audit else None
    try:
        broker = Broker(guests, choices.run_dir or run_folder(), policy=policy, audit=audit)
        asyncio.run(_serve(broker, choices))
    finally:
        if audit is not None:
            audit.close()


def _allow_many_files() -> None:
    """Every client and guest is a descriptor; the soft limit is for programs that use select()."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(broker: Broker, choices: Choices) -> None:
    notifier = Notifier()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if choices.policy is not None:
        loop.add_signal_handler(signal.SIGHUP, reload, broker, choices.policy)
    async with broker:
        looking = None if choices.guests else loop.create_task(_look(broker))
        notifier.ready(f"{len(broker.states())} guests")
        await stop.wait()
        notifier.stopping()
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


def reload(broker: Broker, policy: Path) -> None:
    """Read the policy again; one with a mistake changes nothing."""
    try:
        broker.adopt(load(policy))
    except (GuestwireError, OSError) as error:
        _log.error("policy not reloaded: %s", error)
    else:
        _log.info("policy reloaded: %s", policy)


async def _look(broker: Broker) -> None:
    known_faults: set[str] = set()
    while True:
        found = await asyncio.to_thread(find, sources=_FOREIGN)
        faults = {str(fault) for fault in found.faults}
        for fault in sorted(faults - known_faults):
            _log.warning("%s", fault)
        known_faults = faults
        await follow(broker, {each.name: each.address for each in found.guests if each.address})
        await asyncio.sleep(LOOK)


async def follow(broker: Broker, wanted: dict[str, str]) -> None:
    """Serve these guests and no others; what cannot be served is logged."""
    for name, state in broker.states().items():
        if wanted.get(name) != state["address"]:
            await broker.remove(name)
    for name, address in wanted.items():
        if name not in broker.states():
            try:
                await broker.add(name, address)
            except GuestwireError as error:
                _log.error("%s: %s", name, error)
