"""What an evil guest says is text on every page, and nothing else."""

from __future__ import annotations

from bench.made_up import HOSTILE
from playwright.sync_api import expect

EVIL = "<img src=x onerror=alert(1)>"
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
