"""Every verb that reads from a guest, on guests that answer nonsense: an error in one line at most, nothing raw."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from guestwire.cli.commands import known
from guestwire.errors import CommandError
from guestwire.testing import FakeGuest, Script

Run = Callable[..., Any]

EVIL = "\x1b]0;owned\x07\x9b2J\u202e\r\n" + "w" * 5000
ANSWERS: list[Any] = [
    None,
    True,
    -1,
    1 << 80,
    1e308,
    EVIL,
    [],
    {},
    [EVIL],
    [[[]]],
    [{}],
    [None, {"name": EVIL}],
    {EVIL: EVIL},
    {"return": {"error": EVIL}},
    {"supported_commands": EVIL, "version": 7, "name": [EVIL], "pid": "x", "exited": EVIL, "handle": {}},
]
VERBS = [
    ("info", "web1"),
    ("fs", "web1"),
    ("disks", "web1"),
    ("disks", "web1", "--stats"),
    ("net", "web1"),
    ("net", "web1", "--routes"),
    ("cpu", "web1"),
    ("mem", "web1"),
    ("users", "web1"),
    ("time", "web1"),
    ("wait", "web1", "--timeout", "0.01"),
    ("metrics", "web1"),
    ("ssh-key", "list", "web1", "root"),
    ("thaw", "web1", "--timeout", "0.01"),
    ("trim", "web1"),
    ("cat", "web1:/etc/hostname"),
    ("exec", "web1", "--", "true"),
    ("exec", "web1", "--detach", "--", "true"),
    ("call", "web1", "guest-get-osinfo"),
]
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_answers_of_any_shape(words: tuple[str, ...], stand_in: Run, run: Run) -> None:
    guest = stand_in("web1", FakeGuest())
    names = [name for name in known() if not name.startswith("guest-sync")]
    for answer in [*ANSWERS, CommandError(EVIL)]:
        guest.answers = dict.fromkeys(names, answer)
        for form in ((), ("--json",), ("--jsonl",)):
            at = words.index("--") if "--" in words else len(words)
            said = run(*words[:at], *form, *words[at:])
            assert said.status in (0, 1, 124, 125), (answer, said)
            assert not RAW.search(said.out), (answer, said.out)
            assert not RAW.search(said.err), (answer, said.err)
            assert len(said.err) < 10_000


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"[]\n", b"\xff\xff\n", b"{" * 5000 + b"\n", b'{"return": {}, "id": 1}\n']
)
def test_what_is_no_answer(line: bytes, stand_in: Run, run: Run) -> None:
    stand_in("web1", Script(*[line] * 50))
    for words in VERBS:
        at = words.index("--") if "--" in words else len(words)
        patience = () if "--timeout" in words else ("--timeout", "0.05")
        said = run(*words[:at], *patience, *words[at:])
        assert said.status in (1, 124, 125), (words, said)
        assert said.err.count("\n") == 1, (words, said)
