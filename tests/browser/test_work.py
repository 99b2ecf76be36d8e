"""Work on a guest through the page: programs, files, freeze and power, on real and simulated agents."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def work(visit, daemon):
    def go(guest, part=""):
        one = visit(daemon.url, f"/guests/{guest}/work{part}")
        expect(one.page.locator("#state")).to_have_text("up")
        return one

    return go


def test_a_program_and_what_it_said(work):
    page = work("ours").page
    page.get_by_role("textbox", name="Command").fill("echo '<b>hello</b>'; echo trouble >&2; exit 3")
    page.get_by_role("button", name="Run", exact=True).click()
    run = page.locator(".run").first
    expect(run.locator("header .pill")).to_contain_text("exit status 3")
    expect(run.locator("pre").first).to_have_text("<b>hello</b>\n")
    expect(run.locator("pre.stderr")).to_contain_text("trouble")
    page.get_by_role("textbox", name="Command").fill("cat")
    page.locator("summary").click()
    page.locator("textarea").fill("said by the host")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".run").first.locator("pre").first).to_have_text("said by the host")


def test_files_go_there_and_come_back(work, tmp_path):
    one = work("ours", "#files")
    page = one.page
    folder = tmp_path / "in the guest"
    folder.mkdir()
    (folder / "<img src=x onerror=alert(1)>").mkdir()
    page.get_by_label("Folder").fill(str(folder))
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".listing")).to_contain_text("<img src=x onerror=alert(1)>/")
    content = bytes(range(256)) * 2000
    sent = tmp_path / "sent.bin"
    sent.write_bytes(content)
    page.locator("input[type=file]").set_input_files(sent)
    row = page.locator(".listing tr", has_text="sent.bin")
    expect(row).to_contain_text("500 KiB")
    assert (folder / "sent.bin").read_bytes() == content
    with page.expect_download() as waiting:
        row.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == content
    page.get_by_role("button", name="../").click()
    expect(page.locator(".listing")).to_contain_text("in the guest/")
    page.get_by_label("Folder").fill("/there is none")
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".toast[data-tone=critical]")).to_contain_text("there is none")
    one.forgive("404", "409", "422", "502")


def test_files_go_where_they_were_dropped_and_leaving_is_asked_for(work, tmp_path):
    one = work("ours", "#files")
    page = one.page
    held = []

    def hold(route):
        if held:
            route.continue_()
        held.append(route)

    page.route("**/files/content?*", hold)
    sent = [tmp_path / name for name in ("one", "two")]
    for path in sent:
        path.write_text(path.name)
    folder = tmp_path / "first"
    folder.mkdir()
    page.get_by_label("Folder").fill(str(folder))
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".listing")).to_contain_text("../")
    page.locator("input[type=file]").set_input_files(sent)
    page.wait_for_function("document.querySelector('.progress')")
    page.get_by_label("Folder").fill(str(tmp_path))
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".listing")).to_contain_text("first/")
    page.remove_listener("dialog", one.asked_something)
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    held[0].continue_()
    expect(page.locator(".toast", has_text="two is in the guest")).to_be_visible()
    assert [(folder / path.name).read_text() for path in sent] == ["one", "two"]


def test_a_freeze_shows_its_lease_and_ends(work):
    page = work("sim-003", "#freeze").page
    expect(page.locator(".lease")).to_contain_text("Not frozen")
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator(".lease")).to_contain_text("thaws by itself in")
    page.get_by_role("button", name="Thaw").click()
    expect(page.locator(".lease")).to_contain_text("Not frozen")


def test_clock_and_trim(work):
    page = work("sim-004", "#upkeep").page
    page.get_by_role("button", name="Trim").click()
    expect(page.locator("#upkeep table")).to_contain_text("4.00 KiB")
    page.get_by_role("button", name="Set to the host's time").click()
    expect(page.locator(".toast")).to_contain_text("clock")


def test_what_the_guest_forbids_is_said(work):
    one = work("ours", "#power")
    page = one.page
    page.get_by_role("button", name="Reboot").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("ours")
    dialog.get_by_role("button", name="Reboot").click()
    expect(dialog.get_by_role("alert")).to_contain_text("disabled")
    one.forgive("403", "409", "502")


def test_what_was_done_is_in_the_audit_log(work):
    one = work("ours")
    one.page.get_by_role("textbox", name="Command").fill("true")
    one.page.get_by_role("button", name="Run", exact=True).click()
    expect(one.page.locator(".run header .pill")).to_contain_text("exit status 0")
    one.page.goto("/guests/ours#calls")
    expect(one.page.locator("#calls")).to_contain_text("guest-exec")
