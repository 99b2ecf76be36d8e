"""The ways to reach a channel: one file a kind, and here the table of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from guestwire.client.address import LibvirtAddress, TcpAddress, UnixAddress, VsockAddress, resolve
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from guestwire.client.address import Address, Resolver
    from guestwire.client.transports.base import AsyncTransport, Endpoint, Transport


def blocking(address: str | Address | Transport, resolver: Resolver | None = None) -> Transport:
    """Return a closed blocking transport to `address`; one that is a transport already is returned as it is."""
    if not isinstance(address, str | Struct):
        return address
    place = resolve(address, resolver)
    if isinstance(place, LibvirtAddress):
        from guestwire.client.transports.libvirt import LibvirtTransport

        return LibvirtTransport(place)
    from guestwire.client.transports.stream import StreamTransport

    return StreamTransport(_endpoint(place))


def asynchronous(address: str | Address | AsyncTransport, resolver: Resolver | None = None) -> AsyncTransport:
    """Return a closed asyncio transport to `address`; one that is a transport already is returned as it is."""
    if not isinstance(address, str | Struct):
        return address
    place = resolve(address, resolver)
    if isinstance(place, LibvirtAddress):
        from guestwire.client.transports.threaded import ThreadedTransport

        return ThreadedTransport(blocking(place))
    from guestwire.client.transports.aio_stream import AsyncStreamTransport

    return AsyncStreamTransport(_endpoint(place))


def called(address: str | Address | Transport | AsyncTransport) -> str:
    """What errors call a guest that was given no name: its address; a transport has none."""
    return str(address) if isinstance(address, str | Struct) else "guest"


def _endpoint(address: Address) -> Endpoint:
    if isinstance(address, UnixAddress):
        from guestwire.client.transports.unix import UnixEndpoint

        return UnixEndpoint(address)
    if isinstance(address, VsockAddress):
        from guestwire.client.transports.vsock import VsockEndpoint

        return VsockEndpoint(address)
    if isinstance(address, TcpAddress):
        from guestwire.client.transports.tcp import TcpEndpoint

        return TcpEndpoint(address)
    raise ConfigError(f"{address}: a name is no place to connect to; resolve it first")
