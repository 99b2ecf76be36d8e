"""The database file: its tables, how an old file becomes a new one, and how it is opened.

`MIGRATIONS[n]` brings a file of version n to version n + 1; a fresh file runs them all, so that the way
from version 1 is the way every file goes. A file from a newer guestwire is refused rather than guessed at.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from guestwire.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = 0x67775354  # "gwST"

_VERSION_1 = """
CREATE TABLE guest (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,    -- its UUID where there is one, else its name
    name TEXT NOT NULL,
    first_seen INTEGER NOT NULL,      -- milliseconds since the epoch, as all times here
    compacted INTEGER NOT NULL DEFAULT 0  -- log entries up to this one are in blocks for this guest
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    guest INTEGER NOT NULL REFERENCES guest,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,             -- a JSON object
    kind TEXT NOT NULL,
    UNIQUE (guest, name, labels)
);
CREATE TABLE layout (
    id INTEGER PRIMARY KEY,
    guest INTEGER NOT NULL REFERENCES guest,
    series BLOB NOT NULL              -- series ids, u32 each: the columns of one kind of row in the log
);
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    data BLOB NOT NULL                -- samples not yet in blocks, see log.py
);
CREATE TABLE block (
    id INTEGER PRIMARY KEY,
    guest INTEGER NOT NULL REFERENCES guest,
    tier INTEGER NOT NULL,            -- see tiers.py
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,             -- of its last sample or bucket start, included
    settled INTEGER NOT NULL,         -- 1 once it is merged and rolled up into the next tier
    data BLOB NOT NULL                -- see block.py
);
CREATE INDEX block_by_time ON block (guest, tier, end, start);
CREATE INDEX block_by_age ON block (tier, end);
CREATE INDEX block_open ON block (tier, guest) WHERE settled = 0;
CREATE TABLE provenance (
    guest INTEGER NOT NULL REFERENCES guest,
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    source TEXT NOT NULL,             -- the step of the ladder, '' while unknown
    reason TEXT NOT NULL,             -- why it is unknown, '' while known
    PRIMARY KEY (guest, name, since)
) WITHOUT ROWID;
"""

_VERSION_2 = """
CREATE TABLE alert (
    rule TEXT NOT NULL,
    guest TEXT NOT NULL,              -- identity
    labels TEXT NOT NULL,             -- a JSON object
    state TEXT NOT NULL,              -- pending, firing or resolved
    since INTEGER NOT NULL,           -- when this state began
    value REAL NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (rule, guest, labels)
) WITHOUT ROWID;
CREATE TABLE silence (
    id INTEGER PRIMARY KEY,
    matchers TEXT NOT NULL,           -- a JSON list of [label, operator, value]
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    author TEXT NOT NULL,
    comment TEXT NOT NULL
);
CREATE TABLE note (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL               -- small things that outlive a restart, JSON
) WITHOUT ROWID;
"""

_VERSION_3 = """
CREATE TABLE alert_log (
    id INTEGER PRIMARY KEY,           -- in order of time
    at INTEGER NOT NULL,
    rule TEXT NOT NULL,
    guest TEXT NOT NULL,              -- identity
    labels TEXT NOT NULL,             -- a JSON object
    state TEXT NOT NULL,              -- firing or resolved
    severity TEXT NOT NULL,
    value REAL NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX alert_log_by_guest ON alert_log (guest, id);
"""

MIGRATIONS = ("", _VERSION_1, _VERSION_2, _VERSION_3)
CURRENT = len(MIGRATIONS) - 1


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use, one at a time."""
    mode = "ro" if read_only else "rwc"
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect(
        f"file:{quoted}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    db.execute("PRAGMA busy_timeout = 5000")
    db.execute("PRAGMA cache_size = -4096")
    db.execute(f"PRAGMA mmap_size = {256 << 20}" if read_only else "PRAGMA mmap_size = 0")
    return db


def open_store(path: Path) -> sqlite3.Connection:
    """Open or make the file at `path` and bring it to the current version.

    Raises StartError when it is no guestwire store, is damaged, or comes from a newer guestwire.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        db = connect(path)
    except sqlite3.Error as error:
        raise refusal(path, error) from None
    except OSError as error:
        raise StartError(f"{path}: cannot open the store: {error.strerror}: {error.filename}") from None
    try:
        version = _version(db, path)
        if not version:
            db.execute("PRAGMA page_size = 4096")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        migrate(db, version)
    except StartError:
        db.close()
        raise
    except sqlite3.Error as error:
        db.close()
        raise refusal(path, error) from None
    return db


def refusal(path: Path, error: Exception) -> StartError:
    """What to say of a file that cannot be opened, or makes no sense: then what to do."""
    if isinstance(error, sqlite3.OperationalError):
        cure = "; its folder must be one that this user may write" if "unable to open" in str(error) else ""
        return StartError(f"{path}: cannot open the store: {error}{cure}")
    return StartError(
        f"{path}: cannot open the store, it is damaged: {error}; put a backup in its place, "
        "or move the file away to begin anew (history, alerts and silences begin anew then)"
    )


def migrate(db: sqlite3.Connection, version: int, target: int = CURRENT) -> None:
    """Bring `db` from `version` to `target`, each step in one transaction."""
    for step in range(version + 1, target + 1):
        script = f"BEGIN IMMEDIATE; {MIGRATIONS[step]}; PRAGMA user_version = {step};"
        try:
            db.executescript(f"{script} PRAGMA application_id = {APPLICATION_ID}; COMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def used_bytes(db: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def _version(db: sqlite3.Connection, path: Path) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    mark: int = db.execute("PRAGMA application_id").fetchone()[0]
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and mark != APPLICATION_ID:
        raise StartError(
            f"{path}: is a database, but not a guestwire store; name another folder with --data-dir"
        )
    if version > CURRENT:
        raise StartError(
            f"{path}: was written by a newer guestwire (store version {version}, this one knows {CURRENT}); "
            "run that version, or name another folder with --data-dir"
        )
    return version
