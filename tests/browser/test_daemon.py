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


def test_what_only_the_guest_itself_tells(visit, daemon):
    one = visit(daemon.url, "/guests/ours")
    page = one.page
    page.get_by_role("tab", name="Processes and users").click()
    cells = page.locator("#processes tbody tr").first.locator("td")
    expect(cells).to_have_count(7)
    assert "–" not in cells.all_inner_texts()
    page.get_by_role("tab", name="Network").click()
    expect(page.locator("#network")).to_contain_text("Routes")
    page.get_by_role("tab", name="Inventory").click()
    expect(page.locator("#inventory")).to_contain_text("guest-ping")
    page.get_by_role("tab", name="Charts").click()
    expect(page.locator("#unknown")).to_contain_text("its QEMU process is not known here")


def test_an_address_that_there_is_not(visit, daemon):
    one = visit(daemon.url, "/guest/ours")
    expect(one.page.locator("h1")).to_have_text("Nothing has this address")
    one.page.get_by_role("link", name="first page").click()
    expect(one.page.locator("#rows tr.row").first).to_be_visible()
    one.forgive("404")


def test_a_name_without_end_fits_the_page(visit, tmp_path):
    name = "x" * 200
    made = Daemon(tmp_path, {name: tmp_path / "nobody.sock"})
    try:
        one = visit(made.url)
        for width in (1440, 360):
            one.page.set_viewport_size({"width": width, "height": 740})
            for path in ("/", f"/guests/{name}", f"/guests/{name}/work", "/alerts", "/host"):
                one.page.goto(path)
                expect(one.page.locator("#live")).to_have_attribute("data-state", "live")
                assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        one.forgive("409", "502", "503", "504")
        one.page.goto("about:blank")
    finally:
        made.close()


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
