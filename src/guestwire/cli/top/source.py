"""The daemon as `top` sees it: pages of its HTTP API as types, and its live events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import msgspec

from guestwire.errors import GuestwireError
from guestwire.web.shapes import GuestPage, GuestsPage, Row

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

T = TypeVar("T")

MOST = 32 << 20
"""Bytes of one answer or one event; more is not the daemon talking."""
_PATIENCE = aiohttp.ClientTimeout(total=30, sock_connect=3)
_LIVE = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=60)  # the daemon writes every 15 s


class DaemonError(GuestwireError):
    """The daemon cannot be asked: what is wrong, and what to do."""


class Daemon:
    """A daemon at `url`, asked with an API token where it demands one."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        self._http = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all requests."""
        assert self._http is not None
        await self._http.close()

    async def guests(self) -> list[Row]:
        """All guests, with their sparklines."""
        rows: list[Row] = []
        cursor = ""
        while True:
            query = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
            page = await self._page(GuestsPage, "/api/v1/guests", query)
            rows += page.guests
            cursor = page.next or ""
            if not cursor:
                return rows

    async def guest(self, identity: str) -> GuestPage:
        """All that is known of one guest."""
        return await self._page(GuestPage, f"/api/v1/guests/{identity}", {})

    async def charts(self, identity: str, charts: tuple[str, ...], points: int) -> dict[str, Any]:
        """Charts of the last hour: name to `{"unit", "series": [{"name", "values"}], "reason"}`."""
        query = [("points", str(points)), *(("chart", chart) for chart in charts)]
        page = await self._page(dict[str, Any], f"/api/v1/guests/{identity}/range", query)
        found: dict[str, Any] = page["charts"]
        return found

    async def inventory(self, identity: str) -> dict[str, Any]:
        """What the guest itself tells when it is asked now: processes, users and more."""
        return await self._page(dict[str, Any], f"/api/v1/guests/{identity}/inventory", {})

    async def events(self) -> AsyncIterator[tuple[str, Any]]:
        """Live events, (kind, data), until the daemon goes. Raises `DaemonError`."""
        assert self._http is not None
        try:
            async with self._http.get(f"{self.url}/api/v1/events", timeout=_LIVE) as answer:
                await _good(answer)
                held = b""
                async for data in answer.content.iter_any():
                    held += data
                    *events, held = held.split(b"\n\n")
                    if len(held) > MOST:
                        raise DaemonError(f"{self.url}: an event of more than {MOST >> 20} MiB")
                    for event in events:
                        kind, text = _parse(event)
                        if kind:
                            yield kind, msgspec.json.decode(text)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            raise _trouble(self.url, error) from None

    async def _page(self, shape: type[T], path: str, query: Any) -> T:
        assert self._http is not None
        try:
            async with self._http.get(self.url + path, params=query, timeout=_PATIENCE) as answer:
                await _good(answer)
                return msgspec.json.decode(await answer.content.read(MOST), type=shape)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            raise _trouble(self.url, error) from None


def _parse(event: bytes) -> tuple[str, bytes]:
    """Kind and data of a server-sent event; an empty kind for a comment."""
    kind, data = "", []
    for line in event.split(b"\n"):
        field, _, value = line.partition(b": ")
        if field == b"event":
            kind = value.decode("ascii", "replace")
        elif field == b"data":
            data.append(value)
    return kind, b"\n".join(data)


async def _good(answer: aiohttp.ClientResponse) -> None:
    if answer.status < 400:
        return
    try:
        detail = msgspec.json.decode(await answer.content.read(1 << 16))["detail"]
    except (msgspec.MsgspecError, KeyError, TypeError):
        detail = answer.reason
    if answer.status in (401, 403):
        detail = f"{detail}; put an API token of this daemon into GUESTWIRE_TOKEN"
    raise DaemonError(f"{answer.url.origin()}: {detail}")


def _trouble(url: str, error: Exception) -> DaemonError:
    if isinstance(error, aiohttp.ClientConnectorError):
        return DaemonError(f"{url}: no daemon answers there; start one with `guestwire serve`")
    if isinstance(error, msgspec.MsgspecError):
        return DaemonError(f"{url}: this is no answer of a guestwire daemon: {error}")
    return DaemonError(f"{url}: {error or 'no answer in time'}")
