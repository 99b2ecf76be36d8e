from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.sessions import seconds_of, text_of


def test_text_ends_at_its_zero() -> None:
    units = (ctypes.c_uint16 * 21)(*"Jörg".encode("utf-16-le")[::2], 0, 65)
    assert text_of(units) == "Jörg"


def test_filetimes_count_from_1601() -> None:
    assert seconds_of(116_444_736_000_000_000) == 0.0
    assert seconds_of(116_444_736_015_000_000) == 1.5
    assert seconds_of(0) == 0.0
