import asyncio

from guestwire.web.overview import Overview
from guestwire.web.warm import warm


async def test_the_sparklines_of_a_daemon_that_was_restarted(site):
    site.overview = Overview(site)
    row = site.overview.row(site.targets()[0])
    assert set(row.sparks.cpu) == {None}
    task = asyncio.create_task(warm(site))
    async with asyncio.timeout(20):
        while not (row := site.overview.row(site.targets()[0])).sparks.cpu[-3]:
            await asyncio.sleep(0.02)
    task.cancel()
    assert (row.sparks.cpu[-3], row.sparks.memory[-3], row.sparks.network[-3]) == (0.25, 0.6, 150)
