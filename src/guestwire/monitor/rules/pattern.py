"""Regular expressions whose matching time is bounded: they run over text of guests, and some come over HTTP.

The syntax is that of `re` without what needs backtracking (back references, looking ahead and behind, `\\b`). A pattern
becomes a small program for Thompson's machine, which is in all places of the program at once; a set of places is kept
with where it leads, so that matching soon is one look-up a character. Time grows with the text's length alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 1024  # characters of a pattern
STEPS = 1000  # of a program, counted repeats written out
DEEPEST = 50  # groups in one another
KEPT = 500  # sets of places that are remembered, and characters of each
_MOST = 100  # of a counted repeat
_COUNT = re.compile(r"\{(\d{0,4})(,?)(\d{0,4})\}")
_CLASSES = "dDwWsSnrtfv"

Step = tuple[object, ...]
"""("one", pattern of one character), ("split", two distances), ("jump", distance), ("begin",), ("end",), ("match",)."""


@lru_cache(maxsize=512)
def compiled(text: str) -> Pattern:
    """The pattern, made once. Raises ValueError, which says what is wrong with it."""
    return Pattern(text)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits; a pattern that is none fits nothing."""
    try:
        return compiled(pattern).fits(text)
    except ValueError:
        return False


class _Places:
    """Where the machine is: the places of the program, and what a character leads to."""

    __slots__ = ("accepts", "moves", "places")

    def __init__(self, places: frozenset[int], accepts: bool) -> None:
        self.places = places
        self.accepts = accepts
        self.moves: dict[str, _Places] = {}


