"""`guestwire metrics`: a guest's figures now, asked of the guest itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import many, options
from guestwire.cli.output import Column, Document, Table, Text, human_bytes, human_seconds

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

_FILE_LIMIT = 256 << 10
_EPOCH = 1e9  # figures of seconds past this are times, not durations


@click.command
@options.guests
@options.common
@click.option(
    "--text", is_flag=True, help="Print the text that Prometheus scrapes, in node_exporter's names."
)
@click.option(
    "--name", "names", multiple=True, metavar="PREFIX", help="Only metrics that begin so; again for more."
)
def command(guests: tuple[str, ...], common: Common, text: bool, names: tuple[str, ...]) -> int:
    """Ask a guest for its figures now: CPU, memory, filesystems, disks, network, processes and what else it tells.

    Counters count from the guest's boot. A figure that cannot be had is listed with the reason, never as 0. No daemon
    is needed; `guestwire history` shows what one has recorded.
    """
    return many.each(guests, common, lambda agent: measured(agent, names), exposition if text else table)


class _Asked:
    """A blocking client where collecting wants an asynchronous one; nothing ever waits in the event loop."""

    def __init__(self, agent: GuestAgent) -> None:
        self._agent = agent

    async def execute(
        self, name: str, arguments: dict[str, Any] | None = None, *, timeout: float | None = None
    ) -> Any:
        return self._agent.execute(name, arguments, timeout=timeout)

    async def read_file(self, path: str, *, limit: int = _FILE_LIMIT) -> bytes:
        return self._agent.read_file(path, limit=limit)


def measured(agent: GuestAgent, prefixes: tuple[str, ...] = ()) -> dict[str, Any]:
    """One poll: samples with name, labels, value and source, and reasons by the names of what is unknown."""
    from guestwire.monitor.collectors import SECTIONS
    from guestwire.monitor.ladder import Ladder
    from guestwire.monitor.samples import Poll, admit, usable

    poll = Poll("", time.time(), [])
    asyncio.run(Ladder(_Asked(agent), SECTIONS).collect(poll))
    samples = []
    for sample in poll.samples:
        key = admit(sample.name, sample.labels)
        if key is not None and usable(sample.value) and sample.name.startswith(prefixes or ""):
            name, labels = key
            source = poll.sources.get(sample.name, "")
            samples.append({"name": name, "labels": dict(labels), "value": sample.value, "source": source})
    unknown = {name: why for name, why in poll.unknown.items() if name.startswith(prefixes or "")}
    return {"at": poll.at, "samples": samples, "unknown": unknown}


def table(figures: dict[str, Any]) -> Document:
    """For people."""
    rows = [
        (each["name"], _labels(each["labels"]), human(each["name"], each["value"]), each["source"])
        for each in figures["samples"]
    ]
    shown: list[Document] = [
        Table(["metric", "labels", Column("value", right=True), "from"], rows, empty="no figures")
    ]
    if figures["unknown"]:
        shown += [Table(["unknown", "why"], sorted(figures["unknown"].items()))]
    return shown


def exposition(figures: dict[str, Any]) -> Document:
    """For Prometheus."""
    from guestwire.monitor.export.exposition import Exposition

    text = Exposition()
    for each in figures["samples"]:
        text.add(each["name"], tuple(sorted(each["labels"].items())), each["value"])
    return Text(text.text())


def human(name: str, value: float) -> str:
    """A value by the unit that its metric's name says."""
    unit = name.removesuffix("_total").rpartition("_")[2]
    if unit == "bytes":
        return human_bytes(value)
    if unit == "seconds" and value > _EPOCH:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if unit == "seconds":
        return human_seconds(value)
    if unit == "ratio":
        return f"{value * 100:.1f}%"
    return f"{value:.10g}"


def _labels(labels: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in labels.items())
