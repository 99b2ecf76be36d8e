"""The host daemon's configuration: one TOML file, checked whole before anything starts.

Every key is described in docs/reference/configuration.md. A mistake is one clear line.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomllib

from guestwire.daemon import keys
from guestwire.discovery.search import SOURCES
from guestwire.errors import ConfigError
from guestwire.monitor.post import check_url
from guestwire.monitor.rules.load import SEVERITIES
from guestwire.monitor.rules.silences import parse_quiet_hours
from guestwire.web.settings import Settings, plain_token, settings_of

SYSTEM_FILE = Path("/etc/guestwire/guestwire.toml")


def data_folder() -> Path:
    """Where history is kept: the system's folder for root, the user's for anyone else."""
    if os.geteuid() == 0:
        return Path("/var/lib/guestwire")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "guestwire"


def run_folder() -> Path | None:
    """Where guests' sockets are opened to other programs: GUESTWIRE_RUN_DIR, the system's folder, or the user's."""
    chosen, own = os.environ.get("GUESTWIRE_RUN_DIR"), os.environ.get("XDG_RUNTIME_DIR")
    if chosen:
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/run/guestwire")
    return Path(own) / "guestwire" if own else None


@dataclass(frozen=True, slots=True)
class Broker:
    """How other programs share the guests' channels; no `run_dir`, no sockets; no `audit`, no log of calls."""

    run_dir: Path | None = field(default_factory=run_folder)
    policy: Path | None = None
    audit: Path | None = Path("audit.log")  # in `data_dir`, if it is not absolute


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told of alerts, and when. Times in seconds."""

    webhooks: tuple[str, ...] = ()
    apprise: tuple[str, ...] = ()
    alertmanagers: tuple[str, ...] = ()
    quiet_hours: tuple[str, ...] = ()
    quiet_below: str = "critical"
    group_by: tuple[str, ...] = ("guest",)
    wait: float = 30.0
    interval: float = 300.0
    repeat: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where figures are pushed to, and what is sent along with them."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """What is pushed, and how much of it waits on disk for each endpoint."""

    remote_write: tuple[Endpoint, ...] = ()
    otlp: tuple[Endpoint, ...] = ()
    queue_mib: int = 256


@dataclass(frozen=True, slots=True)
class Config:
    """What the daemon goes by. `interval` in seconds; `listen` is (host, port); `guests` and `qmp` map
    names to addresses, of agents and of QEMU's monitors."""

    listen: tuple[str, int] = ("127.0.0.1", 8790)
    data_dir: Path = field(default_factory=data_folder)
    interval: float = 10.0
    token: str = ""
    hosts: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    collectors: tuple[Path, ...] = ()
    limit_mib: int = 0
    discover: bool = True
    sources: tuple[str, ...] = tuple(SOURCES)
    guests: dict[str, str] = field(default_factory=dict)
    qmp: dict[str, str] = field(default_factory=dict)
    broker: Broker = field(default_factory=Broker)
    notify: Notify = field(default_factory=Notify)
    export: Export = field(default_factory=Export)
    web: Settings = field(default_factory=Settings)

    @property
    def audit(self) -> Path | None:
        """Where the broker's log of calls is."""
        return None if self.broker.audit is None else self.data_dir / self.broker.audit

    @property
    def settings(self) -> Settings:
        """All that the web side goes by."""
        tokens = {**self.web.tokens, **plain_token(self.token)}
        hosts = tuple(host.lower() for host in self.hosts)
        return replace(self.web, host=self.listen[0], hosts=hosts, tokens=tokens)


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    try:
        return read(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def read(data: dict[str, Any]) -> Config:
    """The configuration that a file's tables say."""
    return Config(**keys.table(data, _KEYS))


def _path_or_none(value: Any) -> Path | None:
    return None if value == "" else Path(keys.text(value))


def _quiet_hours(value: Any) -> tuple[str, ...]:
    found = keys.texts(value)
    for text in found:
        parse_quiet_hours(text)
    return found


def _severity(value: Any) -> str:
    return str(keys.words(SEVERITIES)([value])[0])


def _endpoints(value: Any) -> tuple[Endpoint, ...]:
    if not isinstance(value, list):
        raise ConfigError('must be a list of tables such as {url = "http://…"}')
    return tuple(_endpoint(item) for item in value)


def _endpoint(value: Any) -> Endpoint:
    found = keys.table(value, {"url": keys.text, "headers": _headers})
    if "url" not in found:
        raise ConfigError("url is missing")
    check_url(found["url"])
    return Endpoint(**found)


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ConfigError('must be a table of NAME = "VALUE"')
    for name, text in value.items():
        if not keys.text(text).isprintable() or not name.isascii() or not name.replace("-", "").isalnum():
            raise ConfigError(f"{name!r} is no HTTP header")
    return dict(value)


_NOTIFY: dict[str, keys.Reader] = {
    "webhooks": keys.urls,
    "apprise": keys.texts,
    "alertmanagers": keys.urls,
    "quiet_hours": _quiet_hours,
    "quiet_below": _severity,
    "group_by": keys.texts,
    "wait": keys.duration,
    "interval": keys.duration,
    "repeat": keys.duration,
}

_EXPORT: dict[str, keys.Reader] = {
    "remote_write": _endpoints,
    "otlp": _endpoints,
    "queue_mib": keys.count,
}

_BROKER = dict.fromkeys(("run_dir", "policy", "audit"), _path_or_none)
_KEYS: dict[str, keys.Reader] = {
    "listen": keys.listen,
    "data_dir": lambda value: Path(keys.text(value)),
    "interval": keys.interval,
    "token": keys.text,
    "hosts": keys.texts,
    "rules": keys.paths,
    "collectors": keys.paths,
    "limit_mib": keys.count,
    "discover": keys.flag,
    "sources": keys.words(tuple(SOURCES)),
    "guests": keys.guests,
    "qmp": keys.monitors,
    "web": settings_of,
    "broker": lambda value: Broker(**keys.table(value, _BROKER)),
    "notify": lambda value: Notify(**keys.table(value, _NOTIFY)),
    "export": lambda value: Export(**keys.table(value, _EXPORT)),
}
