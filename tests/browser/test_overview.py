"""The overview: forty guests and a full disk somewhere, seen at once."""

from __future__ import annotations

from playwright.sync_api import expect


def rows(page):
    return page.locator("#rows tr.row")


def names(page):
    return page.locator("#rows tr.row .c-name a").all_inner_texts()


def test_what_is_wrong_stands_first(visit, fleet):
    page = visit(fleet).page
    urgent = page.locator("#attention li")
    expect(urgent.first).to_have_attribute("data-severity", "critical")
    expect(page.locator("#attention")).to_contain_text("/var/lib/postgresql of db-02")
    first = rows(page).first
    expect(first.locator(".c-alerts")).to_contain_text("critical")
    expect(page.locator("#alert-count")).to_be_visible()


def test_only_rows_in_sight_exist_and_all_can_be_reached(visit, fleet):
    page = visit(fleet).page
    table = page.get_by_role("table", name="Guests")
    expect(table).to_have_attribute("aria-rowcount", "61")
    assert rows(page).count() < 45
    page.get_by_role("button", name="Guest", exact=True).click()
    page.locator("#rows a").first.focus()
    page.keyboard.press("End")
    expect(page.locator("#rows tr[aria-rowindex='61'] a")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#rows tr[aria-rowindex='60'] a")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#rows tr[aria-rowindex='2'] a")).to_be_focused()


def test_columns_sort_both_ways(visit, fleet):
    page = visit(fleet).page
    button = page.get_by_role("button", name="Guest", exact=True)
    button.click()
    expect(page.locator("th.c-name")).to_have_attribute("aria-sort", "ascending")
    up = names(page)
    button.click()
    expect(page.locator("th.c-name")).to_have_attribute("aria-sort", "descending")
    assert names(page) != up
    for column in (
        "State",
        "CPU",
        "Memory",
        "Fullest filesystem",
        "Network",
        "Alerts",
        "Uptime",
        "System",
        "Agent",
    ):
        page.get_by_role("button", name=column, exact=True).click()
    page.get_by_role("button", name="Fullest filesystem", exact=True).click()
    expect(rows(page).first).to_contain_text("db-02")


def test_search_finds_by_any_word_and_stays_in_the_address(visit, fleet):
    page = visit(fleet).page
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("db-0")
    expect(page.locator("#rows")).not_to_contain_text("web-")
    found = names(page)
    assert found
    assert all(name.startswith("db-0") for name in found)
    page.reload()
    expect(page.locator("#search")).to_have_value("db-0")
    expect(rows(page)).to_have_count(len(found))
    page.locator("#search").fill("there is no such guest")
    expect(page.locator("#empty")).to_be_visible()
    page.locator("#search").press("Escape")
    expect(page.locator("#guests")).to_be_visible()


def test_states_filter(visit, fleet):
    page = visit(fleet).page
    page.locator("#states button", has_text="Silent").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(
        "no answer" if rows(page).get_by_text("no answer").count() else "silent"
    )
    expect(rows(page).locator(".c-cpu")).to_contain_text("–")
    page.locator("#states button", has_text="Off").click()
    expect(rows(page).locator(".c-state")).to_contain_text("off")
    page.locator("#states button", has_text="All").click()
    assert rows(page).count() > 10


def test_figures_change_while_one_looks(visit, fleet):
    page = visit(fleet).page
    expect(page.locator("#live")).to_have_text("Live")
    before = page.locator("#rows").inner_text()
    page.wait_for_function("before => document.getElementById('rows').innerText !== before", arg=before)


def test_colours_are_kept(visit, fleet):
    page = visit(fleet, color_scheme="light").page
    page.get_by_role("button", name="Colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_phone_shows_all_without_scrolling_sideways(visit, fleet):
    one = visit(fleet, has_touch=True)
    for path in ("/", "/guests/id-11", "/alerts", "/host", "/guests/id-11/work"):
        one.page.set_viewport_size({"width": 360, "height": 740})
        one.page.goto(path)
        expect(one.page.locator("#live")).to_have_attribute("data-state", "live")
        wide = one.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
    one.forgive("404", "501")


def test_pages_opened_in_the_background_leave_connections_to_others(visit, fleet):
    one = visit(fleet)
    hidden = "Object.defineProperty(document, 'hidden', { get: () => window.seen !== true });"
    one.context.add_init_script(hidden)
    streams = []
    for _ in range(8):  # more than a browser opens to one server
        page = one.context.new_page()
        page.on("request", lambda request: streams.append(request.url) if "/events" in request.url else None)
        page.goto(f"{fleet}/guests/id-1")
        expect(page.locator("#live")).to_have_text("Paused")
    assert not streams
    page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#live")).to_have_text("Live")
    assert len(streams) == 1
