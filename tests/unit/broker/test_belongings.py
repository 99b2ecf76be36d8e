from __future__ import annotations

import json
from typing import Any

from guestwire.broker.answers import Answer
from guestwire.broker.belongings import Belongings
from guestwire.wire.messages import Request


def good(value: Any) -> Answer:
    return Answer(True, json.dumps(value).encode())


def test_a_farewell_closes_files_and_asks_for_programs_a_last_time() -> None:
    mine = Belongings()
    mine.note(Request("guest-exec", {"path": "x"}), good({"pid": 5}))
    mine.note(Request("guest-file-open", {"path": "/x"}), good(8))
    assert mine
    assert [(each.name, each.arguments) for each in mine.farewell()] == [
        ("guest-file-close", {"handle": 8}),
        ("guest-exec-status", {"pid": 5}),
    ]
    assert not mine


def test_what_has_ended_belongs_to_nobody() -> None:
    mine = Belongings()
    mine.note(Request("guest-exec", {}), good({"pid": 5}))
    mine.note(Request("guest-exec-status", {"pid": 5}), good({"exited": False}))
    assert mine.foreign(Request("guest-exec-status", {"pid": 5})) is None
    mine.note(Request("guest-exec-status", {"pid": 5}), good({"exited": True}))
    assert mine.foreign(Request("guest-exec-status", {"pid": 5})) == ("pid", 5)
    mine.note(Request("guest-file-open", {}), good(8))
    assert mine.foreign(Request("guest-file-read", {"handle": 8})) is None
    mine.note(Request("guest-file-close", {"handle": 8}), good({}))
    assert mine.foreign(Request("guest-file-read", {"handle": 8})) == ("handle", 8)
    assert mine.foreign(Request("guest-file-open", {"path": "/x"})) is None


def test_a_hostile_guest_s_answers_make_nothing() -> None:
    mine = Belongings()
    for value in (True, "8", None, [8], {"pid": "1"}, {"pid": True}, {"exited": 1}):
        for name in ("guest-file-open", "guest-exec", "guest-exec-status"):
            mine.note(Request(name, {}), good(value))
            mine.note(Request(name, {}), Answer(False, b"8"))
    assert not mine
