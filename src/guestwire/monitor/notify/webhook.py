"""Notifications as JSON to an address of the site's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from guestwire.monitor.post import Answer, check_url, post

if TYPE_CHECKING:
    from guestwire.monitor.notify.message import Notification


class Webhook:
    """POSTs `Notification.data()` as JSON."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        check_url(url)
        self.name = "webhook"
        self._url = url
        self._headers = {"Content-Type": "application/json", **(headers or {})}

    def send(self, notification: Notification) -> Answer:
        """One attempt. Raises PostError when nobody answers."""
        body = json.dumps(notification.data(), ensure_ascii=False).encode()
        return post(self._url, body, self._headers)
