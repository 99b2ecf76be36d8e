"""The texts of docs/howto/monitor.md and docs/reference/configuration.md, read as the daemon reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")

from guestwire.cli.main import guestwire  # noqa: E402
from guestwire.daemon.config import read  # noqa: E402
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules, update  # noqa: E402

DOCS = Path(__file__).parents[2] / "docs"
HOWTO = (DOCS / "howto" / "monitor.md").read_text()
REFERENCE = (DOCS / "reference" / "configuration.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", blocks(REFERENCE, "toml"))
def test_every_example_of_the_reference_is_a_configuration(text: str) -> None:
    read(tomllib.loads(text))


@pytest.mark.parametrize("text", blocks(HOWTO, "toml"))
def test_every_rule_is_one(text: str) -> None:
    rules: dict[str, object] = {}
    update(rules, text, "page")  # type: ignore[arg-type]
    assert rules


def test_as_many_rules_as_are_told() -> None:
    assert "Fifteen rules" in HOWTO
    assert len(load_rules(DEFAULT_RULES)) == 15


def test_every_verb_and_option_is_there() -> None:
    for line in "".join(blocks(HOWTO, "console")).splitlines():
        words = line.partition("#")[0].split()
        if words[:2] != ["$", "guestwire"]:
            continue
        verb = guestwire.get_command(None, words[2])  # type: ignore[arg-type]
        assert verb is not None, line
        command = getattr(verb, "commands", {}).get(words[3] if len(words) > 3 else "", verb)
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line
