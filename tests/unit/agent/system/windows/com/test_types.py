from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.com.types import GUID, IUNKNOWN, ComError, guid


def test_a_guid_as_text_and_in_memory() -> None:
    text = "609e123e-2c5a-44d3-8f01-0b1d9a47d1ff"
    assert str(guid(text)) == text
    assert bytes(guid(text)).hex() == "3e129e605a2cd3448f010b1d9a47d1ff"
    assert ctypes.sizeof(GUID) == 16


def test_an_error_is_unsigned() -> None:
    error = ComError("SetContext", -2147212517)
    assert error.code == 0x8004231B
    assert str(error) == "SetContext: 0x8004231B"
    assert isinstance(error, OSError)


def test_iunknown_comes_first() -> None:
    assert IUNKNOWN.methods == ("QueryInterface", "AddRef", "Release")
