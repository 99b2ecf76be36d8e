"""Alerts and silences, and the host's own health."""

from __future__ import annotations

from playwright.sync_api import expect


def test_alerts_by_severity_with_history_and_rules(visit, fleet):
    one = visit(fleet, "/alerts")
    page = one.page
    expect(page.locator("#active li").first).to_contain_text("critical")
    page.locator("#active .chips button", has_text="Warning").click()
    expect(page.locator("#active")).not_to_contain_text("FilesystemFull")
    page.get_by_role("tab", name="Rules").click()
    expect(page.locator("#rules")).to_contain_text("predict_linear")
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#history .panel")).to_be_visible()
    one.forgive("404")


def test_a_silence_from_an_alert_to_its_end(visit, fleet):
    page = visit(fleet, "/alerts").page
    alert = page.locator("#active li", has_text="ClockSkew")
    alert.get_by_role("button", name="Silence").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Value").first).to_have_value("ClockSkew")
    dialog.get_by_label("Comment").fill("known, <b>ticket 7</b>")
    dialog.get_by_role("button", name="Silence").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#active li", has_text="ClockSkew")).to_contain_text("silenced")
    page.get_by_role("tab", name="Silences").click()
    silence = page.locator("#silences tr", has_text="ClockSkew")
    expect(silence).to_contain_text("<b>ticket 7</b>")
    silence.get_by_role("button", name="End now").click()
    expect(page.locator("#silences")).to_contain_text("No silence.")


def test_a_silence_of_nothing_is_refused(visit, fleet):
    one = visit(fleet, "/alerts")
    one.page.get_by_role("button", name="New silence").click()
    dialog = one.page.get_by_role("dialog")
    dialog.get_by_label("Label", exact=True).fill("")
    dialog.get_by_role("button", name="Silence").click()
    expect(dialog.get_by_role("alert")).to_contain_text("at least one label")
    one.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_host_tells_of_itself(visit, fleet):
    one = visit(fleet, "/host")
    page = one.page
    expect(page.locator("#tiles")).to_contain_text("of 60")
    expect(page.locator("#store")).to_contain_text("history.db")
    page.locator("#slowest a").first.click()
    page.wait_for_url("**/guests/**")
    one.forgive("404")
