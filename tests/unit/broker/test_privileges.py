from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from guestwire import schema
from guestwire.broker.privileges import OF_COMMAND, OF_HANDLES, OF_MODES, PRIVILEGES, needed
from guestwire.wire.messages import Request

COMMANDS = [
    name
    for path in sorted((Path(schema.__file__).parent / "qapi").glob("*.json"))
    for name in re.findall(r"'command': *'([^']+)'", path.read_text())
]
UNRESTRICTED_ONLY = {
    "guest-set-time",
    "guest-set-vcpus",
    "guest-set-memory-blocks",
    "guest-set-user-password",
    "guest-ssh-get-authorized-keys",
    "guest-ssh-add-authorized-keys",
    "guest-ssh-remove-authorized-keys",
}
FOR_EVERYBODY = {"guest-sync", "guest-sync-delimited"}


def test_every_command_of_the_schema_has_its_place() -> None:
    assert len(COMMANDS) > 40
    known = {*OF_COMMAND, *OF_HANDLES, "guest-file-open"} | UNRESTRICTED_ONLY | FOR_EVERYBODY
    assert set(COMMANDS) == known


@pytest.mark.parametrize("name", [*sorted(UNRESTRICTED_ONLY), "site-anything", "guest-get-secrets", ""])
def test_the_rest_takes_everything(name: str) -> None:
    assert needed(Request(name, None)) == ()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"file-read"}),
        ({"mode": "rb"}, {"file-read"}),
        ({"mode": "w"}, {"file-write"}),
        ({"mode": "r+"}, {"file-read", "file-write"}),
        ({"mode": "a+b"}, {"file-read", "file-write"}),
    ],
)
def test_a_mode_says_what_opening_takes(arguments: dict[str, str], expected: set[str]) -> None:
    assert needed(Request("guest-file-open", arguments)) == (expected,)


@pytest.mark.parametrize("mode", ["rw", "r,ccs=utf-8", "", "R", 7, None, ["r"], "rce", "x"])
def test_an_odd_mode_takes_everything(mode: object) -> None:
    assert needed(Request("guest-file-open", {"mode": mode})) == ()


def test_the_reference_names_them_all() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/policy.md").read_text()
    rows = dict(
        re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page.split("## Privileges")[1].split("## Paths")[0], re.M)
    )
    assert tuple(rows) == PRIVILEGES
    for command, privilege in OF_COMMAND.items():
        shown = re.findall(r"`([a-z*-]+)`", rows[privilege])
        assert any(re.fullmatch(each.replace("*", ".*"), command) for each in shown), json.dumps(
            [command, shown]
        )
    assert all(any(mode in row for row in rows.values()) for mode in OF_MODES if "+" not in mode)
