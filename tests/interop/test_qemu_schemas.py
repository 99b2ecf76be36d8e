"""QEMU's own schemas of the guest agent, of several versions, are read unchanged.

They are under the GPL, so they are fetched from Debian's source packages when the test runs, and never kept here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from guestwire.schema import loader

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import fetch_qemu_schemas as qemu  # noqa: E402

FACTS = json.loads((ROOT / "tests" / "golden" / "schema-facts.json").read_text())
LINUX = [symbol for symbol, where in FACTS["condition_symbols"].items() if "linux" in where]
# Debian's suite, QEMU's version there or a later one, and how many commands that version has on Linux at least.
SUITES = {"bullseye": 40, "bookworm": 42, "bookworm-backports": 43, "trixie": 43, "sid": 43}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("suite", SUITES)
def test_it_is_read_unchanged(suite: str) -> None:
    try:
        path = qemu.fetch(suite)
    except qemu.Unreachable as error:
        pytest.skip(f"no schema of QEMU: {error}")
    found = loader.load([str(path)], LINUX)
    assert len(found.commands) >= SUITES[suite]
    assert set(found.commands) <= {fact["name"] for fact in FACTS["commands"]}
    assert found.docs["guest-ping"].since == "0.15.0"
    for fact in FACTS["commands"]:
        command = found.commands.get(fact["name"])
        if command is None or fact["name"] in ("guest-exec", "guest-fstrim"):
            continue  # not there yet, or it has grown since
        assert [member.name for member in command.arguments] == [each["name"] for each in fact["arguments"]]
        assert command.success_response is fact["success_response"]
    assert set(found.docs) >= set(found.commands)
