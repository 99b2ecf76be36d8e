"""One HTTP POST, blocking, with the standard library: what notifications and exports are sent with."""

from __future__ import annotations

import http.client
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from guestwire.errors import ConfigError, GuestwireError

ANSWER_LIMIT = 4096


class PostError(GuestwireError):
    """Nobody answered: no connection, a bad certificate, or no answer in time."""


class Answer(NamedTuple):
    """What the other end said; `retry_after` in seconds, `text` its beginning."""

    status: int
    retry_after: float | None
    text: str

    @property
    def ok(self) -> bool:
        """Whether it took what was sent."""
        return 200 <= self.status < 300

    @property
    def worth_retrying(self) -> bool:
        """Whether the same body may succeed later: the fault is the other end's, or it is busy."""
        return self.status >= 500 or self.status in (408, 429)


def check_url(url: str) -> None:
    """Raise ConfigError unless `url` is one that `post` can use."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(c.isspace() or ord(c) < 32 for c in url):
        raise ConfigError(f"{url!r} is no address to send to; write http://HOST:PORT/PATH")


def post(url: str, body: bytes, headers: dict[str, str], timeout: float = 10.0) -> Answer:
    """Send `body` to `url`. Raises PostError; redirects are not followed."""
    parts = urlsplit(url)
    assert parts.hostname is not None, "check_url comes first"
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"User-Agent": "guestwire", **headers})
        answer = connection.getresponse()
        text = answer.read(ANSWER_LIMIT).decode("utf-8", "replace")
        return Answer(answer.status, _seconds(answer.getheader("Retry-After")), text.strip())
    except (OSError, http.client.HTTPException) as error:
        raise PostError(f"{parts.hostname}: {error or type(error).__name__}") from None
    finally:
        connection.close()


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() and len(text) < 6 else None
