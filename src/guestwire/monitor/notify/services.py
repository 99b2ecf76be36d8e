"""Notifications through Apprise, which knows a hundred services: mail, Matrix, Telegram, Slack, ntfy and the rest."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from guestwire.errors import ConfigError
from guestwire.monitor.post import Answer

if TYPE_CHECKING:
    from guestwire.monitor.notify.message import Notification

_KINDS = {"info": "info", "warning": "warning", "critical": "failure"}


class Apprise:
    """One or more Apprise addresses, told together."""

    def __init__(self, urls: list[str]) -> None:
        try:
            module: Any = importlib.import_module("apprise")
        except ImportError:
            raise ConfigError(
                "notifications by Apprise need the package apprise: pip install apprise"
            ) from None
        self.name = "apprise"
        self._apprise = module.Apprise()
        for number, url in enumerate(urls, 1):
            if not self._apprise.add(url):  # the address holds secrets: it is not repeated
                raise ConfigError(f"Apprise address {number} is not one that Apprise understands")

    def send(self, notification: Notification) -> Answer:
        """One attempt; Apprise says only whether all services took it."""
        kind = _KINDS[notification.severity] if notification.firing else "success"
        taken = self._apprise.notify(title=notification.title(), body=notification.text(), notify_type=kind)
        return Answer(
            200 if taken else 503, None, "" if taken else "Apprise could not deliver to every service"
        )
