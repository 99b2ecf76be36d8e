"""The pages in front of the real daemon: agents of both kinds, two hundred simulated ones, and a restart."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.daemons import SIMULATED, Daemon


def test_two_hundred_simulated_guests_and_two_real_ones(visit, daemon, agents):
    one = visit(daemon.url)
    page = one.page
    expect(page.locator("#states button", has_text="Up").locator("b")).to_have_text(str(len(agents)))
    page.locator("#search").fill("ours")
    expect(page.locator("#rows tr.row .c-memory")).to_contain_text("%")
    page.locator("#search").fill("onerror")
    expect(page.locator("#guests")).to_have_attribute("aria-rowcount", str(SIMULATED // 10 + 1))
    assert page.title() == "Guests · guestwire"


def test_a_real_guest_from_inside(visit, daemon):
    one = visit(daemon.url, "/guests/ours")
    page = one.page
    expect(page.locator("[data-chart=memory] canvas")).to_be_visible()
    expect(page.locator("[data-chart=cpu] canvas")).to_be_visible()
    expect(page.locator("#tiles")).to_contain_text("load")
    page.get_by_role("tab", name="Storage").click()
    expect(page.locator("#storage tbody tr").first).to_be_visible()
    one.forgive("404")


def test_an_evil_guest_through_the_whole_daemon(visit, daemon):
    one = visit(daemon.url, "/guests/sim-009")
    expect(one.page.locator("#about")).to_contain_text("<script>")
    for tab in ("Storage", "Network", "Processes and users", "Inventory"):
        one.page.get_by_role("tab", name=tab).click()
    expect(one.page.locator("#inventory > *").first).to_be_visible()
    assert one.page.evaluate("document.querySelectorAll('main script, main img').length") == 0
    assert "owned" not in one.page.title().split("·")[-1]
    one.forgive("404")


def test_the_page_survives_a_restart_of_the_daemon(visit, agents, tmp_path):
    guests = {name: agents[name] for name in ("sim-000", "sim-001", "sim-002")}
    daemon = Daemon(tmp_path, guests, interval=1)
    try:
        one = visit(daemon.url)
        page = one.page
        expect(page.locator("#live")).to_have_text("Live")
        page.evaluate("window.sameDocument = true")
        daemon.stop()
        expect(page.locator("#live")).to_have_text("Reconnecting…")
        expect(page.locator("#rows tr.row")).to_have_count(3)
        daemon.start()
        expect(page.locator("#live")).to_have_text("Live")
        expect(page.locator("#rows tr.row .c-cpu", has_text="%")).to_have_count(3)
        assert page.evaluate("window.sameDocument")
        one.forgive("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY", "ERR_CONNECTION_RESET")
    finally:
        daemon.close()
