from __future__ import annotations

import threading

from guestwire.agent.system.windows.vss.hold import Hold


def test_a_commit_lasts_until_the_thaw() -> None:
    hold = Hold()
    hold.begin("set")
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(hold.commit("set")))
    thread.start()
    assert hold.reached.wait(5)
    assert not answers
    hold.thaw()
    thread.join(5)
    assert answers == [True]
    hold.lose("too late to be lost")
    assert hold.lost is None


def test_what_is_lost_before_it_was_held_is_not_told() -> None:
    """The freeze itself fails then."""
    hold = Hold()
    told: list[int] = []
    hold.when_lost = lambda: told.append(1)
    hold.lose("there is no set")
    assert hold.lost is None
    hold.begin("set")
    hold.lose("a")
    hold.lose("b")
    assert hold.lost == "a"
    assert not told
    assert not hold.commit("set")
    hold.end()
    assert not hold.commit("set")


def test_a_new_set_begins_anew() -> None:
    hold = Hold(limit=0.01)
    hold.begin("one")
    assert not hold.commit("one")
    hold.begin("two")
    assert hold.lost is None
    assert not hold.reached.is_set()
