"""Nothing that a guest says reaches a terminal as a control."""

from __future__ import annotations

import json
import unicodedata

import pytest

from guestwire.cli.clean import clean, clean_json, clean_text

BIDIRECTIONAL = [
    chr(code)
    for code in range(0x3000)
    if unicodedata.bidirectional(chr(code)) in "LRE RLE LRO RLO PDF LRI RLI FSI PDI".split()
]
HOSTILE = "a\x1b[31mred\x07\x9b0m\r\n\t\x7f\u202eevil\u2066\u200b\ufeff\ud800\U000e0041 é 漢 👩‍🚀"


def test_a_line_keeps_what_can_be_seen_and_shows_the_rest() -> None:
    assert clean("web-1 é 漢 👩‍🚀") == "web-1 é 漢 👩‍🚀"
    assert clean("a\x1b[31m\n\u202e\U000e0041\ud800") == "a\\x1b[31m\\x0a\\u202e\\U000e0041\\ud800"


def test_a_text_keeps_its_lines_and_tabs() -> None:
    assert clean_text("one\r\n\ttwo\rthree\x1b]0;t\x07\n") == "one\n\ttwo\\x0dthree\\x1b]0;t\\x07\n"


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_every_control_character_is_shown(code: int) -> None:
    assert chr(code) not in clean(f"x{chr(code)}y")


@pytest.mark.parametrize("letter", BIDIRECTIONAL)
def test_every_bidirectional_control_is_shown(letter: str) -> None:
    assert letter not in clean(letter)
    assert letter not in clean_text(letter)


def test_json_stays_the_same_json() -> None:
    value = HOSTILE.replace("\ud800", "")
    cleaned = clean_json(json.dumps({"name": value}, ensure_ascii=False))
    assert json.loads(cleaned) == {"name": value}
    assert not any(letter in cleaned for letter in "\x1b\x7f\x9b\u202e\u2066\u200b\ufeff\U000e0041")
    assert clean_json('{"a": "\x7f"}') == '{"a": "\\u007f"}'
