"""The schema that the package brings along, against the facts of QEMU's newest one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guestwire.schema import builtin, compiled
from guestwire.schema.loader import check, group_of
from guestwire.schema.model import Alternate, Enum, Struct, Variants
from guestwire.schema.parser import Source

from .helpers import GOLDEN, QAPI

FACTS = json.loads((GOLDEN / "schema-facts.json").read_text())
PLATFORMS = ("linux", "freebsd", "windows", "other-posix")
SYMBOLS = {
    platform: {symbol for symbol, where in FACTS["condition_symbols"].items() if platform in where}
    for platform in PLATFORMS
}
ALL = frozenset(FACTS["condition_symbols"])
TYPES = builtin.definitions(ALL)
CHECKED = check(Source().read(str(QAPI / "guestwire.json")))
GROUPS = (
    "session files processes filesystems freeze power clock cpu memory network users ssh osinfo stats devices"
    " metrics"
)
OWN_COMMANDS = {"guest-get-statvfs", "guestwire-info", "guestwire-get-metrics"}
OUT_OF_BAND = {"guest-sync", "guest-sync-delimited", "guest-ping", "guest-info", "guestwire-info"}
FROZEN_SAFE = OUT_OF_BAND | {"guest-fsfreeze-status", "guest-fsfreeze-thaw", "guestwire-get-metrics"}


def type_of(fact: str) -> str:
    return f"[{fact[len('array of ') :]}]" if fact.startswith("array of ") else fact


def members(facts: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(fact["name"], type_of(fact["type"]), fact.get("optional", False)) for fact in facts]


@pytest.mark.parametrize("fact", FACTS["commands"], ids=lambda fact: fact["name"])
def test_each_command_of_qemu(fact: dict[str, Any]) -> None:
    command = builtin.commands(ALL)[fact["name"]]
    assert [(m.name, m.type, m.optional) for m in command.arguments] == members(fact["arguments"])
    assert command.returns == (type_of(fact["returns"]) if fact["returns"] else None)
    assert command.success_response is fact["success_response"]
    for platform in PLATFORMS:
        assert (fact["name"] in builtin.commands(SYMBOLS[platform])) is (platform in fact["platforms"])
    doc = CHECKED.definitions[fact["name"]].expression.doc
    assert doc is not None
    assert str(doc.since).split(";")[0] == fact["since"].split(" (")[0]


@pytest.mark.parametrize("fact", FACTS["types"], ids=lambda fact: fact["name"])
def test_each_type_of_qemu(fact: dict[str, Any]) -> None:
    found = TYPES[fact["name"]]
    if fact["kind"] == "struct":
        assert isinstance(found, Struct)
        assert [(m.name, m.type, m.optional) for m in found.members] == members(fact["members"])
    elif fact["kind"] == "enum":
        assert isinstance(found, Enum)
        wanted = [value["name"] for value in fact["values"] if value["name"] != "merged"]
        assert list(found.values) == wanted  # `merged` exists where CONFIG_WIN32 does not hold
    elif fact["kind"] == "alternate":
        assert isinstance(found, Alternate)
        assert found.branches == fact["branches"]
    else:
        assert isinstance(found, Variants)
        assert [(m.name, m.type, m.optional) for m in found.members] == members(fact["base"])
        assert (found.discriminator, found.branches) == (fact["discriminator"], fact["branches"])
    for platform in PLATFORMS:
        here = builtin.definitions(frozenset(SYMBOLS[platform]))
        assert (fact["name"] in here) is (platform in fact["platforms"])


def test_merged_output_exists_everywhere_but_on_windows() -> None:
    for platform in PLATFORMS:
        modes = builtin.definitions(frozenset(SYMBOLS[platform]))["GuestExecCaptureOutputMode"]
        assert isinstance(modes, Enum)
        assert ("merged" in modes.values) is (platform != "windows")


def test_the_order_is_qemus_and_then_our_own() -> None:
    names = list(builtin.commands(ALL))
    assert names[: len(FACTS["commands"])] == [fact["name"] for fact in FACTS["commands"]]
    assert set(names[len(FACTS["commands"]) :]) == OWN_COMMANDS


def test_the_marks_that_steer_the_dispatcher() -> None:
    commands = builtin.commands(ALL).values()
    assert {command.name for command in commands if command.allow_oob} == OUT_OF_BAND
    assert {c.name for c in commands if "allowed-when-frozen" in c.features} == FROZEN_SAFE
    assert {c.name: c.streamed for c in commands if c.streamed} == {"guest-file-write": "buf-b64"}


def test_one_file_a_group() -> None:
    assert {path.stem for path in QAPI.glob("*.json")} == {*GROUPS.split(), "guestwire"}
    assert {group_of(definition) for definition in CHECKED.definitions.values()} == set(GROUPS.split())
    assert {command.group for command in builtin.commands(ALL).values()} == set(GROUPS.split())


def test_statistics_of_a_filesystem() -> None:
    found = TYPES["GuestFileSystemStatistics"]
    assert isinstance(found, Struct)
    names = "bsize frsize blocks bfree bavail files ffree favail fsid flag namemax".split()
    assert [(m.name, m.type, m.optional) for m in found.members] == [
        (f"f_{name}", "int", False) for name in names
    ]
    assert [(m.name, m.type) for m in builtin.commands(ALL)["guest-get-statvfs"].arguments] == [
        ("path", "str")
    ]


def test_the_tables_are_plain() -> None:
    def plain(value: object) -> bool:
        if isinstance(value, tuple):
            return all(plain(item) for item in value)
        return value is None or isinstance(value, (str, bool))

    assert plain(compiled.COMMANDS)
    assert plain(compiled.TYPES)
