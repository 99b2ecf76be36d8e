"""`make screenshots`: the dashboard with a made-up fleet in it, as docs/images/*.png.

Look at them before they are committed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import chromium
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
# name: (address, width, height, colours, what must be there)
SHOTS = {
    "overview": ("/", 1440, 900, "light", "#rows .spark .line[d]"),
    "guest": ("/guests/id-11?range=24h", 1440, 1020, "dark", "[data-chart=memory] canvas"),
    "alerts": ("/alerts", 1280, 720, "light", "#active li"),
    "phone": ("/", 390, 800, "dark", "#rows a"),
}
MORE = {
    "overview-dark": ("/", 1440, 900, "dark", "#rows .spark .line[d]"),
    "guest-light": ("/guests/id-11?range=24h", 1440, 1020, "light", "[data-chart=memory] canvas"),
    "storage": ("/guests/id-11#storage", 1280, 760, "light", "#storage td"),
    "host": ("/host", 1280, 900, "light", "#slowest td"),
    "work": ("/guests/id-11/work", 1280, 600, "light", "#run form"),
    "guest-phone": ("/guests/id-11", 390, 800, "light", "[data-chart=cpu] canvas"),
}


def shoot(page: Page, base: str, shot: tuple[Any, ...], target: Path) -> None:
    address, width, height, colours, sign = shot
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    page.goto("about:blank")
    page.goto(base + address)
    page.locator(sign).first.wait_for(state="attached")
    page.locator("#live[data-state=live]").wait_for()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(700)  # charts are drawn in frames
    page.screenshot(path=target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="more of them, to look at")
    options = parser.parse_args()
    if chromium.PATH is None:
        print("screenshots: chromium is not installed", file=sys.stderr)
        return 1
    options.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        command = [sys.executable, "-m", "bench.fleet", folder]
        fleet = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert fleet.stdout is not None
            base = fleet.stdout.readline().strip()
            browser = chromium.launch(driver)
            page = browser.new_page()
            for name, shot in {**SHOTS, **(MORE if options.all else {})}.items():
                shoot(page, base, shot, options.into / f"{name}.png")
                print(options.into / f"{name}.png")
            browser.close()
        finally:
            fleet.terminate()
            fleet.wait(10)
    return 0


if __name__ == "__main__":
    sys.exit(main())
