"""One host on one line."""

from __future__ import annotations

from typing import Any

from guestwire.agent.baton import Turn
from guestwire.agent.conversation import MAX_POSTED, Conversation
from guestwire.wire.messages import Request


class Line:
    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, *buffers: bytes) -> bool:
        self.writes.append(b"".join(buffers))
        return True

    def close(self) -> None:
        self.closed = True


def conversation() -> tuple[Any, Line]:
    line = Line()
    return Conversation(line, {}), line  # type: ignore[arg-type]


def test_quick_answers_wait_for_those_of_the_requests_behind_them() -> None:
    talk, line = conversation()
    talk.inbox.extend([Request("a", None), Request("b", None)])
    talk.post([b"1\n"])
    talk.post([b"2\n"])
    assert line.writes == []
    talk.inbox.clear()
    talk.post([b"3\n"])
    assert line.writes == [b"1\n2\n3\n"]
    talk.post([b"4\n"])
    talk.flush()
    assert line.writes == [b"1\n2\n3\n", b"4\n"]


def test_not_for_ever() -> None:
    talk, line = conversation()
    talk.inbox.append(Request("a", None))
    for _ in range(MAX_POSTED + 1):
        talk.post([b"x"])
    assert line.writes == [b"x" * (MAX_POSTED + 1)]


def test_an_abandoned_turn_says_nothing_and_its_half_answer_is_cut() -> None:
    talk, line = conversation()
    turn = Turn(talk, Request("a", None))
    assert talk.answer(turn, [b"{half"], last=False)
    assert talk.partial
    turn.abandoned = True
    assert not talk.answer(turn, [b" more}\n"])
    talk.cut(turn)
    talk.cut(turn)
    assert line.writes == [b"{half", b"\n"]
    assert not talk.partial
    talk.close()
    assert line.closed
