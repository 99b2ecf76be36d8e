"""The candidates of `store_choice.py`, each behind the same few verbs."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.compact import compact, due, retain, settle, trim_log
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.store import Store
from guestwire.monitor.store.tiers import DAY, MINUTES
from workload import Guest, Series

if TYPE_CHECKING:
    from pathlib import Path

CHART = 90_000  # one point of a 24 h chart of 960 points, ms
MONTH_GUESTS = 2


class Charts(Protocol):
    def day(self, index: int, now: int) -> int: ...

    def month(self, index: int, now: int) -> int: ...


class Engine(Protocol):
    name: str

    def write(self, at: int, batch: list[list[Sample]]) -> None: ...

    def rest(self, now: int) -> None: ...

    def reader(self) -> Charts: ...

    def fill_month(self, now: int) -> None: ...


class Blocks:
    """guestwire's own store."""

    name = "blocks"

    def __init__(self, folder: Path, series: list[list[Series]]) -> None:
        self.store = Store(folder / "store.db")

    def write(self, at: int, batch: list[list[Sample]]) -> None:
        for number, samples in enumerate(batch):
            self.store.append(Poll(f"guest-{number}", at / 1000, samples))
        self.store.flush()
        for entry in list(due(self.store, at))[:1]:  # the daemon spreads them in the same way
            compact(self.store, entry, at)
            trim_log(self.store)

    def rest(self, now: int) -> None:
        while settle(self.store, MINUTES, now):
            pass
        for _ in range(10):  # as the daemon does in some minutes
            retain(self.store, now)
        self.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def fill_month(self, now: int) -> None:
        guests = [Guest(1000 + n) for n in range(MONTH_GUESTS)]
        start = now - 30 * DAY
        for minute in range(29 * 1440):
            at = start + minute * 60_000
            for number, guest in enumerate(guests):
                self.store.append(Poll(f"month-{number}", at / 1000, guest.samples()))
            self.store.flush()
            for entry in list(due(self.store, at)):
                compact(self.store, entry, at)
                trim_log(self.store)
            settle(self.store, MINUTES, at)

    def reader(self) -> Charts:
        return BlockCharts(self.store)


class BlockCharts:
    def __init__(self, store: Store) -> None:
        self.read = Reader.of(store)
        guests = self.read.guests()
        self.series = {name: self.read.series(number) for name, (number, _) in guests.items()}

    def day(self, index: int, now: int) -> int:
        series = self.series[f"guest-{index // 80}"][index % 80]
        return len(self.read.buckets(series, now - DAY, now, CHART).starts)

    def month(self, index: int, now: int) -> int:
        series = self.series[f"month-{index // 80}"][index % 80]
        return len(self.read.buckets(series, now - 30 * DAY, now, 1_800_000).starts)


class Rows:
    """A row for each sample; the SQL that both row engines share."""

    name = ""

    def __init__(self, folder: Path, series: list[list[Series]]) -> None:
        self.path = folder / "rows.db"
        self.ids = [{key: n * 80 + i for i, key in enumerate(keys)} for n, keys in enumerate(series)]
        self.db = self.open()

    def open(self) -> Any:
        raise NotImplementedError

    def rows(self, at: int, batch: list[list[Sample]]) -> list[tuple[int, int, float]]:
        return [
            (ids[s[:2]], at, s.value) for ids, samples in zip(self.ids, batch, strict=True) for s in samples
        ]

    def month_rows(self, now: int) -> list[tuple[int, int, float, float, float, float]]:
        rows = []
        for number in range(MONTH_GUESTS):
            guest = Guest(1000 + number)
            for step in range(8640):
                at = now - 30 * DAY + step * 300_000
                rows += [(number * 80 + i, at, v, v, v, v) for i, v in enumerate(guest.step())]
        return rows

    def reader(self) -> Charts:
        return RowCharts(self)

    def cursor(self) -> Any:
        raise NotImplementedError


class RowCharts:
    DAY = (
        "SELECT ts / ?, min(value), max(value), avg(value) FROM sample "
        "WHERE series = ? AND ts >= ? GROUP BY 1 ORDER BY 1"
    )
    MONTH = (
        "SELECT ts / ?, min(low), max(high), avg(mean) FROM five "
        "WHERE series = ? AND ts >= ? GROUP BY 1 ORDER BY 1"
    )

    def __init__(self, engine: Rows) -> None:
        self.db = engine.cursor()
        self.divide = "//" if engine.name == "duckdb" else "/"

    def day(self, index: int, now: int) -> int:
        query = self.DAY.replace("/", self.divide)
        return len(self.db.execute(query, (CHART, index, now - DAY)).fetchall())

    def month(self, index: int, now: int) -> int:
        query = self.MONTH.replace("/", self.divide)
        return len(self.db.execute(query, (1_800_000, index, now - 30 * DAY)).fetchall())


class Sqlite(Rows):
    name = "sqlite"

    def open(self) -> Any:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(
            "CREATE TABLE sample (series INTEGER, ts INTEGER, value REAL, "
            "PRIMARY KEY (series, ts)) WITHOUT ROWID"
        )
        db.execute(
            "CREATE TABLE five (series INTEGER, ts INTEGER, low REAL, high REAL, mean REAL, last REAL, "
            "PRIMARY KEY (series, ts)) WITHOUT ROWID"
        )
        return db

    def cursor(self) -> Any:
        return sqlite3.connect(self.path, check_same_thread=False)

    def write(self, at: int, batch: list[list[Sample]]) -> None:
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO sample VALUES (?, ?, ?)", self.rows(at, batch))
        self.db.execute("COMMIT")

    def rest(self, now: int) -> None:
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def fill_month(self, now: int) -> None:
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO five VALUES (?, ?, ?, ?, ?, ?)", sorted(self.month_rows(now)))
        self.db.execute("COMMIT")


class Duckdb(Rows):
    name = "duckdb"

    def open(self) -> Any:
        import duckdb

        db = duckdb.connect(str(self.path), config={"threads": 2, "memory_limit": "1GB"})
        db.execute("CREATE TABLE sample (series INTEGER, ts BIGINT, value DOUBLE)")
        db.execute(
            "CREATE TABLE five (series INTEGER, ts BIGINT, low DOUBLE, high DOUBLE, mean DOUBLE, last DOUBLE)"
        )
        return db

    def cursor(self) -> Any:
        return self.db.cursor()

    def write(self, at: int, batch: list[list[Sample]]) -> None:
        columns = [list(column) for column in zip(*self.rows(at, batch), strict=True)]
        self.db.execute("INSERT INTO sample SELECT unnest(?), unnest(?), unnest(?)", columns)

    def rest(self, now: int) -> None:
        self.db.execute("CHECKPOINT")

    def fill_month(self, now: int) -> None:
        rows = sorted(self.month_rows(now))
        for start in range(0, len(rows), 100_000):
            columns = [list(column) for column in zip(*rows[start : start + 100_000], strict=True)]
            self.db.execute("INSERT INTO five SELECT " + ", ".join(["unnest(?)"] * 6), columns)


ENGINES: dict[str, Any] = {"blocks": Blocks, "sqlite": Sqlite, "duckdb": Duckdb}
