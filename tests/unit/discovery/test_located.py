"""Names and texts of strangers are made harmless; a guest is found by name, alias or UUID."""

from __future__ import annotations

import pytest

from guestwire.client.address import GuestName, parse
from guestwire.discovery import located
from guestwire.discovery.located import Fault, Found, Located, aliases_of, bounded, name_of, text_of, uuid_of
from guestwire.errors import ConfigError

UUID = "5f3c1c5e-8a1b-4c1e-9d57-0123456789ab"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("web1", "web1"),
        ("my vm", "my_vm"),
        ("a/b:c*", "a_b_c_"),
        ("\x1b[31mred", "__31mred"),
        ("../../etc", "_._.._etc"),
        ("-rf", "_rf"),
        ("grün", "grün"),
        ("\udcff", "_"),
        ("", ""),
    ],
)
def test_a_name_is_fit_for_a_shell_a_file_and_a_terminal(raw: str, name: str) -> None:
    assert name_of(raw) == name
    if name:
        assert parse(name_of(raw)) == GuestName(name)


def test_a_long_name_is_cut() -> None:
    assert len(name_of("x" * 10_000)) == located.MAX_NAME


def test_a_text_is_one_bounded_line() -> None:
    assert text_of("a\nb\x1b\u202e") == "a\\nb\\x1b\\u202e"
    assert len(text_of("y" * 5000)) == located.MAX_REASON


@pytest.mark.parametrize(
    ("raw", "uuid"),
    [
        (UUID.upper(), UUID),
        (f" {UUID}\n", UUID),
        ("zz", None),
        (None, None),
        ("0" * 8 + "-0000" * 3 + "-" + "0" * 12, None),
    ],
)
def test_a_uuid_is_one_or_none(raw: str | None, uuid: str | None) -> None:
    assert uuid_of(raw) == uuid


def test_aliases_can_be_typed() -> None:
    assert aliases_of("100", "my vm", "100", None, "", "a/b", "c:d", "\x1b", "z" * 99) == ("100", "my vm")


def test_identity_is_the_uuid_where_there_is_one() -> None:
    assert Located("a", "qemu", uuid=UUID).identity == UUID
    assert Located("a", "qemu").identity == "a"


def test_a_guest_is_found_by_name_alias_and_uuid() -> None:
    web, database = (
        Located("web1", "qemu", uuid=UUID, aliases=("100",)),
        Located("db1", "qemu", aliases=("101",)),
    )
    found = Found([database, web])
    assert found.get("web1") is found.get("100") is found.get(UUID.upper()) is web
    assert found.match("*1") == [database, web]
    assert found.match("nobody*") == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found(), "no guest was found on this host"),
        (Found([Located("web1", "qemu")]), "did you mean 'web1'?"),
        (Found([Located(f"{n}{n}", "qemu") for n in "abcdefghij"]), "hh, …"),
        (Found([], [Fault("libvirt", "qemu:///system", "no answer")]), "libvirt: qemu:///system: no answer"),
        (
            Found([Located(f"w@{n}", "qemu", aliases=("web2",)) for n in "12"]),
            "several are called so: w@1, w@2",
        ),
    ],
)
def test_a_name_that_leads_nowhere_says_what_is_near(found: Found, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        found.get("web2")
    assert words in str(error.value)


def test_one_source_brings_only_so_many_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(located, "MAX_GUESTS", 2)
    guests = [Located(name, "qemu") for name in "abc"]
    assert bounded("qemu", "/proc", guests) == (
        guests[:2],
        [Fault("qemu", "/proc", "more than 2 guests; the others are left out")],
    )
    assert bounded("qemu", "/proc", guests[:2]) == (guests[:2], [])
