from __future__ import annotations

import pytest

from guestwire.errors import SchemaError
from guestwire.schema.doc import Doc


def doc(text: str) -> Doc:
    return Doc(text.splitlines(), "x.json", 10)


MODERN = """@guest-a:

What it does, on
two lines.

A second paragraph.

@x: the first thing,
    goes on (since 2.4)

@y-z: the second thing

.. note:: An aside.

Returns: a number

Errors:
    - If it fails
    - If it fails
      in another way

Features:

@fast: quick

Since: 1.0
"""

OLD = """@guest-a:

What it does.

@x: the first thing,
    goes on (Since: 2.4)
@y-z: #optional the second thing
Returns: a number
on two lines

Note: An aside.

Since 1.0
"""


def test_todays_style() -> None:
    found = doc(MODERN)
    assert found.symbol == "guest-a"
    assert found.text == "What it does, on two lines.\n\nA second paragraph.\n\n.. note:: An aside."
    assert found.members == {"x": "the first thing, goes on (since 2.4)", "y-z": "the second thing"}
    assert found.returns == "a number"
    assert found.errors == "- If it fails\n- If it fails in another way"
    assert found.features == {"fast": "quick"}
    assert found.since == "1.0"


def test_the_style_before() -> None:
    found = doc(OLD)
    assert found.text == "What it does.\n\nNote: An aside."
    assert found.members == {
        "x": "the first thing, goes on (Since: 2.4)",
        "y-z": "#optional the second thing",
    }
    assert found.returns == "a number on two lines"
    assert found.since == "1.0"


def test_a_members_own_since() -> None:
    for found in (doc(MODERN), doc(OLD)):
        assert found.member("x") == ("the first thing, goes on", "2.4")
        assert found.member("y-z")[1] == "1.0"
        assert found.member("gone") == ("", "1.0")


def test_free_text() -> None:
    found = doc("= Title\n\nReturns: is no section here\n@x: is no member here")
    assert found.symbol is None
    assert found.text.startswith("= Title\n\nReturns:")
    assert (found.members, found.sections, found.since, found.returns, found.errors) == ({}, {}, None, "", "")


def test_an_empty_comment() -> None:
    assert (doc("").symbol, doc("").text) == (None, "")


def test_text_after_the_members_is_text() -> None:
    assert doc("@a:\n\n@x: a thing\n\nMore of it.\n\n    indented\n").text == "More of it.\n\nindented"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("@a\n", "x.json:11: name must be followed by ':'"),
        ("@a:\n@x: one\n@x: two", "x.json:13: duplicated 'x' in the documentation"),
        ("@a:\n\nSince: 1\n\nSince: 2", "x.json:15: duplicated 'Since' in the documentation"),
        ("@a:\nFeatures:\n@f: one\n@f: two", "x.json:14: duplicated 'f' in the documentation"),
    ],
)
def test_faults(text: str, fault: str) -> None:
    with pytest.raises(SchemaError) as caught:
        doc(text)
    assert str(caught.value) == fault


def test_a_feature_may_have_a_members_name() -> None:
    found = doc("@a:\n@x: a member\nFeatures:\n@x: a feature\nSince: 1")
    assert (found.members, found.features) == ({"x": "a member"}, {"x": "a feature"})
