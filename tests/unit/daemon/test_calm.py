import asyncio
import gc
import sys

import pytest

from guestwire.daemon import calm


async def test_what_has_been_there_is_out_of_sight(monkeypatch):
    monkeypatch.setattr(calm, "OFTEN", 0.0)
    monkeypatch.setattr(calm, "SELDOM", 0.0)
    before = sys.getswitchinterval()
    kept = [[number] for number in range(1000)]
    task = asyncio.create_task(calm.stay_calm())
    for _ in range(2 * calm.FRESH):
        await asyncio.sleep(0)
    assert gc.get_freeze_count() > len(kept)
    assert sys.getswitchinterval() == pytest.approx(calm.SWITCH)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert gc.get_freeze_count() == 0
    assert sys.getswitchinterval() == pytest.approx(before)
