from __future__ import annotations

import pytest

from guestwire.schema.model import Command, Member, holds


def test_keywords() -> None:
    assert [Member(name, "int").keyword for name in ("a", "buf-b64", "class", "x_y")] == [
        "a",
        "buf_b64",
        "class_",
        "x_y",
    ]


def test_the_streamed_argument() -> None:
    plain, marked = Member("a", "int"), Member("b-c", "str", features=("streamed",))
    assert Command("x", "g", [plain]).streamed is None
    assert Command("x", "g", [plain, marked]).streamed == "b-c"


def test_what_goes_without_saying() -> None:
    command = Command("x", "g")
    assert (command.arguments, command.returns, command.features, command.types) == ((), None, (), {})
    assert command.success_response
    assert not command.allow_oob


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ("A", True),
        ("B", False),
        (("not", "B"), True),
        (("all", "A", "B"), False),
        (("any", "A", "B"), True),
    ],
)
def test_conditions(condition: object, expected: bool) -> None:
    assert holds(condition, frozenset("A")) is expected
