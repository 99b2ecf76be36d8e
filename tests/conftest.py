"""Rules for the whole suite: a skip has a reason that is known, and in CI an unknown one fails the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Why a test may be skipped, as the beginning of its reason. Everything else is an error when CI=true.
EXPECTED_SKIPS = (
    "import-linter is installed for the host's interpreter only",
    "needs Python 3.11",
    "pybase64 is not installed",
    "full part",
    "no schema of QEMU",
    "this machine has no vhost-vsock",
    "this kernel has no AF_VSOCK",
    "no IPv6 here",
    "zsh is not installed",
    "fish is not installed",
)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if not report.skipped or hasattr(report, "wasxfail") or os.environ.get("CI") != "true":
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ") if hasattr(str, "removeprefix") else reason
    if not reason.startswith(EXPECTED_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: unexpected skip: {reason}"
