"""What a proxy in front says of a request: who makes it, and whether the browser's end of it is encrypted.

Only the headers of proxies that the configuration trusts count; anybody else may write what they like into them.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from guestwire.web.settings import Settings


def client_of(request: web.Request, settings: Settings) -> str | None:
    """The address that asks: the last one that no trusted proxy has."""
    address = request.remote
    if not _trusted(address, settings):
        return address
    said = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for one in reversed([part.strip() for part in said]):
        try:
            ipaddress.ip_address(one)
        except ValueError:
            return address
        address = one
        if not _trusted(one, settings):
            break
    return address


def is_encrypted(request: web.Request, settings: Settings) -> bool:
    """Whether the one who asks does so over TLS."""
    if settings.tls_cert is not None:
        return True
    said = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    return said == "https" and _trusted(request.remote, settings)


def _trusted(address: str | None, settings: Settings) -> bool:
    if not settings.trusted_proxies:
        return False
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in settings.trusted_proxies)
