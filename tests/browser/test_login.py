"""Where users are configured, the pages show nothing until one logs in, and only what one may."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guestwire.web.passwords import hashed
from tests.browser.daemons import Daemon

USERS = """
[web.users.vera]
password = "{vera}"
role = "viewer"
[web.users.olaf]
password = "{olaf}"
role = "operator"
"""


@pytest.fixture(scope="module")
def guarded(agents, tmp_path_factory):
    users = USERS.format(vera=hashed("looks only 1"), olaf=hashed("works here 2"))
    daemon = Daemon(tmp_path_factory.mktemp("guarded"), {"sim-000": agents["sim-000"]}, 1, users)
    yield daemon.url
    daemon.close()


def log_in(page, user, password):
    page.get_by_label("User").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_login_leads_where_one_wanted_to_go(visit, guarded):
    one = visit(guarded, "/guests/sim-000")
    page = one.page
    page.wait_for_url("**/login?next=*")
    log_in(page, "olaf", "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, "olaf", "works here 2")
    page.wait_for_url("**/guests/sim-000")
    expect(page.locator("#who")).to_contain_text("olaf")
    page.get_by_role("link", name="Work on this guest").click()
    expect(page.get_by_role("tab", name="Run")).to_be_visible()
    expect(page.get_by_role("tab", name="Power")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    one.forgive("401")


def test_a_viewer_looks_and_does_nothing_else(visit, guarded):
    one = visit(guarded, "/login")
    page = one.page
    log_in(page, "vera", "looks only 1")
    expect(page.locator("#rows tr.row")).to_have_count(1)
    page.goto("/guests/sim-000")
    expect(page.locator("h1")).to_have_text("sim-000")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#work")).to_be_hidden()
    page.goto("/guests/sim-000/work")
    expect(page.locator("#refused")).to_contain_text("not work on it")
    page.goto("/alerts")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.get_by_role("button", name="New silence")).to_be_hidden()
    one.forgive("401")
