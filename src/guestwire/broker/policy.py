"""Who may call what on which guest: rules in TOML, each of which allows something. What no rule allows is denied.

The user that runs the broker and root are never restricted: they could read it out of the process anyway.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from guestwire.broker import answers
from guestwire.broker.options import GuestOptions
from guestwire.broker.privileges import (
    AUDIT,
    EXEC,
    FILE_READ,
    FILE_WRITE,
    FS_MANAGEMENT,
    UNRESTRICTED,
    needed,
    ways,
)

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer
    from guestwire.broker.patterns import PathPattern, ProgramPattern
    from guestwire.broker.principal import Principal
    from guestwire.wire.messages import Request

EVERYONE = ("everyone", "")


@dataclass(frozen=True)
class Rule:
    """`who` holds (kind, value): uid and gid with numbers, name and role with texts, or `EVERYONE`. Patterns that are
    None restrict nothing.
    """

    who: frozenset[tuple[str, int | str]]
    guests: tuple[str, ...] = ("*",)
    allow: frozenset[str] = frozenset()
    commands: tuple[str, ...] = ()
    read: tuple[PathPattern, ...] | None = None
    write: tuple[PathPattern, ...] | None = None
    programs: tuple[ProgramPattern, ...] | None = None

    def concerns(self, principal: Principal, guest: str) -> bool:
        """Whether it says anything about them."""
        return bool(self.who & _marks(principal)) and self.concerns_guest(guest)

    def concerns_guest(self, guest: str) -> bool:
        """Whether the guest's name matches."""
        return any(fnmatchcase(guest, pattern) for pattern in self.guests)

    def allows_command(self, request: Request) -> bool:
        """Whether the privileges suffice, whatever the path or program."""
        return self.allows_all(request.name) or any(each <= self.allow for each in needed(request))

    def allows_all(self, command: str) -> bool:
        """Whether the command is allowed with any arguments."""
        return UNRESTRICTED in self.allow or any(fnmatchcase(command, each) for each in self.commands)

    def allows_some(self, command: str) -> bool:
        """Whether the command is allowed with some arguments."""
        return self.allows_all(command) or any(each <= self.allow for each in ways(command))

    def allows(self, request: Request) -> bool:
        """Whether this very request is allowed."""
        if not self.allows_command(request):
            return False
        if self.allows_all(request.name):
            return True
        arguments = request.arguments or {}
        if request.name == "guest-exec" and self.programs is not None:
            return any(each.matches(arguments) for each in self.programs)
        if request.name == "guest-file-open":
            path, modes = arguments.get("path"), needed(request)[0]
            reading = FILE_READ not in modes or _covers(self.read, path)
            return reading and (FILE_WRITE not in modes or _covers(self.write, path))
        return True


class Grant:
    """What one principal may do on one guest."""

    def __init__(self, principal: Principal, guest: str, rules: list[Rule], *, unrestricted: bool) -> None:
        self.unrestricted = unrestricted or any(UNRESTRICTED in rule.allow for rule in rules)
        self._who = str(principal)
        self._guest = guest
        self._rules = rules

    def may(self, command: str) -> bool:
        """Whether the command is allowed with some arguments."""
        return self.unrestricted or any(rule.allows_some(command) for rule in self._rules)

    def denial(self, request: Request) -> Answer | None:
        """The answer to a request that is not allowed; None for one that is."""
        if self.unrestricted or any(rule.allows(request) for rule in self._rules):
            return None
        by = f"by the broker's policy for {self._who} on {self._guest}"
        if not any(rule.allows_command(request) for rule in self._rules):
            text = f"Command {request.name[:100]} has been disabled: it is denied {by}"
            return answers.refusal(text, "CommandNotFound")
        what = (
            "this program, with these arguments and environment,"
            if request.name == "guest-exec"
            else "this path"
        )
        return answers.refusal(f"{request.name}: {what} is denied {by}")


@dataclass(frozen=True)
class Policy:
    """`options` are (name patterns, options of these guests); the first that matches counts."""

    rules: tuple[Rule, ...] = ()
    options: tuple[tuple[tuple[str, ...], GuestOptions], ...] = ()
    trusted: frozenset[int] = field(default_factory=lambda: frozenset((0, os.geteuid())))

    def grant(self, principal: Principal, guest: str) -> Grant:
        """What `principal` may do on `guest`."""
        free = principal.unrestricted or principal.uid in self.trusted
        return Grant(
            principal,
            guest,
            [rule for rule in self.rules if rule.concerns(principal, guest)],
            unrestricted=free,
        )

    def options_of(self, guest: str, default: GuestOptions = GuestOptions()) -> GuestOptions:  # noqa: B008 (frozen)
        """How a guest is served; `default` is for one that no table names."""
        for names, options in self.options:
            if any(fnmatchcase(guest, pattern) for pattern in names):
                return options
        return default

    def door(self, guest: str) -> tuple[int, int]:
        """Mode and group (-1: the broker's own) of a guest's socket: nobody comes in who may do nothing there. Where
        the kernel's one group cannot say who may, everybody comes in, and is judged by who the kernel says they are.
        """
        who = {
            mark
            for rule in self.rules
            if rule.concerns_guest(guest)
            for mark in rule.who
            if mark[0] not in _INSIDE
        } - {("uid", uid) for uid in self.trusted}
        if not who:
            return 0o600, -1
        if len(who) == 1:
            kind, value = next(iter(who))
            if kind == "gid" and isinstance(value, int) and _may_give(value):
                return 0o660, value
        return 0o666, -1

    @property
    def open(self) -> bool:
        """Whether others than the broker's own user come in anywhere."""
        return any(mark[0] not in _INSIDE for rule in self.rules for mark in rule.who)


_INSIDE = ("name", "role")  # principals of the same process, who use no socket

DEFAULT = Policy(
    (
        Rule(frozenset((("role", "viewer"),)), allow=frozenset((AUDIT,))),
        Rule(
            frozenset((("role", "operator"),)),
            allow=frozenset((AUDIT, FILE_READ, FILE_WRITE, FS_MANAGEMENT, EXEC)),
            commands=("guest-set-time",),
        ),
        Rule(frozenset((("role", "admin"),)), allow=frozenset((UNRESTRICTED,))),
    )
)
"""Without a file: sockets for the broker's own user and root; the web's users as their roles say."""


def _marks(principal: Principal) -> frozenset[tuple[str, int | str]]:
    marks: set[tuple[str, int | str]] = {EVERYONE}
    if principal.uid is not None:
        marks.add(("uid", principal.uid))
        marks.update(("gid", gid) for gid in principal.gids)
    if principal.name:
        marks.add(("name", principal.name))
    marks.update(("role", role) for role in principal.roles)
    return frozenset(marks)


def _covers(patterns: tuple[PathPattern, ...] | None, path: object) -> bool:
    return patterns is None or any(pattern.matches(path) for pattern in patterns)


def _may_give(gid: int) -> bool:
    return os.geteuid() == 0 or gid == os.getegid() or gid in os.getgroups()
