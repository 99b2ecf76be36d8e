"""`guestwire alerts`: what fires, silences, and what a rule would have done."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import options, output, records
from guestwire.cli.output import Column, Styled, Table, human_seconds
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.monitor.rules.load import Rule
    from guestwire.monitor.store.beside import Beside

_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
RAW_REACH = 48 * 3600.0  # what a rule is tried on: samples as they came


def _where(function: Callable[..., Any]) -> Callable[..., Any]:
    return records.config(records.data_dir(function))


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Alerts of the daemon's rules: list them, silence them, try a rule on history. Lists when nothing else is said."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("list")
@click.option("--guest", metavar="GUEST", help="Only those of one guest.")
@options.output
@_where
def list_(
    *,
    guest: str | None = None,
    json_: bool = False,
    jsonl: bool = False,
    config: Path | None = None,
    data_dir: Path | None = None,
) -> None:
    """List alerts: pending, firing, and those that ended lately."""
    options.exclusive(json_, jsonl)
    from guestwire.monitor.rules import memory

    found = records.configured(config, data_dir)
    rules = _rules(found)
    beside = _beside(found)
    try:
        guests = records.guests_of(beside, guest)
        silences = memory.silences(beside, time.time())
        rows = []
        for identity, alert in memory.load_alerts(beside):
            if identity not in guests:
                continue
            rule = rules.get(alert.rule)
            alert.guest, alert.severity = guests[identity][1], rule.severity if rule else "warning"
            alert.extra = rule.labels if rule else {}
            hushed = [each.id for each in silences if each.covers(alert.all_labels(), time.time())]
            rows.append((alert, hushed))
    finally:
        beside.close()
    rows.sort(key=lambda row: (row[0].state != "firing", row[0].guest, row[0].rule))
    if json_ or jsonl:
        output.print_list([_plain(*row) for row in rows], lines=jsonl)
    else:
        output.draw(_table(rows))


def _plain(alert: Any, silenced_by: list[int]) -> dict[str, Any]:
    return {
        "rule": alert.rule,
        "guest": alert.guest,
        "state": str(alert.state),
        "severity": alert.severity,
        "since": alert.since,
        "value": alert.value,
        "labels": dict(alert.labels),
        "summary": alert.summary,
        "silenced_by": silenced_by,
    }


def _table(rows: list[tuple[Any, list[int]]]) -> Table:
    now = time.time()
    shown = [
        (
            Styled(f"{alert.state}{' (silenced)' if hushed else ''}", _STYLES[alert.severity]),
            alert.severity,
            alert.guest,
            alert.rule,
            now - alert.since,
            alert.summary,
        )
        for alert, hushed in rows
    ]
    since = Column("for", human_seconds, right=True)
    return Table(["state", "severity", "guest", "rule", since, "summary"], shown, empty="no alerts")


@command.command
@click.argument("matchers", nargs=-1, required=True, metavar="LABEL=VALUE...")
@click.option(
    "--for",
    "duration",
    type=records.Duration(),
    default="2h",
    show_default=True,
    metavar="DURATION",
    help="How long.",
)
@click.option("--comment", default="", help="Why.")
@options.output
@_where
def silence(
    *,
    matchers: tuple[str, ...],
    duration: float,
    comment: str,
    json_: bool,
    jsonl: bool,
    config: Path | None,
    data_dir: Path | None,
) -> None:
    """Tell nobody of alerts whose labels fit: guest=web1, alertname=FilesystemFull, mountpoint=~/srv/.*.

    Their state goes on as before, and an alert that still fires when the silence ends is told then.
    """
    from guestwire.monitor.rules import memory

    made = [matcher(text) for text in matchers]
    now = time.time()
    beside = _beside(records.configured(config, data_dir))
    try:
        number = memory.add_silence(beside, made, now, now + duration, author=_user(), comment=comment)
    finally:
        beside.close()
    if json_ or jsonl:
        output.print_json({"id": number, "until": now + duration}, indent=0 if jsonl else 2)
        return
    ends = f"`guestwire alerts unsilence {number}` ends it"
    output.draw(f"silence {number} until {records.local(now + duration)}; {ends}")


@command.command
@click.argument("number", type=int)
@options.output
@_where
def unsilence(*, number: int, json_: bool, jsonl: bool, config: Path | None, data_dir: Path | None) -> None:
    """End a silence now."""
    from guestwire.monitor.rules import memory

    beside = _beside(records.configured(config, data_dir))
    try:
        if not memory.end_silence(beside, number, time.time()):
            raise ConfigError(
                f"there is no silence {number} that has not ended; `guestwire alerts silences` lists them"
            )
    finally:
        beside.close()
    if json_ or jsonl:
        output.print_json({"id": number}, indent=0 if jsonl else 2)


@command.command
@options.output
@_where
def silences(*, json_: bool, jsonl: bool, config: Path | None, data_dir: Path | None) -> None:
    """List the silences that have not ended."""
    options.exclusive(json_, jsonl)
    from guestwire.monitor.rules import memory

    beside = _beside(records.configured(config, data_dir))
    try:
        found = memory.silences(beside, time.time())
    finally:
        beside.close()
    rows = [
        (
            each.id,
            " ".join(f"{m.label}{m.op}{m.value}" for m in each.matchers),
            each.ends,
            each.author,
            each.comment,
        )
        for each in found
    ]
    if json_ or jsonl:
        names = ("id", "matchers", "ends", "author", "comment")
        output.print_list([dict(zip(names, row, strict=True)) for row in rows], lines=jsonl)
    else:
        columns: list[Column | str] = [
            Column("id", right=True),
            "alerts with",
            Column("until", records.local),
            "by",
            "why",
        ]
        output.draw(Table(columns, rows, empty="no silences"))


@command.command
@click.argument("rule")
@records.since("24h")
@click.option("--guest", metavar="GUEST", help="Only on one guest.")
@click.option(
    "--rules", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="More rules."
)
@options.output
@_where
def test(
    *,
    rule: str,
    since: float,
    guest: str | None,
    files: tuple[Path, ...],
    json_: bool,
    jsonl: bool,
    config: Path | None,
    data_dir: Path | None,
) -> None:
    """Say what RULE would have done on the history of the last hours: when it would have fired and ended, and why."""
    from guestwire.monitor.rules.replay import replay

    options.exclusive(json_, jsonl)
    if since > RAW_REACH:
        raise click.UsageError("--since: a rule is tried on samples as they came, which are kept for 48h.")
    found = records.configured(config, data_dir)
    chosen = _chosen(_rules(found, *files), rule)
    reader = records.opened(found)
    now = time.time()
    try:
        guests = records.guests_of(reader, guest)
        events = [each for identity in guests for each in replay(chosen, reader, identity, now - since, now)]
    finally:
        reader.close()
    events.sort(key=lambda event: event.at)
    if json_ or jsonl:
        plain = [{**each._asdict(), "labels": dict(each.labels), "state": str(each.state)} for each in events]
        output.print_list(plain, lines=jsonl)
    else:
        rows = [(each.at, each.guest, str(each.state), each.value, each.summary) for each in events]
        value = Column("value", lambda number: f"{number:.6g}", right=True)
        columns: list[Column | str] = [Column("at", records.local), "guest", "state", value, "summary"]
        output.draw(Table(columns, rows, empty=f"{rule} would have changed nothing on {len(guests)} guests"))


def matcher(text: str) -> Any:
    """`label=value` with = != =~ or !~ as a `Matcher`. Raises `ConfigError`."""
    import re

    from guestwire.monitor.rules import pattern
    from guestwire.monitor.rules.nodes import Matcher

    parts = re.fullmatch(r"([a-zA-Z_][a-zA-Z0-9_]*)(=~|!~|!=|=)(.*)", text, re.DOTALL)
    if parts is None:
        raise ConfigError(f"{text!r}: write LABEL=VALUE, with = != =~ or !~")
    label, operator, value = parts.groups()
    if operator[-1] == "~":
        try:
            pattern.compiled(value)
        except ValueError as error:
            raise ConfigError(f"{text!r}: no regular expression: {error}") from None
    return Matcher(label, operator, value)


def _chosen(rules: dict[str, Rule], name: str) -> Rule:
    if name in rules:
        return rules[name]
    import difflib

    near = difflib.get_close_matches(name, rules, 1)
    raise ConfigError(f"there is no rule {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def _rules(config: Any, *files: Path) -> dict[str, Rule]:
    from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules

    return load_rules(DEFAULT_RULES, *config.rules, *files)


def _beside(config: Any) -> Beside:
    from guestwire.monitor.store.beside import Beside

    return Beside(records.store_of(config))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry in the password file
        return "unknown"
