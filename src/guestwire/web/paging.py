"""Pages of a list: a cursor that says where the next page begins."""

from __future__ import annotations

from typing import TypeVar

from guestwire.web.problems import Problem

T = TypeVar("T")


def page(items: list[T], cursor: str, limit: int) -> tuple[list[T], str | None]:
    """The items from `cursor` on, and the cursor of what follows (None at the end). Raises Problem 400."""
    start = offset(cursor)
    following = start + limit
    return items[start:following], str(following) if following < len(items) else None


def offset(cursor: str) -> int:
    """Where a page begins."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise Problem(400, "a cursor is what `next` of the page before said", where="cursor")
    return int(cursor)
