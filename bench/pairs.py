"""Paired timing: ours and the peer in turn, many times, and the ratio of their medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Figure:
    """`ratio` is peer's over ours: above 1 means that ours is better. `ours` and `peer` are medians in `unit`."""

    name: str
    ours: float
    peer: float
    unit: str
    at_least: float | None = None
    goal: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        better, worse = (self.ours, self.peer) if self.more_is_better else (self.peer, self.ours)
        return better / worse if worse else float("inf")

    def row(self) -> str:
        wanted = " / ".join("" if value is None else f"{value:g}x" for value in (self.at_least, self.goal))
        return f"| {self.name} | {self.ours:.4g} | {self.peer:.4g} | {self.unit} | **{self.ratio:.2f}x** | {wanted} |"


def timed(action: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def interleave(ours: Callable[[], float], peer: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of both, taken alternately after one uncounted round; each callable returns its own figure."""
    ours(), peer()
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 else (1, 0)
        for side in order:
            taken[side].append((ours, peer)[side]())
    return statistics.median(taken[0]), statistics.median(taken[1])
