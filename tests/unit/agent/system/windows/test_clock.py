from __future__ import annotations

from guestwire.agent.system.windows.clock import systemtime


def test_calendar_time() -> None:
    at = systemtime(1_709_216_430_123_999_999)  # Thursday, 29 February 2024, 14:20:30.123999999 UTC
    assert (at.wYear, at.wMonth, at.wDay, at.wDayOfWeek) == (2024, 2, 29, 4)
    assert (at.wHour, at.wMinute, at.wSecond, at.wMilliseconds) == (14, 20, 30, 123)


def test_sunday_is_day_zero() -> None:
    assert systemtime(3 * 86400 * 10**9).wDayOfWeek == 0  # 4 January 1970
