"""An answer that is an error: RFC 9457's problem+json."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web


class ProblemBody(msgspec.Struct, kw_only=True, rename={"kind": "type"}):
    """What is wrong, for people (`title`, `detail`) and for programs (`status`; `where`, the member that is wrong)."""

    kind: str = "about:blank"
    title: str
    status: int
    detail: str
    where: str | None = None


class Problem(Exception):
    """Raised by handlers; `headers` go into the answer."""

    def __init__(
        self, status: int, detail: str, *, where: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.where = where
        self.headers = headers or {}

    def response(self) -> web.Response:
        """The answer."""
        try:
            title = HTTPStatus(self.status).phrase
        except ValueError:
            title = "Error"
        body = ProblemBody(title=title, status=self.status, detail=self.detail, where=self.where)
        answer = web.Response(
            status=self.status, body=msgspec.json.encode(body), content_type="application/problem+json"
        )
        answer.headers.update(self.headers)
        if self.status == HTTPStatus.UNAUTHORIZED:
            answer.headers.setdefault("WWW-Authenticate", "Bearer")
        return answer
