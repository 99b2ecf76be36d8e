from __future__ import annotations

import pytest

from guestwire.schema.alternates import first_clash

KINDS = {
    "Word": "enum",
    "Switch": "enum",
    "Digits": "enum",
    "Thing": "struct",
    "Choice": "union",
    "[int]": "array",
}
VALUES = {"Word": ["a", "b"], "Switch": ["on", "auto"], "Digits": ["2d", "x"]}


def clash(*types: str) -> tuple[str, str] | None:
    branches = [(f"b{number}", name, None) for number, name in enumerate(types)]
    return first_clash(branches, KINDS.get, lambda name: VALUES[name])


@pytest.mark.parametrize(
    "types",
    [
        ("int", "Word"), ("bool", "Word"), ("null", "str"), ("Thing", "[int]", "str"), ("int", "bool", "Thing", "null"),
        ("int", "Switch"), ("bool", "Digits"),
    ],
)  # fmt: skip
def test_distinct(types: tuple[str, ...]) -> None:
    assert clash(*types) is None


@pytest.mark.parametrize(
    "types",
    [
        ("int", "number"), ("str", "Word"), ("str", "int"), ("bool", "str"), ("bool", "Switch"), ("uint8", "Digits"),
        ("Thing", "Choice"), ("Word", "Switch"),
    ],
)  # fmt: skip
def test_clashes(types: tuple[str, ...]) -> None:
    assert clash(*types) == ("b1", "b0")
