"""Ask every source, join what they say, and find one guest by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.address import parse
from guestwire.discovery import broker, libvirt, listed, proxmox, qemu
from guestwire.discovery.located import Fault, Found, Located, text_of
from guestwire.discovery.merge import merge
from guestwire.discovery.place import Place
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from guestwire.client.address import Address, Resolver

    Source = Callable[[Place], tuple[list[Located], list[Fault]]]

SOURCES: dict[str, Source] = {
    "broker": broker.find,
    "list": listed.find,
    "libvirt": libvirt.find,
    "qemu": qemu.find,
    "proxmox": proxmox.find,
}
"""Every source, most trusted first: what an earlier one says of a guest counts."""

_CHOSEN = ("broker", "list")
"""The sources in which a person has given the names."""


def find(place: Place | None = None, sources: Collection[str] | None = None) -> Found:
    """All guests that the sources know. A source that fails is a fault; the others go on.

    It blocks for a few milliseconds, and for up to `place.patience` seconds a libvirtd that must be asked. Raises
    ConfigError for a source that does not exist.
    """
    for name in sources or ():
        if name not in SOURCES:
            raise ConfigError(f"discovery source {name!r}: there are {', '.join(SOURCES)}")
    place = place or Place()
    by_source = []
    faults: list[Fault] = []
    for name, source in SOURCES.items():
        if sources is not None and name not in sources:
            continue
        try:
            guests, wrong = source(place)
        except Exception as error:
            guests, wrong = [], [Fault(name, "source", text_of(f"{type(error).__name__}: {error}"))]
        by_source.append(guests)
        faults += wrong
    return Found(merge(by_source), faults)


def resolver(place: Place | None = None) -> Resolver:
    """A function for `client.address.set_resolver`. The names that people gave are asked first, and alone."""

    def resolve(name: str) -> Address:
        chosen = [guest for guest in find(place, _CHOSEN).guests if guest.name == name]
        guest = chosen[0] if chosen else find(place).get(name)
        if guest.address is None:
            raise ConfigError(
                f"guest {name!r}: there is no way to its agent: {guest.reason or 'no address is known'}"
            )
        return parse(guest.address)

    return resolve
