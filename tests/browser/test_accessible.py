"""axe-core finds nothing to complain of, on any page, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tools.vendor import AXE, Unreachable, read

PAGES = {
    "/": "#rows a",
    "/guests/id-11": "[data-chart=cpu] canvas",
    "/guests/id-11#storage": "#storage td",
    "/guests/id-11#network": "#network td",
    "/alerts": "#active li",
    "/alerts#rules": "#rules td",
    "/host": "#tiles .tile",
    "/guests/id-11/work": "#run form",
    "/guests/id-11/work#power": "#power button",
    "/login": "#form",
}
RUN = """async (rules) => (await axe.run(document, {resultTypes: ["violations"], ...rules})).violations.map(
    ({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`)"""


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        return read(AXE, "axe.min.js").decode()
    except Unreachable as error:
        pytest.skip(f"axe-core cannot be had: {error}")


@pytest.mark.parametrize(
    ("colours", "rules"), [("light", {}), ("dark", {"runOnly": ["color-contrast"]})], ids=["light", "dark"]
)
def test_axe_finds_no_violation(visit, fleet, axe, colours, rules):
    # a test may put a script where the policy of the page lets nobody
    one = visit(fleet, color_scheme=colours, bypass_csp=True, reduced_motion="reduce")
    one.page.route(
        "**/api/v1/session", lambda route: route.fulfill(json=LOGIN) if asked_in(one) else route.continue_()
    )
    found = []
    for path, sign in PAGES.items():
        one.page.goto("about:blank")
        one.page.goto(path)
        expect(one.page.locator(sign).first).to_be_visible()
        one.page.add_script_tag(content=axe)
        found += [f"{path}: {violation}" for violation in one.page.evaluate(RUN, rules)]
    one.forgive("404", "409", "501", "502", "503", "504")
    assert not found, "\n".join(found)


LOGIN = {"login_required": True, "user": None, "role": None, "csrf": "x", "version": "0", "may": []}


def asked_in(one) -> bool:
    return "/login" in one.page.url


def test_every_page_is_worked_with_the_keyboard_alone(visit, fleet):
    page = visit(fleet).page
    expect(page.locator("#rows a").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/alerts")
    page.keyboard.press("g")
    page.keyboard.press("g")
    page.wait_for_url(lambda url: url.rstrip("/").count("/") == 2)
    expect(page.locator("#rows a").first).to_be_visible()
    page.keyboard.press("/")
    page.locator("#search").fill("db-02")
    page.keyboard.press("Enter")
    expect(page.locator("#rows a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("db-02")
