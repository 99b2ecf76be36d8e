import math
from typing import ClassVar

import pytest

from guestwire.monitor.rules.evaluate import EvaluationError, evaluate
from guestwire.monitor.rules.nodes import all_match
from guestwire.monitor.rules.parser import parse
from guestwire.monitor.samples import labels_of

A, B, C = labels_of(dev="a"), labels_of(dev="b"), labels_of(dev="b", mode="x")


class Fixed:
    data: ClassVar = {
        "x": {A: 1.0, B: 2.0},
        "y": {A: 10.0, B: 0.0},
        "z": {B: 5.0},
        "w": {C: 7.0, labels_of(dev="b", mode="y"): 8.0},
        "one": {(): 4.0},
    }

    def instant(self, selector, at):
        found = self.data.get(selector.name, {})
        return {
            labels: value + (at < 100)
            for labels, value in found.items()
            if all_match(selector.matchers, labels)
        }

    def window(self, selector, start, end):
        for labels, value in self.data.get(selector.name, {}).items():
            yield labels, [start + 1, end], [0.0, value]
        yield labels_of(dev="empty"), [], []


def run(text):
    return evaluate(parse(text), Fixed(), 100.0)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", 7),
        ("2 ^ 3 ^ 0", 2),
        ("7 % 4", 3),
        ("1 < bool 2", 1),
        ("time()", 100),
        ("-time()", -100),
        ("x", {A: 1, B: 2}),
        ("-x", {A: -1, B: -2}),
        ("x offset 1m", {A: 2, B: 3}),
        ('x{dev="a"}', {A: 1}),
        ("x + y", {A: 11, B: 2}),
        ("x > 1", {B: 2}),
        ("1 < x", {B: 2}),
        ("x > bool 1", {A: 0, B: 1}),
        ("x <= y", {A: 1}),
        ("x and z", {B: 2}),
        ("x unless z", {A: 1}),
        ("z or x", {B: 5, A: 1}),
        ("x and on() one", {A: 1, B: 2}),
        ("w and on(dev) z", {C: 7, labels_of(dev="b", mode="y"): 8}),
        ("w - ignoring(mode) sum without(mode)(w) > 0", None),
        ("sum(x)", {(): 3}),
        ("sum by (dev) (w)", {B: 15}),
        ("max without (mode) (w)", {B: 8}),
        ("count(nothing)", {}),
        ("abs(-x)", {A: 1, B: 2}),
        ("clamp_min(x, 2)", {A: 2, B: 2}),
        ("clamp_max(x, 1 + 0)", {A: 1, B: 1}),
        ("last_over_time(x[5m])", {A: 1, B: 2}),
        ("sum(x) / sum(y)", {(): 0.3}),
    ],
)
def test_results(text, result):
    if result is None:
        with pytest.raises(EvaluationError, match="on the left"):
            run(text)
    else:
        assert run(text) == result


def test_division_by_zero():
    assert run("x / y")[B] == math.inf
    assert math.isnan(run("y / y")[B])
    assert run("-x / y")[B] == -math.inf
    assert math.isnan(run("x % y")[B])
    assert math.isnan(evaluate(parse("(0 - 8) ^ 0.5"), Fixed(), 0.0))
    assert run("10 ^ 1000") == math.inf


def test_two_on_the_right():
    with pytest.raises(EvaluationError, match="on the right of '/'"):
        run("z / on(dev) w")