class Pattern:
    """A pattern that matches whole texts."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
        self._steps: list[Step] = [*_Parser(text).parse(), ("match",)]
        self._known: dict[frozenset[int], _Places] = {}
        self._start = self._places([0], begin=True)

    def fits(self, text: str) -> bool:
        """Whether the whole text fits."""
        here = self._start
        for character in text:
            there = here.moves.get(character)
            if there is None:
                if len(here.moves) >= KEPT:
                    here.moves.clear()
                there = here.moves[character] = self._move(here, character)
            here = there
        return here.accepts

    def _move(self, here: _Places, character: str) -> _Places:
        found = []
        for place in here.places:
            step = self._steps[place]
            if step[0] == "one" and step[1].fullmatch(character):  # type: ignore[attr-defined]
                found.append(place + 1)
        if len(self._known) >= KEPT:
            self._known.clear()
            self._start = self._places([0], begin=True)
        return self._places(found)

    def _places(self, places: list[int], *, begin: bool = False) -> _Places:
        reached = frozenset(self._reach(places, begin, end=False))
        if begin:
            return _Places(reached, self._accepts(reached, begin))
        known = self._known.get(reached)
        if known is None:
            known = self._known[reached] = _Places(reached, self._accepts(reached, begin))
        return known

    def _accepts(self, places: frozenset[int], begin: bool) -> bool:
        return len(self._steps) - 1 in self._reach([*places], begin, end=True)

    def _reach(self, waiting: list[int], begin: bool, end: bool) -> set[int]:
        """All places that are reached without a character."""
        reached: set[int] = set()
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            reached.add(place)
            kind, *distances = self._steps[place]
            if kind in ("split", "jump"):
                waiting += [place + distance for distance in distances]  # type: ignore[operator]
            elif (kind == "begin" and begin) or (kind == "end" and end):
                waiting.append(place + 1)
        return reached


class _Parser:
    """A pattern's text as steps."""

    def __init__(self, text: str) -> None:
        self._flags = re.IGNORECASE if text.startswith("(?i)") else 0
        self._text = text.removeprefix("(?i)")
        self._at = 0
        self._deep = 0

    def parse(self) -> list[Step]:
        steps = self._either()
        if self._at < len(self._text):
            raise ValueError("a ) without its (")
        return steps

    def _next(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _either(self) -> list[Step]:
        steps = self._sequence()
        while self._next("|"):
            other = self._sequence()
            steps = [("split", 1, len(steps) + 2), *steps, ("jump", len(other) + 1), *other]
        return steps

    def _sequence(self) -> list[Step]:
        steps: list[Step] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            steps += self._repeated(self._atom())
            if len(steps) > STEPS:
                raise ValueError(f"more than {STEPS} steps with its repeats written out")
        return steps

    def _repeated(self, atom: list[Step]) -> list[Step]:
        least, most = self._counts()
        if (least, most) == (1, 1):
            return atom
        if len(atom) * max(least, most or 0) > STEPS or max(least, most or 0) > _MOST:
            raise ValueError("repeats too often")
        self._next("?")  # as little as possible or as much: the whole text fits or it does not
        if self._text[self._at : self._at + 1] in ("*", "+", "?"):
            raise ValueError("a repeat of a repeat; put the inner one in ( )")
        steps = atom * least
        if most is None:
            return [*steps, ("split", 1, len(atom) + 2), *atom, ("jump", -len(atom) - 1)]
        return steps + [("split", 1, len(atom) + 1), *atom] * (most - least)

    def _counts(self) -> tuple[int, int | None]:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._next(sign):
                return counts
        found = _COUNT.match(self._text, self._at)
        if found is None or not (found[1] or found[3]):
            return 1, 1  # a brace that counts nothing is a character
        self._at = found.end()
        least = int(found[1] or 0)
        most = least if not found[2] else int(found[3]) if found[3] else None
        if most is not None and most < least:
            raise ValueError(f"{found[0]} ends before it begins")
        return least, most

    def _atom(self) -> list[Step]:
        if self._next("("):
            return self._group()
        for sign, kind in (("^", "begin"), ("$", "end")):
            if self._next(sign):
                return [(kind,)]
        begin = self._at
        if self._text[begin] in "*+?":
            raise ValueError(f"nothing before {self._text[begin]} to repeat")
        if self._next("["):
            return [self._one(self._set())]
        if self._next("\\"):
            self._escape()
            return [self._one(self._text[begin : self._at])]
        self._at += 1
        one = self._text[begin]
        return [self._one(one if one == "." else re.escape(one))]

    def _group(self) -> list[Step]:
        if self._next("?") and not self._next(":"):
            name = re.compile(r"P?<[A-Za-z_]\w*>").match(self._text, self._at)
            if name is None:
                raise ValueError("of (? only (?:…), (?P<name>…) and, at the very start, (?i) are understood")
            self._at = name.end()
        self._deep += 1
        if self._deep > DEEPEST:
            raise ValueError(f"more than {DEEPEST} groups in one another")
        steps = self._either()
        self._deep -= 1
        if not self._next(")"):
            raise ValueError("a ( without its )")
        return steps

    def _escape(self) -> None:
        """Move behind what follows a backslash."""
        sign = self._text[self._at : self._at + 1]
        digits = {"x": 2, "u": 4}.get(sign, 0)
        if not sign:
            raise ValueError("a backslash at the end")
        if sign.isalnum() and sign not in _CLASSES and not digits:
            raise ValueError(f"\\{sign} is not understood")
        self._at += 1 + digits

    def _set(self) -> str:
        """The text of a set, with what only looks special escaped."""
        parts = ["["]
        if self._next("^"):
            parts.append("^")
        first = True
        while first or not self._next("]"):
            if self._at >= len(self._text):
                raise ValueError("a [ without its ]")
            begin = self._at
            if self._next("\\"):
                self._escape()
                parts.append(self._text[begin : self._at])
            else:
                self._at += 1
                one = self._text[begin]
                parts.append(f"\\{one}" if one in "[]&|~" else one)
            first = False
        return "".join(parts) + "]"

    def _one(self, text: str) -> Step:
        if "--" in text:
            raise ValueError("two hyphens in a set; write \\- for one")
        try:
            return ("one", re.compile(text, self._flags))
        except re.error as error:
            raise ValueError(str(error)) from None
