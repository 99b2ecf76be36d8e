"""The pages of the dashboard: static HTML, styles and scripts. They hold no data; scripts fetch it from the HTTP API.

A page is `templates/NAME.html` inside `templates/layout.html`, with `static/js/pages/NAME.js` to bring it to life;
what that imports goes with it as one script. No build: change a file, start the daemon again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from aiohttp import web

from guestwire.web import bundle
from guestwire.web.assets import FOLDER, TYPES, Asset, Assets, make_asset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"  # keep it, but ask whether it still holds
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its file's name, its title, its address, styles beyond the common ones, and data to ask for at once."""

    name: str
    title: str
    path: str
    styles: tuple[str, ...] = ()
    early: tuple[str, ...] = ()


PAGES = (
    Page(
        "overview",
        "Guests",
        "/",
        ("css/overview.css",),
        ("/api/v1/guests?limit=1000", "/api/v1/alerts?state=firing&amp;limit=1000"),
    ),
    Page("guest", "Guest", "/guests/{guest}", ("vendor/uplot/uPlot.css", "css/guest.css")),
    Page("work", "Work on a guest", "/guests/{guest}/work", ("css/work.css",)),
    Page("alerts", "Alerts", "/alerts", ("css/alerts.css",)),
    Page("host", "Host", "/host"),
    Page("login", "Log in", "/login"),
)
LOST = Page("lost", "Not found", "")
_STYLES = ("css/tokens.css", "css/base.css", "css/parts.css")


@cache
def assets() -> Assets:
    """The assets of this process, with one script and one style sheet for each page."""
    made = Assets()
    bundles = {}
    for page in (*PAGES, LOST):
        bundles[f"page/{page.name}.js"] = bundle.script(f"js/pages/{page.name}.js", made.text)
        bundles[f"page/{page.name}.css"] = bundle.style([*_STYLES, *page.styles], made.text)
    for name, text in bundles.items():
        made.put(name, text)
    return made


@cache
def html(page: Page, theme: str = "") -> Asset:
    """A page as it is sent, in the colours of the system or in those of a `theme`."""
    template = (FOLDER / "templates" / "layout.html").read_text(encoding="utf-8")
    main = (FOLDER / "templates" / f"{page.name}.html").read_text(encoding="utf-8")
    values = {
        "name": page.name,
        "theme": f' data-theme="{theme}"' if theme else "",
        "icon": assets()
        .text("icon.svg")
        .replace("<svg", '<svg width="22" height="22" aria-hidden="true"', 1)
        .strip(),
        "title": page.title,
        # asked for while the script is still on its way; the script's own request then finds the answer
        "early": "\n".join(f'<link rel="preload" as="fetch" crossorigin href="{url}">' for url in page.early),
        "static": f"/static/{assets().digest}",
        "main": main,
    }
    for key, value in values.items():
        template = template.replace("{{" + key + "}}", value)
    return make_asset(template.encode(), TYPES[".html"])


def answer(request: web.Request, asset: Asset, caching: str, vary: str = "Accept-Encoding") -> web.Response:
    """An asset as this browser wants it: not at all where it has it already, compressed where it can read that."""
    headers = {"ETag": asset.tag, "Cache-Control": caching, "Vary": vary}
    if asset.tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = asset.kind
    if asset.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=asset.packed, headers=headers)
    return web.Response(body=asset.body, headers=headers)


def lost(request: web.Request) -> web.Response:
    """What a person sees who asks for an address that there is not."""
    found = _themed(request, LOST, "no-store")
    found.set_status(404)
    return found


def _themed(request: web.Request, page: Page, caching: str) -> web.Response:
    theme = request.cookies.get("guestwire-theme", "")
    asset = html(page, theme if theme in THEMES else "")
    return answer(request, asset, caching, "Accept-Encoding, Cookie")


async def static(request: web.Request) -> web.Response:
    """A file of `static/`. One of an older version is answered by today's, which no browser may keep for ever."""
    asset = assets().get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    same = request.match_info["digest"] == assets().digest
    return answer(request, asset, FOR_EVER if same else ASK_AGAIN)


def _show(page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def show(request: web.Request) -> web.Response:
        return _themed(request, page, ASK_AGAIN)

    return show


ROUTES: list[web.RouteDef] = [
    *(web.get(page.path, _show(page)) for page in PAGES),
    web.get("/static/{digest}/{name:.+}", static),
]
