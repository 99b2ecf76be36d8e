"""What an expression says about one guest at one instant.

A vector is a dict from labels to value; the guest itself is not among the labels, it is the frame of the
whole evaluation. Comparisons filter, as in PromQL; `bool` makes them 0 or 1.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from guestwire.errors import GuestwireError
from guestwire.monitor.rules.functions import AGGREGATES, FUNCTIONS
from guestwire.monitor.rules.nodes import Aggregate, Binary, Call, Negate, Node, Number, Selector
from guestwire.monitor.samples import Labels

Vector = dict[Labels, float]
Window = tuple[Labels, Sequence[float], Sequence[float]]


class EvaluationError(GuestwireError):
    """An expression that parses but has no answer, such as two series for one side of a match."""


class Figures(Protocol):
    """Where one guest's figures come from; times in seconds since the epoch."""

    def instant(self, selector: Selector, at: float) -> Vector:
        """The newest value of each series, if it is not older than the lookback."""

    def window(self, selector: Selector, start: float, end: float) -> Iterable[Window]:
        """Labels, times and values of each series with samples in `start` < t <= `end`."""


def _power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return value if isinstance(value, float) else math.nan


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": lambda a, b: math.fmod(a, b) if b and math.isfinite(a) else math.nan,
    "^": _power,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(node: Node, figures: Figures, at: float) -> Vector | float:
    """The value of a node: a number, or a vector."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Selector):
        return figures.instant(node, at - node.shift)
    if isinstance(node, Call):
        return _call(node, figures, at)
    if isinstance(node, Aggregate):
        return _aggregate(node, _vector(evaluate(node.inner, figures, at)))
    if isinstance(node, Negate):
        inner = evaluate(node.inner, figures, at)
        return -inner if isinstance(inner, float) else {labels: -value for labels, value in inner.items()}
    return _binary(node, evaluate(node.left, figures, at), evaluate(node.right, figures, at))


def _vector(value: Vector | float) -> Vector:
    return {(): value} if isinstance(value, float) else value


def _scalar(value: Vector | float) -> float:
    assert isinstance(value, float), "the parser lets no vector in here"
    return value


def _call(node: Call, figures: Figures, at: float) -> Vector | float:
    if node.function == "time":
        return at
    function = FUNCTIONS[node.function]
    first, *rest = node.arguments
    numbers = [_scalar(evaluate(argument, figures, at)) for argument in rest]
    if function.window is None:
        assert function.value is not None
        compute = function.value
        return {
            labels: float(compute(value, *numbers))
            for labels, value in _vector(evaluate(first, figures, at)).items()
        }
    assert isinstance(first, Selector)
    end = at - first.shift
    start = end - first.window
    result: Vector = {}
    for labels, times, values in figures.window(first, start, end):
        value = function.window(times, values, start, end, *numbers) if len(values) else None
        if value is not None:
            result[labels] = value
    return result


def _aggregate(node: Aggregate, inner: Vector) -> Vector:
    groups: dict[Labels, list[float]] = {}
    for labels, value in inner.items():
        key = tuple([pair for pair in labels if (pair[0] in node.labels) != node.without])
        groups.setdefault(key, []).append(value)
    compute = AGGREGATES[node.op]
    return {key: float(compute(values)) for key, values in groups.items()}


def _binary(node: Binary, left: Vector | float, right: Vector | float) -> Vector | float:
    if isinstance(left, float) and isinstance(right, float):
        value = _apply(node, left, right)
        return math.nan if value is None else value
    if isinstance(right, float):
        pairs = ((labels, value, right, value) for labels, value in _vector(left).items())
        return _each(node, pairs)
    if isinstance(left, float):
        pairs = ((labels, left, value, value) for labels, value in right.items())
        return _each(node, pairs)
    if node.op in ("and", "or", "unless"):
        return _sets(node, left, right)
    return _match(node, left, right)


def _apply(node: Binary, left: float, right: float, kept: float | None = None) -> float | None:
    """One pair: a number, or None where a comparison filters it out; `kept` is what it lets through."""
    if node.op in _ARITHMETIC:
        return _ARITHMETIC[node.op](left, right)
    holds = _COMPARE[node.op](left, right)
    if node.as_bool:
        return float(holds)
    return (left if kept is None else kept) if holds else None


def _each(node: Binary, pairs: Iterable[tuple[Labels, float, float, float]]) -> Vector:
    result = {}
    for labels, left, right, kept in pairs:
        value = _apply(node, left, right, kept)
        if value is not None:
            result[labels] = value
    return result


def _key(node: Binary, labels: Labels) -> Labels:
    """The part of the labels that two sides are matched on."""
    if node.on is not None:
        return tuple([pair for pair in labels if pair[0] in node.on])
    if node.ignoring:
        return tuple([pair for pair in labels if pair[0] not in node.ignoring])
    return labels


def _sets(node: Binary, left: Vector, right: Vector) -> Vector:
    if node.op == "or":
        there = {_key(node, labels) for labels in left}
        return {
            **left,
            **{labels: value for labels, value in right.items() if _key(node, labels) not in there},
        }
    there = {_key(node, labels) for labels in right}
    wanted = node.op == "and"
    return {labels: value for labels, value in left.items() if (_key(node, labels) in there) == wanted}


def _match(node: Binary, left: Vector, right: Vector) -> Vector:
    others: dict[Labels, float] = {}
    for labels, value in right.items():
        key = _key(node, labels)
        if key in others:
            raise EvaluationError(f"several series match {dict(key)} on the right of {node.op!r}")
        others[key] = value
    result: Vector = {}
    for labels, value in left.items():
        key = _key(node, labels)
        if key not in others:
            continue
        found = _apply(node, value, others[key])
        if found is None:
            continue
        shown = labels if node.op in _COMPARE and not node.as_bool else key
        if shown in result:
            raise EvaluationError(f"several series match {dict(key)} on the left of {node.op!r}")
        result[shown] = found
    return result
