"""What store, rules and `/metrics` cost the daemon: 200 (and 1,000) guests x 80 series x 10 s, default rules.

    python bench/store_pipeline.py [--guests 200] [--minutes 40]

Time is virtual: each second brings a tenth of the guests, one flush, the rules that are due, and at most one
compaction. CPU is that of the parts measured alone; making up the samples is not counted.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from guestwire.monitor.export.exposition import Exposition, guests_text  # noqa: E402
from guestwire.monitor.rules.engine import Engine  # noqa: E402
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules  # noqa: E402
from guestwire.monitor.samples import Poll  # noqa: E402
from guestwire.monitor.store.compact import compact, due, trim_log  # noqa: E402
from guestwire.monitor.store.reader import Reader  # noqa: E402
from guestwire.monitor.store.store import Store  # noqa: E402
from workload import Guest  # noqa: E402

BASE = 1_700_006_400


class Meter:
    """CPU seconds by part."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.longest: dict[str, float] = {}

    def run(self, part: str, work):  # type: ignore[no-untyped-def]
        before = time.process_time()
        result = work()
        took = time.process_time() - before
        self.spent[part] = self.spent.get(part, 0.0) + took
        self.longest[part] = max(self.longest.get(part, 0.0), took)
        return result


def second(store: Store, engine: Engine, guests: list[Guest], now: int, meter: Meter) -> None:
    """One virtual second."""
    polls = [Poll(f"guest-{n}", now + 0.1, guests[n].samples()) for n in range(now % 10, len(guests), 10)]
    meter.run("append", lambda: [store.append(poll) for poll in polls])
    meter.run("flush", store.flush)
    meter.run("rules", lambda: list(engine.run(now + 0.5)))
    for entry in list(due(store, now * 1000))[:1]:
        meter.run("compact", lambda entry=entry: (compact(store, entry, now * 1000), trim_log(store)))  # type: ignore[misc]


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU of store, rules and /metrics")
    parser.add_argument("--guests", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=40)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="guestwire-store-"))
    try:
        store = Store(folder / "store.db")
        engine = Engine(store, Reader.of(store), load_rules(DEFAULT_RULES))
        guests = [Guest(seed) for seed in range(options.guests)]
        meter = Meter()
        seconds = options.minutes * 60
        for tick in range(seconds):
            second(store, engine, guests, BASE + tick, meter)
        now = (BASE + seconds) * 1000
        names = [(name, store.latest(name)) for name in store.registry.guests]
        guests_text(names, now, Exposition())
        before = time.perf_counter()
        text = guests_text([(name, store.latest(name)) for name in store.registry.guests], now, Exposition())
        scrape = (time.perf_counter() - before) * 1000
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        percent = {part: round(spent / seconds * 100, 2) for part, spent in meter.spent.items()}
        print(
            json.dumps(
                {
                    "guests": options.guests,
                    "cpu_percent": percent | {"all": round(sum(percent.values()), 2)},
                    "longest_ms": {part: round(spent * 1000, 1) for part, spent in meter.longest.items()},
                    "metrics_ms": round(scrape, 1),
                    "metrics_bytes": len(text),
                    "rss_mib": round(rss, 1),
                    "rule_errors": engine.errors,
                }
            )
        )
        store.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
