"""Who the guest is, and who is logged in: guest-get-osinfo, guest-get-host-name, guest-get-users."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step, bulk
from guestwire.monitor.samples import Sample, Source, labels_of


def from_osinfo(answers: Answers) -> Iterator[Sample]:
    """Labels as node_exporter's; what the guest does not tell is empty."""
    info, host = answers.values
    text = {key: str(info.get(key, "")) for key in ("id", "name", "pretty-name", "version", "version-id")}
    yield Sample("node_os_info", labels_of(**{k.replace("-", "_"): v for k, v in text.items()}), 1.0)
    uname = {
        "machine": str(info.get("machine", "")),
        "nodename": str(host.get("host-name", "")),
        "release": str(info.get("kernel-release", "")),
        "sysname": "Windows" if info.get("id") == "mswindows" else "Linux",
        "version": str(info.get("kernel-version", "")),
    }
    yield Sample("node_uname_info", labels_of(**uname), 1.0)


def from_users(answers: Answers) -> Iterator[Sample]:
    """How many users are logged in."""
    yield Sample("guestwire_guest_users", (), float(len(answers.listed())))


SECTION = Section(
    "about",
    ("node_os_info", "node_uname_info"),
    (Step(Source.STOCK, from_osinfo, commands=("guest-get-osinfo", "guest-get-host-name")),),
    Pace.SLOW,
)
USERS = Section(
    "users",
    ("guestwire_guest_users",),
    (
        bulk("users", from_users),
        Step(Source.STOCK, from_users, commands=("guest-get-users",)),
    ),
    Pace.MEDIUM,
)
