"""The way from a guest's name to its agent's answer, walked link by link: what holds, what is broken, what cures it."""

from __future__ import annotations

import os
import socket
import stat
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from guestwire.cli import cures, guests, holders
from guestwire.cli.output import human_seconds
from guestwire.client import address as addresses
from guestwire.client.driver import Driver
from guestwire.errors import CommandError, ConfigError, ConversationError, GuestTimeout, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Iterator

OK, WARNING, BROKEN = "ok", "warning", "broken"

_DRIFT = 2.0  # seconds that a clock may be off unremarked
_NEEDED = (
    "guest-exec",
    "guest-file-open",
    "guest-file-read",
    "guest-file-write",
    "guest-fsfreeze-freeze",
    "guest-shutdown",
)


class Finding(Struct, frozen=True):
    """One link of the way. `cure` says what to do, where it does not hold."""

    link: str
    state: str
    text: str
    cure: str = ""


def walk(word: str, timeout: float) -> Iterator[Finding]:
    """Walk to the guest that `word` names, up to the first link that is broken. `timeout` is seconds for an answer."""
    try:
        place = addresses.parse(word)
        if isinstance(place, addresses.GuestName):
            found = guests.discovered().get(word)
            yield Finding("guest", OK, f"{found.name} is known from {found.source}")
            yield from _domain(found)
            if found.address is None:
                return
            place = addresses.parse(found.address)
    except ConfigError as error:
        yield Finding("guest", BROKEN, str(error), "see `guestwire ls`, or give the address: unix:PATH")
        return
    if isinstance(place, addresses.UnixAddress):
        for finding in _socket(place.path):
            yield finding
            if finding.state == BROKEN:
                return
    else:
        yield Finding("address", OK, str(place))
    with Driver(place, timeout=timeout, name=word) as agent:
        yield from _agent(agent, place)


def _domain(found: Any) -> Iterator[Finding]:
    if found.address is None:
        yield Finding("channel", BROKEN, found.reason or "no way to an agent is known", cures.CHANNEL)
    elif found.state == "running":
        yield Finding("machine", OK, found.state)
    elif found.state != "unknown":
        yield Finding(
            "machine", WARNING, f"it is {found.state}", "an agent answers only while its machine runs"
        )


def _socket(path: str) -> Iterator[Finding]:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        yield Finding(
            "socket",
            BROKEN,
            f"{path} does not exist",
            f"start the virtual machine; if it runs: {cures.CHANNEL}",
        )
        return
    except OSError as error:
        yield Finding("socket", BROKEN, f"{path}: {error.strerror}", cures.permission(os.path.dirname(path)))
        return
    if not stat.S_ISSOCK(status.st_mode):
        yield Finding(
            "socket", BROKEN, f"{path} is no socket", "give the path of the channel's chardev socket"
        )
        return
    if not os.access(path, os.W_OK):
        yield Finding("permission", BROKEN, f"we may not use {path}", cures.permission(path))
        return
    yield Finding("socket", OK, path)
    yield _listening(path)


def _listening(path: str) -> Finding:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(1)
        try:
            sock.connect(path)
        except ConnectionRefusedError:
            cure = "what made it has ended and left it behind: start the virtual machine, or the agent, again"
            return Finding("listener", BROKEN, f"nobody listens on {path}", cure)
        except (BlockingIOError, TimeoutError):
            return _busy(path)
        except OSError as error:
            return Finding("listener", BROKEN, f"{path}: {error.strerror}", cures.permission(path))
        pid = holders.listener(sock)
    return Finding("listener", OK, holders.process_name(pid) if pid else "a process outside our view")


def _busy(path: str) -> Finding:
    holding = [pid for pid in holders.clients(path) if pid != os.getpid()]
    names = [holders.process_name(pid) for pid in holding]
    text = f"held by {', '.join(names)}" if names else "held by another client, outside our view"
    if any("libvirt" in name or "virtqemud" in name for name in names) or "/libvirt/" in path:
        cure = "libvirt holds the channel: go through it, by libvirt:qemu:///system/DOMAIN"
    else:
        cure = "only one client can hold a channel: end that one, or let `guestwire broker` share the channel"
    return Finding("holder", BROKEN, text, cure)


def _agent(agent: Driver, place: addresses.Address) -> Iterator[Finding]:
    path = place.path if isinstance(place, addresses.UnixAddress) else None
    try:
        agent.execute("guest-ping")
        began = time.perf_counter()
        agent.execute("guest-ping")
        yield Finding("answer", OK, f"the agent answers within {(time.perf_counter() - began) * 1e3:.1f} ms")
    except CommandError as error:
        yield Finding(
            "answer", WARNING, f"the agent refuses guest-ping: {error.desc}", cures.allow("guest-ping")
        )
    except GuestTimeout as error:
        yield (
            _busy(path)
            if path and "busy" in error.reason
            else Finding("answer", BROKEN, error.reason, cures.no_answer(place, error.reason, silent=True))
        )
        return
    except (ConversationError, OSError) as error:
        reason = error.reason if isinstance(error, ConversationError) else str(error)
        cure = cures.behind_broker(reason) or cures.no_answer(place, reason, silent=False)
        yield Finding("answer", BROKEN, reason, cure)
        return
    frozen = False
    for link in (_frozen, _commands, _clock):
        try:
            for finding in link(agent):
                frozen = frozen or (finding.link == "filesystems" and finding.state != OK)
                if finding.link != "policy" or not frozen:  # a frozen guest forbids nearly all, for as long
                    yield finding
        except CommandError:
            continue
        except GuestwireError as error:
            yield Finding(
                "answer", BROKEN, str(error), "the guest answers what no agent answers: look into it"
            )
            return


def _commands(agent: Driver) -> Iterator[Finding]:
    info = agent.execute("guest-info")
    try:
        version = str(info["version"])
        enabled = {str(each["name"]): bool(each["enabled"]) for each in info["supported_commands"]}
    except (KeyError, TypeError):
        yield Finding(
            "agent", WARNING, "what it says of itself makes no sense", "update the agent in the guest"
        )
        return
    yield Finding(
        "agent", OK, f"version {version}, {sum(enabled.values())} of {len(enabled)} commands enabled"
    )
    blocked = [name for name in _NEEDED if enabled.get(name) is False]
    if blocked:
        yield Finding(
            "policy", WARNING, f"blocked in the guest: {', '.join(blocked)}", cures.allow(", ".join(blocked))
        )


def _frozen(agent: Driver) -> Iterator[Finding]:
    status = agent.execute("guest-fsfreeze-status")
    if status == "frozen":
        cure = f"if no backup is under way: guestwire thaw {agent.session.guest}"
        yield Finding("filesystems", WARNING, "frozen: most commands are refused", cure)
    else:
        yield Finding("filesystems", OK, "not frozen")


def _clock(agent: Driver) -> Iterator[Finding]:
    before = time.time()
    guest = agent.execute("guest-get-time")
    here = (before + time.time()) / 2
    if not isinstance(guest, int):
        return
    drift = guest / 1e9 - here
    if abs(drift) <= _DRIFT:
        yield Finding("clock", OK, f"{drift:+.3f} s from ours")
    else:
        where = "ahead of" if drift > 0 else "behind"
        cure = f"run a time service in the guest, or: guestwire time {agent.session.guest} --set"
        yield Finding("clock", WARNING, f"{human_seconds(abs(drift))} {where} ours", cure)
