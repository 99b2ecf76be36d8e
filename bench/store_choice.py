"""Which embedded database holds the history: the same load into each candidate, one process each.

    python bench/store_choice.py [--hours 24] [--guests 20] [blocks] [sqlite] [duckdb]

The load of 200 guests x 80 series x 10 s is 1,600 samples a second. To keep a run short, 20 guests are
polled once in each virtual second-long batch, so that every transaction has the size it has in the daemon.
`blocks` is guestwire's store (SQLite holding compressed blocks), `sqlite` and `duckdb` hold a row for each
sample, the plain way. Needs `pip install duckdb` for that candidate.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from engines import ENGINES, Engine  # noqa: E402
from workload import Guest  # noqa: E402

BASE = 1_700_006_400_000  # a midnight, ms
TEN = 10_000
SERIES = 80


def load(engine: Engine, guests: list[Guest], hours: float) -> tuple[int, float, int]:
    """Feed the day; gives samples, CPU seconds spent in the engine, time of the end."""
    cpu, now = 0.0, BASE
    for _ in range(int(hours * 360)):
        batch = [guest.samples() for guest in guests]
        now += TEN
        before = time.process_time()
        engine.write(now, batch)
        cpu += time.process_time() - before
    before = time.process_time()
    engine.rest(now)
    return int(hours * 360) * len(guests) * SERIES, cpu + time.process_time() - before, now


def charts(engine: Engine, guests: list[Guest], now: int, read: str, seconds: float) -> list[float]:
    """Latencies (ms) of charts while another thread writes 1,600 samples a second."""
    stop = threading.Event()
    batches = [[guest.samples() for guest in guests] for _ in range(int(seconds) + 5)]

    def write() -> None:
        at = now
        for batch in batches:
            at += TEN
            engine.write(at, batch)
            if stop.wait(1.0):
                return

    writer = threading.Thread(target=write)
    writer.start()
    reader = engine.reader()
    took, end = [], time.monotonic() + seconds
    index = 0
    while time.monotonic() < end:
        index += 7
        before = time.perf_counter()
        points = getattr(reader, read)(index % (2 * SERIES), now)
        took.append((time.perf_counter() - before) * 1000)
        assert points > 40, f"{engine.name}: a chart of {points} points"
        time.sleep(0.02)
    stop.set()
    writer.join()
    return sorted(took)


def measure(name: str, hours: float, count: int) -> dict[str, object]:
    """All figures of one engine."""
    folder = Path(tempfile.mkdtemp(prefix="guestwire-store-"))
    try:
        guests = [Guest(seed) for seed in range(count)]
        engine = ENGINES[name](folder, [guest.series for guest in guests])
        samples, cpu, now = load(engine, guests, hours)
        size = sum(path.stat().st_size for path in folder.iterdir())
        day = charts(engine, guests, now, "day", 20)
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        engine.fill_month(now)
        month = charts(engine, guests, now + 3_600_000, "month", 20)
        return {
            "engine": name,
            "samples": samples,
            "bytes_per_sample": round(size / samples, 2),
            "cpu_us_per_sample": round(cpu / samples * 1e6, 2),
            "cpu_percent_at_1600_per_s": round(cpu / samples * 1600 * 100, 2),
            "day_chart_p50_ms": round(day[len(day) // 2], 2),
            "day_chart_p99_ms": round(day[int(len(day) * 0.99)], 2),
            "month_chart_p50_ms": round(month[len(month) // 2], 2),
            "month_chart_p99_ms": round(month[int(len(month) * 0.99)], 2),
            "rss_mib": round(rss, 1),
        }
    finally:
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="compare embedded databases on the monitoring load")
    parser.add_argument("engines", nargs="*", default=list(ENGINES))
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--guests", type=int, default=20)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        sys.setswitchinterval(0.001)  # as the daemon does: a chart does not wait 5 ms for each turn
        print(json.dumps(measure(options.engines[0], options.hours, options.guests)))
        return
    for name in options.engines:
        command = [
            sys.executable,
            __file__,
            name,
            "--inside",
            f"--hours={options.hours}",
            f"--guests={options.guests}",
        ]
        print(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip(), flush=True
        )


if __name__ == "__main__":
    main()
