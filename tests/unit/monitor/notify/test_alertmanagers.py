import asyncio
import json

from guestwire.monitor.export.exposition import Exposition
from guestwire.monitor.notify.alertmanager import EVERY, Alertmanager
from guestwire.monitor.notify.alertmanagers import Telling
from guestwire.monitor.rules.state import Alert, State


class Bench:
    def __init__(self, sink):
        self.now = 1000.0
        self.alerts = []
        self.sink = sink
        self.telling = Telling(Alertmanager(sink.url), lambda: self.alerts, lambda: self.now)

    def states(self):
        return [[each["labels"]["alertname"] for each in json.loads(body)] for _, _, body in self.sink.posts]


def alert(state=State.FIRING):
    return Alert("Full", "web", (), state, 990.0, 1.0)


async def test_at_once_when_something_changes_and_again_in_a_while(sink):
    bench = Bench(sink)
    await bench.telling.step()
    assert sink.posts == []
    bench.alerts = [alert(State.PENDING)]
    await bench.telling.step()
    assert sink.posts == []
    bench.alerts = [alert()]
    await bench.telling.step()
    await bench.telling.step()
    assert bench.states() == [["Full"]]
    bench.now += EVERY
    await bench.telling.step()
    bench.alerts = [alert(State.RESOLVED)]
    await bench.telling.step()
    assert len(sink.posts) == 3
    exposition = Exposition()
    bench.telling.add(exposition)
    assert 'guestwire_alertmanager_sent_total{channel="alertmanager"} 3' in exposition.text()


async def test_a_failure_is_tried_again(sink):
    bench = Bench(sink)
    bench.alerts = [alert()]
    sink.status = 503
    await bench.telling.step()
    assert "HTTP 503" in bench.telling.trouble
    sink.status = 200
    await bench.telling.step()
    assert bench.telling.trouble is None
    assert (bench.telling.sent, bench.telling.failed) == (1, 1)


async def test_nobody_there():
    telling = Telling(Alertmanager("http://127.0.0.1:1"), lambda: [alert()])
    task = asyncio.ensure_future(telling.run())
    async with asyncio.timeout(20):
        while not telling.failed:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert telling.trouble.startswith("alertmanager: ")
    telling.close()
