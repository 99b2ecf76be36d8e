"""Words of the command line to arguments of a command."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.cli.arguments import complete, guess, parse
from guestwire.cli.commands import known, similar
from guestwire.errors import ConfigError
from guestwire.schema.model import Alternate, Command, Enum, Member, Struct

TYPES: dict[str, Any] = {
    "Colour": Enum("Colour", ["red", "green"]),
    "Either": Alternate("Either", {"n": "int", "b": "bool", "c": "Colour"}),
    "Point": Struct("Point", [Member("x", "int")]),
}
PAINT = Command(
    "site-paint",
    "site",
    [
        Member("text", "str", True),
        Member("count-all", "int", True),
        Member("size", "uint8", True),
        Member("share", "number", True),
        Member("deep", "bool", True),
        Member("colour", "Colour", True),
        Member("either", "Either", True),
        Member("point", "Point", True),
        Member("names", "[str]", True),
        Member("points", "[Point]", True),
        Member("any", "any", True),
    ],
    types=TYPES,
)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], {}),
        (["text=a=b c"], {"text": "a=b c"}),
        (["text="], {"text": ""}),
        (["--text", "x"], {"text": "x"}),
        (["--text=--y"], {"text": "--y"}),
        (["count-all=-5"], {"count-all": -5}),
        (["count_all=0x10"], {"count-all": 16}),
        (["--count_all", "7"], {"count-all": 7}),
        (["share=0.5"], {"share": 0.5}),
        (["deep=off"], {"deep": False}),
        (["deep=Yes"], {"deep": True}),
        (["--deep", "size=1"], {"deep": True, "size": 1}),
        (["colour=blue"], {"colour": "blue"}),
        (["either=3"], {"either": 3}),
        (["either=true"], {"either": True}),
        (["either=red"], {"either": "red"}),
        (['either={"a": 1}'], {"either": {"a": 1}}),
        (['point={"x": 1}'], {"point": {"x": 1}}),
        (["names=a", "names=b,c"], {"names": ["a", "b,c"]}),
        (['names=["a", "b"]', "names=c"], {"names": ["a", "b", "c"]}),
        (['points={"x": 1}', 'points={"x": 2}'], {"points": [{"x": 1}, {"x": 2}]}),
        (["any=[1, null]"], {"any": [1, None]}),
        (["new:=[1]", 'text:="x"'], {"new": [1], "text": "x"}),
    ],
)
def test_words_take_the_types_of_the_schema(words: list[str], arguments: dict[str, Any]) -> None:
    assert parse(PAINT, words) == arguments


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["count-all=x"], "count-all='x': a whole number is wanted"),
        (["count-all=1.5"], "a whole number"),
        (["share=x"], "share='x': a number is wanted"),
        (["deep=maybe"], "deep='maybe': true or false is wanted"),
        (["point={"], "point: '{' is not JSON"),
        (["any=" + "[" * 100000], "is not JSON"),
        (["any=\udcff"], "is not JSON"),
        (["text=a", "text=b"], "site-paint: text is given twice"),
        (["txt=a"], "has no argument 'txt'; did you mean text"),
        (["a:=b"], "a: 'b' is not JSON"),
        (["--text"], "site-paint: --text wants a value"),
        (["nonsense"], "'nonsense': arguments of site-paint are written key=value"),
        (["--"], "'--': arguments of"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(PAINT, words)
    assert text in str(caught.value)


def test_what_is_missing_is_said() -> None:
    command = Command("site-x", "site", [Member("a", "str"), Member("b", "int"), Member("c", "int", True)])
    with pytest.raises(ConfigError, match="site-x needs a and b: write a=VALUE"):
        parse(command, [])
    with pytest.raises(ConfigError, match=r"it takes no arguments"):
        parse(Command("site-y", "site"), ["z=1"])


def test_arguments_of_an_unknown_command_are_guessed() -> None:
    assert guess(["a=1", "b=text", "--c=true", 'd:={"e": 2}']) == {
        "a": 1,
        "b": "text",
        "c": True,
        "d": {"e": 2},
    }
    for word in ("nonsense", "a:=b"):
        with pytest.raises(ConfigError):
            guess([word])


def test_completion() -> None:
    assert complete(PAINT, "co") == ["count-all=", "colour="]
    assert complete(PAINT, "colour=g") == ["colour=green"]
    assert complete(PAINT, "either=") == ["either=true", "either=false", "either=red", "either=green"]
    assert complete(PAINT, "text=x") == []


def test_commands_of_every_system_are_known() -> None:
    every = known()
    assert {"guest-get-devices", "guest-suspend-hybrid", "guest-ping"} <= set(every)
    modes = every["guest-exec"].types["GuestExecCaptureOutputMode"]
    assert isinstance(modes, Enum)
    assert "merged" in modes.values


def test_similar_names() -> None:
    assert similar("file-open", ["guest-file-open", "guest-ping"]) == "; did you mean guest-file-open?"
    assert similar("zzz", ["guest-ping"]) == ""
