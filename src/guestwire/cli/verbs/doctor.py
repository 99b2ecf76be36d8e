"""`guestwire doctor`: what is wrong between here and a guest's agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import diagnosis, options
from guestwire.cli import guests as named
from guestwire.cli.diagnosis import BROKEN, OK, WARNING, Finding
from guestwire.cli.output import Document, Styled, Table, Text, draw, print_json
from guestwire.cli.status import FAILED
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLES = {OK: "green", WARNING: "yellow", BROKEN: "red"}
_PATIENCE = 5.0


@click.command
@click.argument("guests", nargs=-1, metavar="[GUEST]...", shell_complete=options.complete)
@options.timeout
@options.output
def command(guests: tuple[str, ...], timeout: float | None, json_: bool, jsonl: bool) -> int:
    """Walk the way to a guest's agent, link by link, and name the one that is broken and its cure.

    From the guest's name over its socket, the permission to use it, who listens and who holds it, to the agent's
    answer, its policy and its clock. Without GUEST: this host's sources of guests, and every guest that they know.
    Exit status 1 when a link is broken.
    """
    options.exclusive(json_, jsonl)
    collected = []
    status = 0
    for name, findings in _examined(guests, timeout or _PATIENCE):
        kept = list(findings)
        if any(each.state == BROKEN for each in kept):
            status = FAILED
        entry = {"guest": name, "findings": kept}
        if json_:
            collected.append(entry)
        elif jsonl:
            print_json(entry, indent=0)
        else:
            draw([f"{name}:", _table(kept), *_cures(kept), Text("\n")])
    if json_:
        print_json(collected)
    return status


def _examined(guests: tuple[str, ...], timeout: float) -> Iterable[tuple[str, Iterable[Finding]]]:
    if not guests:
        found = named.discovered()
        yield "this host", _host(found)
        guests = tuple(each.name for each in found.guests)
    for word in _expanded(guests):
        yield word, diagnosis.walk(word, timeout)


def _expanded(guests: tuple[str, ...]) -> list[str]:
    """Globs and lists written out; what cannot be resolved stays: the walk tells why."""
    words: list[str] = []
    for word in guests:
        try:
            words += [word] if named.is_one([word]) else [guest.name for guest in named.find([word])]
        except ConfigError:
            words.append(word)
    return words


def _host(found: Any) -> Iterable[Finding]:
    for fault in found.faults:
        yield Finding(
            fault.source, WARNING, f"{fault.where}: {fault.text}", "other sources are not touched by it"
        )
    if found.guests:
        yield Finding("discovery", OK, f"{len(found.guests)} guests")
    else:
        cure = "start one, name them in the list that `guestwire ls --help` speaks of, or give an address: unix:PATH"
        yield Finding("discovery", BROKEN, "no guest was found on this host", cure)


def _table(findings: list[Finding]) -> Document:
    rows = [(each.link, Styled(each.state, _STYLES[each.state]), each.text) for each in findings]
    return Table(["link", "state", "what was found"], rows)


def _cures(findings: list[Finding]) -> list[Document]:
    return [f"cure ({each.link}): {each.cure}" for each in findings if each.cure]
