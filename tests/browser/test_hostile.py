"""What an evil guest says is text on every page, and nothing else."""

from __future__ import annotations

from bench.made_up import HOSTILE
from playwright.sync_api import expect

from tests.browser.evil import NUMBER

EVIL = "<img src=x onerror=alert(1)>"
TABS = {
    "Storage": "#storage",
    "Network": "#network",
    "Processes and users": "#processes",
    "Inventory": "#inventory",
}
MARKUP = "document.querySelectorAll('main img, main script, main iframe, main b b, main [onerror]').length"


def quiet(one):
    """No element came of it, no request, no dialog (those fail the visit)."""
    assert one.page.evaluate(MARKUP) == 0
    one.forgive("404", "409", "501", "502", "503", "504")


def test_in_the_overview(visit, fleet):
    one = visit(fleet, "/?q=onerror")
    row = one.page.locator("#rows tr.row")
    expect(row).to_have_count(1)
    expect(row.locator(".c-name a")).to_contain_text(EVIL)
    expect(row.locator(".c-os")).to_contain_text(EVIL)
    quiet(one)


def test_on_its_own_page_and_where_one_works(visit, fleet):
    one = visit(fleet, "/guests/id-2")
    expect(one.page.locator("h1")).to_contain_text(EVIL)
    expect(one.page.locator("#about")).to_contain_text(EVIL)
    assert EVIL in one.page.title()
    for tab in ("Storage", "Network", "Processes and users", "Inventory", "Calls"):
        one.page.get_by_role("tab", name=tab).click()
    quiet(one)
    one.page.goto("/guests/id-2/work#power")
    expect(one.page.locator("h1")).to_contain_text(EVIL)
    one.page.get_by_role("button", name="Reboot").click()
    dialog = one.page.get_by_role("dialog")
    expect(dialog).to_contain_text(EVIL)
    dialog.get_by_role("textbox").fill("something else")
    dialog.get_by_role("button", name="Reboot").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not the guest's name")
    quiet(one)


def test_a_name_in_the_address_goes_nowhere_else(visit, fleet):
    one = visit(fleet, "/guests/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%2F..%2F..%2Flogin")
    one.forgive("404 (Not Found)")  # the API knows no such guest
    expect(one.page.locator("#missing")).to_be_visible()
    quiet(one)
    one.page.goto("/login?next=//example.org/")
    one.page.wait_for_url(f"{fleet}/")
    assert one.page.url == f"{fleet}/"
    assert HOSTILE.startswith(EVIL)


def test_a_guest_that_is_evil_in_all_it_says(visit, daemon):
    """Processes, users, mount points, disks, interfaces, routes, zone, agent: on every page, in titles and charts."""
    one = visit(daemon.url, f"/?q=sim-{NUMBER:03d}")
    page = one.page
    row = page.locator("#rows tr.row")
    expect(row.locator(".c-os")).to_contain_text("<script>")
    expect(row.locator(".c-filesystem")).to_contain_text("<img")
    quiet(one)
    page.goto(f"/guests/sim-{NUMBER:03d}")
    for chart in ("filesystems", "disk_bytes", "network"):
        place = page.locator(f"[data-chart={chart}]")
        place.scroll_into_view_if_needed()
        expect(place).to_contain_text("<script>")
    for tab, panel in TABS.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page.locator(panel)).to_contain_text("onerror=alert(1)")
    quiet(one)
    for path in (f"/guests/sim-{NUMBER:03d}/work#files", "/alerts", "/host"):
        page.goto(path)
        expect(page.locator("#live")).to_have_text("Live")
        quiet(one)
    assert "owned" not in page.title()


def test_what_people_write_is_text_too(visit, daemon):
    """A command line, a file's name, a silence's comment."""
    one = visit(daemon.url, "/guests/ours/work#run")
    page = one.page
    page.get_by_role("textbox", name="Command").fill(f"printf '%s' '{EVIL}'")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".run pre").first).to_contain_text(EVIL)
    quiet(one)
    page.goto("/guests/ours")
    page.get_by_role("tab", name="Calls").click()
    expect(page.locator("#calls")).to_contain_text("printf")
    quiet(one)
