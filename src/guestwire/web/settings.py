"""Who may use the daemon's web side, and how: the `[web]` keys of the configuration and those beside them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`host` is what is listened on; `hosts` are names the Host header may say beside addresses."""

    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    token: str = ""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
