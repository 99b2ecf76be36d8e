"""A guest's page: charts that answer, and all that stands beside them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

TABS = {
    "Storage": "/var/lib/postgresql",
    "Network": "eth0",
}


@pytest.fixture
def page(visit, fleet):
    one = visit(fleet, "/guests/id-11?range=24h")
    expect(one.page.locator("h1")).to_have_text("db-02")
    expect(one.page.locator("[data-chart=cpu] canvas")).to_be_visible()
    yield one.page
    one.forgive("404", "501", "502", "503", "504")  # what only an agent could tell: these guests have none


def test_the_charts_are_there_with_what_is_not_known(page):
    for chart in (
        "cpu",
        "load",
        "memory",
        "pressure",
        "filesystems",
        "disk_bytes",
        "network",
        "round_trip",
        "clock",
    ):
        place = page.locator(f"[data-chart={chart}]")
        place.scroll_into_view_if_needed()
        expect(place.locator("canvas")).to_be_visible()
    legend = page.locator("[data-chart=cpu] li")
    assert [text.split()[0] for text in legend.all_inner_texts()][:3] == ["user", "system", "iowait"]
    page.locator("[data-chart=host_cpu]").scroll_into_view_if_needed()
    expect(page.locator("[data-chart=host_cpu] canvas")).to_be_visible()


def test_hovering_reads_out_and_a_gap_says_why(page):
    plot = page.locator("[data-chart=cpu] .u-over")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
    expect(page.locator("[data-chart=cpu] header output")).to_contain_text("202")
    middle = 1 - 31200 / 86400  # where the history has a gap
    page.mouse.move(box["x"] + box["width"] * middle, box["y"] + 40)
    expect(page.locator("[data-chart=cpu] header output")).to_contain_text("no answer")
    expect(page.locator("[data-chart=cpu] li").first).to_contain_text("–")


def test_dragging_zooms_every_chart_and_live_goes_back(page):
    box = page.locator("[data-chart=cpu] .u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50, steps=4)
    page.mouse.up()
    page.wait_for_url("**start=*end=*")
    expect(page.locator("#range output")).to_contain_text("–")
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Earlier").click()
    page.get_by_role("button", name="Live: follow what comes").click()
    expect(page.get_by_role("button", name="Live: follow what comes")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="The last 15m").click()
    page.wait_for_url("**range=15m*")


def test_tabs_go_by_keyboard_and_by_address(page):
    page.get_by_role("tab", name="Charts").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Storage")).to_be_focused()
    expect(page.locator("#storage")).to_contain_text("/var/lib/postgresql")
    expect(page.locator("#storage")).to_contain_text("98%")
    page.reload()
    expect(page.locator("#storage")).to_be_visible()
    page.get_by_role("tab", name="Network").click()
    expect(page.locator("#network")).to_contain_text("52:54:00:00:00:0b")


def test_its_alerts_are_told(page):
    expect(page.locator("#alerts")).to_contain_text("FilesystemFull")


def test_a_guest_that_is_not_there(visit, fleet):
    one = visit(fleet, "/guests/nobody")
    expect(one.page.locator("#missing")).to_contain_text("nobody")
    one.page.get_by_role("link", name="All guests").click()
    expect(one.page.locator("#rows a").first).to_be_visible()
    one.forgive("404")
