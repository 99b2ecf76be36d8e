"""Which agent answers, and the guest's interfaces and addresses.

From guestwire-info, guest-info, guest-network-get-interfaces.
"""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step
from guestwire.monitor.samples import Sample, Source, labels_of

INFO = "guestwire_guest_info"
INTERFACE, ADDRESS = "node_network_info", "node_network_address_info"
_PER_INTERFACE = 32


def from_own_info(answers: Answers) -> Iterator[Sample]:
    """Our agent has a version of its own; the one in guest-info says which qemu-ga it speaks like."""
    yield Sample(INFO, labels_of(agent="guestwire", version=str(answers.one()["version"])), 1.0)


def from_info(answers: Answers) -> Iterator[Sample]:
    """Our agent is told by the commands that only it has, also where policy forbids them."""
    info = answers.one()
    ours = any(str(one.get("name")).startswith("guestwire-") for one in info["supported_commands"][:1000])
    kind = "guestwire" if ours else "qemu-ga"
    yield Sample(INFO, labels_of(agent=kind, version=str(info["version"])), 1.0)


def from_interfaces(answers: Answers) -> Iterator[Sample]:
    """Interfaces without an address have no addresses, those without hardware an empty one."""
    for record in answers.listed():
        device = str(record["name"])
        yield Sample(
            INTERFACE, labels_of(address=str(record.get("hardware-address", "")), device=device), 1.0
        )
        for one in record.get("ip-addresses", [])[:_PER_INTERFACE]:
            labels = labels_of(address=str(one["ip-address"]), device=device, prefix=str(int(one["prefix"])))
            yield Sample(ADDRESS, labels, 1.0)


AGENT = Section(
    "agent",
    (INFO,),
    (
        Step(Source.STOCK, from_own_info, commands=("guestwire-info",)),
        Step(Source.STOCK, from_info, commands=("guest-info",)),
    ),
    Pace.SLOW,
)
ADDRESSES = Section(
    "addresses",
    (INTERFACE, ADDRESS),
    (Step(Source.STOCK, from_interfaces, commands=("guest-network-get-interfaces",)),),
    Pace.SLOW,
)
