"""Debian's Chromium without a screen, as tests, measurements and screenshots drive it."""

from __future__ import annotations

import shutil
from typing import Any

PATH = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def launch(driver: Any) -> Any:
    """A browser of a Playwright `driver`; asks nobody but the pages that it is sent to."""
    return driver.chromium.launch(executable_path=PATH, args=list(FLAGS))
