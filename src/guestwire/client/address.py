"""Where a guest's channel is: `unix:PATH`, `vsock:CID:PORT`, `tcp:HOST:PORT`, `libvirt:URI/DOMAIN`, or a guest's name.

A name says nothing about where: a resolver turns it into an address. `set_resolver` installs the one that a program
uses (discovery, the broker); a client can be given its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Union

from msgspec import Struct

from guestwire.errors import ConfigError


class UnixAddress(Struct, frozen=True):
    """A unix stream socket: QEMU's chardev, an agent's unix-listen, or a guest of the broker."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


class VsockAddress(Struct, frozen=True):
    """An agent that listens on vsock; `cid` is the guest's context id."""

    cid: int
    port: int

    def __str__(self) -> str:
        return f"vsock:{self.cid}:{self.port}"


class TcpAddress(Struct, frozen=True):
    """A channel that QEMU offers over TCP. Whoever reaches the port owns the guest."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp:{host}:{self.port}"


class LibvirtAddress(Struct, frozen=True):
    """A domain whose channel libvirtd holds."""

    uri: str
    domain: str

    def __str__(self) -> str:
        return f"libvirt:{self.uri}/{self.domain}"


class GuestName(Struct, frozen=True):
    """A name for a resolver."""

    name: str

    def __str__(self) -> str:
        return self.name


Address = Union[UnixAddress, VsockAddress, TcpAddress, LibvirtAddress, GuestName]
Resolver = Callable[[str], Address]

_FORMS = "unix:PATH, vsock:CID:PORT, tcp:HOST:PORT, libvirt:URI/DOMAIN, or a guest's name"


def parse(text: str) -> Address:
    """Read an address. A text with a slash in front is a unix socket's path. Raises `ConfigError`."""
    scheme, colon, rest = text.partition(":")
    if text.startswith(("/", "./", "../")):
        return UnixAddress(text)
    if colon and scheme in _READERS:
        if not rest:
            raise _wrong(text, f"nothing follows '{scheme}:'")
        return _READERS[scheme](text, rest)
    if not text or not text.isprintable() or ":" in text or "/" in text:
        raise _wrong(text, "this is neither an address nor a name")
    return GuestName(text)


def _unix(text: str, rest: str) -> Address:
    if "\0" in rest or len(rest.encode("utf-8", "surrogateescape")) > 107:
        raise _wrong(text, "a unix socket's path has at most 107 bytes, none of them zero")
    return UnixAddress(rest)


def _vsock(text: str, rest: str) -> Address:
    cid, _, port = rest.partition(":")
    return VsockAddress(_number(text, cid, 2**32 - 1), _number(text, port, 2**32 - 1))


def _tcp(text: str, rest: str) -> Address:
    host, _, port = rest.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _wrong(text, "an IPv6 address stands in brackets")
    if not host:
        raise _wrong(text, "it has no host")
    return TcpAddress(host, _number(text, port, 65535))


def _libvirt(text: str, rest: str) -> Address:
    uri, slash, domain = rest.rpartition("/")
    if not slash or not uri or not domain:
        raise _wrong(text, "libvirt wants URI/DOMAIN, such as libvirt:qemu:///system/web1")
    return LibvirtAddress(uri, domain)


_READERS = {"unix": _unix, "vsock": _vsock, "tcp": _tcp, "libvirt": _libvirt}


def _number(text: str, digits: str, most: int) -> int:
    if not (digits.isascii() and digits.isdigit() and int(digits) <= most):
        raise _wrong(text, f"'{digits}' is not a number up to {most}")
    return int(digits)


def _wrong(text: str, why: str) -> ConfigError:
    return ConfigError(f"address {text!r}: {why}; write {_FORMS}")


def _no_resolver(name: str) -> Address:
    raise ConfigError(f"guest {name!r}: names need discovery or the broker; without them, write {_FORMS}")


_resolver: Resolver = _no_resolver


def set_resolver(resolver: Resolver | None) -> None:
    """Install the function that finds a guest by name for all clients of this process; None removes it.

    It raises `ConfigError` for a name that it does not know.
    """
    global _resolver
    _resolver = resolver or _no_resolver


def resolve(address: Address | str, resolver: Resolver | None = None) -> Address:
    """Read `address` and follow a name to where its guest is."""
    found = parse(address) if isinstance(address, str) else address
    if isinstance(found, GuestName):
        found = (resolver or _resolver)(found.name)
    if isinstance(found, GuestName):
        raise ConfigError(f"guest {found.name!r}: its name leads to another name")
    return found
