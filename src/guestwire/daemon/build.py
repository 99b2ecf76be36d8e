"""The monitor's parts as the configuration wants them; what is wrong with it shows here, before anything runs."""

from __future__ import annotations

import functools
import hashlib
import time
from typing import TYPE_CHECKING

from guestwire.broker.audit import AuditLog
from guestwire.broker.policy import DEFAULT, Policy
from guestwire.broker.policy_file import load as load_policy
from guestwire.daemon.channels import Channels
from guestwire.daemon.lookout import Lookout
from guestwire.discovery import Place
from guestwire.discovery import find as discover
from guestwire.discovery.place import run_dirs
from guestwire.errors import StartError
from guestwire.monitor.collectors import SECTIONS, custom
from guestwire.monitor.export import otlp, remote_write
from guestwire.monitor.export.queue import Queue
from guestwire.monitor.export.sender import Sender
from guestwire.monitor.export.shipping import Otlp, RemoteWrite
from guestwire.monitor.notify.alertmanager import Alertmanager
from guestwire.monitor.notify.alertmanagers import Telling
from guestwire.monitor.notify.grouping import Grouper, Timing
from guestwire.monitor.notify.outbox import Outbox
from guestwire.monitor.notify.services import Apprise
from guestwire.monitor.notify.webhook import Webhook
from guestwire.monitor.rules import memory
from guestwire.monitor.rules.load import DEFAULT_RULES, Rule, load_rules
from guestwire.monitor.rules.silences import QuietHours, parse_quiet_hours
from guestwire.monitor.store.store import Store
from guestwire.monitor.watch import Monitor
from guestwire.web.tls import context_of

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.daemon.config import Config, Endpoint, Export
    from guestwire.monitor.collectors.base import Section
    from guestwire.monitor.rules.state import Alert


def check(config: Config) -> int:
    """Everything that can be seen without starting; gives the number of rules. Raises ConfigError."""
    guard(config)
    policy_of(config)
    outboxes_of(config)
    sections_of(config)
    return len(rules_of(config))


def guard(config: Config) -> None:
    """Raise ConfigError when other machines could read guests without saying who they are."""
    config.settings.check()
    context_of(config.settings)


def channels_of(config: Config) -> Channels:
    """What holds the guests' channels, under the policy, with the log of calls. Raises ConfigError, StartError."""
    folder = config.audit.parent if config.audit else None
    try:
        if folder is not None:
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"{folder}: {error.strerror}") from None
    audit = AuditLog(config.audit) if config.audit else None
    return Channels(config.broker.run_dir, policy=policy_of(config), audit=audit)


def policy_of(config: Config) -> Policy:
    """Who may call what in which guest."""
    return load_policy(config.broker.policy) if config.broker.policy else DEFAULT


def rules_of(config: Config) -> dict[str, Rule]:
    """The rules that come with guestwire under the site's own."""
    return load_rules(DEFAULT_RULES, *config.rules)


def sections_of(config: Config) -> tuple[Section, ...]:
    """What is collected: what comes with guestwire, and the site's own files."""
    return (*SECTIONS, *custom.load(config.collectors))


def outboxes_of(config: Config) -> list[Outbox]:
    """A queue for each channel that notifications go to."""
    outboxes = [Outbox(Webhook(url)) for url in config.notify.webhooks]
    if config.notify.apprise:
        outboxes.append(Outbox(Apprise(list(config.notify.apprise))))
    return outboxes


def lookout_of(config: Config, before: Lookout | None = None, own: Path | None = None) -> Lookout:
    """What looks for guests; one made anew by a reload remembers those that were seen `before`.

    `own` is the run folder of this process' broker: its sockets are no guests to find.
    """
    place = Place(run_dirs=tuple(folder for folder in run_dirs() if folder != own))
    find = functools.partial(discover, place, config.sources) if config.discover else None
    return Lookout(find, seen=before.seen if before and config.discover else None, qmp=config.qmp)


def quiet_of(config: Config) -> list[QuietHours]:
    """When only alerts of a severity are told."""
    return [parse_quiet_hours(text, config.notify.quiet_below) for text in config.notify.quiet_hours]


def grouper_of(config: Config) -> Grouper:
    """Which alerts are told together, and how often."""
    told = config.notify
    return Grouper(told.group_by, Timing(told.wait, told.interval, told.repeat))


def monitor_of(config: Config) -> Monitor:
    """The monitor with its store and everything that it tells. Raises ConfigError and StartError."""
    rules, outboxes = rules_of(config), outboxes_of(config)
    monitor = Monitor(
        Store(config.data_dir / "history.db"),
        rules,
        outboxes=outboxes,
        quiet=quiet_of(config),
        grouper=grouper_of(config),
        limit_bytes=(config.limit_mib << 20) or None,
    )
    try:
        _add_exports(monitor, config)
    except BaseException:
        monitor.close()
        raise
    for url in config.notify.alertmanagers:
        monitor.companions.append(Telling(Alertmanager(url), lambda: _unsilenced(monitor)))
    return monitor


def _add_exports(monitor: Monitor, config: Config) -> None:
    export = config.export
    if export.remote_write:
        senders = _senders("remote-write", export.remote_write, remote_write.HEADERS, config.data_dir, export)
        writer = RemoteWrite(senders)
        monitor.listeners.append(writer.take)
        monitor.companions.append(writer)
    if export.otlp:
        senders = _senders("otlp", export.otlp, otlp.HEADERS, config.data_dir, export)
        guests = monitor.store.registry.guests
        monitor.companions.append(
            Otlp(
                senders,
                lambda: [(e.identity, e.name, monitor.store.latest(e.identity)) for e in guests.values()],
                config.interval,
            )
        )


def _senders(
    kind: str, endpoints: tuple[Endpoint, ...], headers: dict[str, str], folder: Path, export: Export
) -> list[Sender]:
    """One for each endpoint, with a queue on disk that goes by its address, so that it outlives a restart."""
    made = []
    for endpoint in endpoints:
        mark = hashlib.sha256(endpoint.url.encode()).hexdigest()[:12]
        queue = Queue(folder / f"{kind}-{mark}.db", export.queue_mib << 20)
        made.append(Sender(queue, endpoint.url, {**headers, **endpoint.headers}))
    return made


def _unsilenced(monitor: Monitor) -> list[Alert]:
    """Alerts that nobody here silenced; Alertmanager has silences, quiet hours and groups of its own."""
    now = time.time()
    silences = memory.silences(monitor.reader, now)
    return [
        alert
        for alert in monitor.engine.alerts()
        if not any(each.covers(alert.all_labels(), now) for each in silences)
    ]
