"""HTTPS: the daemon's certificate and key."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from guestwire.web.settings import Settings


def context_of(settings: Settings) -> ssl.SSLContext | None:
    """What HTTPS is served with; None for HTTP. Raises ConfigError."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise ConfigError("web: tls_cert and tls_key go together")
    if settings.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"web: cannot use {settings.tls_cert} and {settings.tls_key}: {error}") from None
    return context
