import math

import pytest

from guestwire.monitor.samples import Limits, admit, clean_text, labels_of, usable


def test_labels_have_one_order():
    assert labels_of(mode="idle", cpu="0") == (("cpu", "0"), ("mode", "idle"))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("/var/lib", "/var/lib"),
        ("a\nb\x00", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        ("\ud800x", "\ufffdx"),
    ],
)
def test_text_is_cleaned(text, cleaned):
    assert clean_text(text, 64) == cleaned


def test_text_is_cut():
    assert clean_text("x" * 100, 10) == "x" * 9 + "…"


def test_admit_sorts_and_cleans():
    assert admit("node_x", (("b", "2\n"), ("a", "1"))) == ("node_x", (("a", "1"), ("b", "2\ufffd")))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("", ()),
        ("node x", ()),
        ("node_x\n", ()),
        ("1x", ()),
        ("n" * 200, ()),
        (7, ()),
        ("x", (("guest", "other"),)),
        ("x", (("__name__", "y"),)),
        ("x", (("bad-name", "y"),)),
        ("x", (("k" * 200, "y"),)),
        ("x", tuple((f"l{i}", "") for i in range(9))),
    ],
)
def test_what_is_beyond_repair_is_refused(name, labels):
    assert admit(name, labels) is None


def test_limits_are_those_given():
    assert admit("x", (("a", "12345"),), Limits(value_length=3)) == ("x", (("a", "12…"),))


@pytest.mark.parametrize("value", [0, -1.5, 2**63, 1e299])
def test_usable_numbers(value):
    assert usable(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, "1", None])
def test_unusable_values(value):
    assert not usable(value)
