from __future__ import annotations

from typing import Any

import pytest

from guestwire.schema.conditions import BadCondition, condition
from guestwire.schema.model import holds


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("CONFIG_LINUX", "CONFIG_LINUX"),
        ({"not": "A"}, ("not", "A")),
        ({"all": ["A", "B"]}, ("all", "A", "B")),
        ({"any": ["A", {"not": {"all": ["B", "C"]}}]}, ("any", "A", ("not", ("all", "B", "C")))),
        (["A", "B"], ("all", "A", "B")),
        ("defined(_WIN32)", "_WIN32"),
        ("defined(A) && !defined(B)", ("all", "A", ("not", "B"))),
        ("defined(A)||defined(B) && defined(C)", ("any", "A", ("all", "B", "C"))),
        ("!(defined(A) || defined(B))", ("not", ("any", "A", "B"))),
        (["defined(A)", "defined(B)"], ("all", "A", "B")),
    ],
)
def test_conditions_of_all_ages(given: Any, expected: Any) -> None:
    assert condition(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "config_linux", "", "A B", True, [], {}, {"all": []}, {"any": "A"}, {"all": ["A"], "not": "B"}, {"xor": ["A"]},
        "defined(A", "defined A", "defined(A) defined(B)", "defined(A) &&", "defined(A) > 1", "defined()",
        "(defined(A)",        {"not": {"not": "a"}}, ["A", 1], "!", "A && defined(B)",
    ],
)  # fmt: skip
def test_no_conditions(given: Any) -> None:
    with pytest.raises(BadCondition):
        condition(given)


def test_they_hold_for_sets_of_symbols() -> None:
    made = condition({"any": ["A", {"all": ["B", {"not": "C"}]}]})
    assert [holds(made, frozenset(on)) for on in ("A", "B", "BC", "C", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert holds(None, frozenset())
