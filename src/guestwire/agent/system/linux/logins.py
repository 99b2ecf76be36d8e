"""Who is logged in: utmp(5), and the sessions of systemd-logind where utmp is no more."""

from __future__ import annotations

import os
import stat
from _struct import Struct

# type, pid, line, id, user, host, exit status, session, seconds, microseconds, address, spare.
# Most 64-bit systems keep the 32-bit layout (384 bytes); some, such as aarch64, do not (400).
_LAYOUTS = (Struct("=hxxi32s4s32s256shhiIi16s20s"), Struct("=hxxi32s4s32s256shhqqq16s20s4x"))
_USER_PROCESS = 7
_LAST_TYPE = 9  # ACCOUNTING
_LIMIT = 16 << 20
_SESSIONS = "/run/systemd/sessions"


def logins(root: str) -> list[tuple[str, float]]:
    """(user, login time in seconds since the epoch) of each session, in no certain order."""
    try:
        with open(root + "/var/run/utmp", "rb") as file:
            return parse_utmp(file.read(_LIMIT))
    except FileNotFoundError:
        return _logind_sessions(root)


def parse_utmp(data: bytes) -> list[tuple[str, float]]:
    """User sessions in the order of their records."""
    for layout in _LAYOUTS:
        records = list(layout.iter_unpack(data[: len(data) // layout.size * layout.size]))
        # A file of the other layout shows types that do not exist.
        if all(0 <= record[0] <= _LAST_TYPE for record in records) and len(data) % layout.size == 0:
            break
    found = []
    for record in records:
        kind, user, seconds, micros = record[0], record[4], record[9], record[10]
        if kind == _USER_PROCESS:
            name = user.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
            found.append((name, seconds + micros / 1_000_000))
    return found


def _logind_sessions(root: str) -> list[tuple[str, float]]:
    """Sessions of people, oldest first; not the ones of greeters, managers and services."""
    try:
        names = os.listdir(root + _SESSIONS)
    except OSError:
        return []
    found = []
    for name in names:
        values = _session(f"{root}{_SESSIONS}/{name}")
        user, since = values.get(b"USER"), values.get(b"REALTIME", b"")
        is_person = values.get(b"CLASS", b"user").startswith(b"user")
        if user and since.isdigit() and is_person and values.get(b"STATE") != b"closing":
            found.append((user.decode("utf-8", "surrogateescape"), int(since) / 1_000_000))
    return sorted(found, key=lambda login: login[1])


def _session(path: str) -> dict[bytes, bytes]:
    """The lines of a session file; none for the FIFO that stands beside it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # ended just now
        return {}
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return {}
        lines = os.read(fd, 64 * 1024).split(b"\n")
    finally:
        os.close(fd)
    return {name: value for name, _, value in (line.partition(b"=") for line in lines)}
