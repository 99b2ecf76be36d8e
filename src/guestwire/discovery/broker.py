"""The guests of brokers that run here: RUN_DIR/guests/NAME.sock, and what RUN_DIR/status.json says of them."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any

from guestwire.discovery.located import Fault, Located, aliases_of, bounded, name_of, text_of, uuid_of
from guestwire.discovery.place import Place, names_in, read

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "broker"
_ENDING = ".sock"


def find(place: Place) -> tuple[list[Located], list[Fault]]:
    """The guests of the brokers in all run folders."""
    guests: list[Located] = []
    faults: list[Fault] = []
    for folder in place.run_dirs:
        try:
            names = names_in(folder / "guests", [_ENDING])
            if names:
                _check(folder / "guests" / names[0])
                guests += [
                    _guest(folder, name, status) for name, status in _with_status(folder, names, faults)
                ]
        except OSError as error:
            faults.append(Fault(SOURCE, str(folder), error.strerror or str(error)))
    kept, more = bounded(SOURCE, "sockets", guests)
    return kept, faults + more


def _check(path: Path) -> None:
    """A broker that was killed leaves its sockets behind. Raises OSError when nobody listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except (BlockingIOError, PermissionError):
            pass  # somebody listens, who is busy or does not let us in
        except ConnectionRefusedError:
            raise OSError(
                0, "sockets of a broker that no longer runs; start it again or remove them"
            ) from None


def _with_status(folder: Path, names: list[str], faults: list[Fault]) -> list[tuple[str, dict[str, Any]]]:
    known: Any = {}
    path = folder / "status.json"
    with contextlib.suppress(FileNotFoundError):  # older brokers write none
        try:
            known = json.loads(read(path))["guests"]
        except (ValueError, TypeError, KeyError, RecursionError):
            faults.append(Fault(SOURCE, str(path), "this is not a broker's status"))
    if not isinstance(known, dict):
        known = {}
    bare = [name.removesuffix(_ENDING) for name in names]
    return [(name, known[name] if isinstance(known.get(name), dict) else {}) for name in bare]


def _guest(folder: Path, name: str, status: dict[str, Any]) -> Located:
    since = status.get("since")
    upstream = _text(status, "address")
    return Located(
        name=name_of(name),
        source=SOURCE,
        address=f"unix:{folder / 'guests' / name}{_ENDING}",
        reason=_text(status, "reason"),
        uuid=uuid_of(_text(status, "uuid")),
        agent=_text(status, "state"),
        since=float(since) if isinstance(since, int | float) else None,
        upstream=upstream or None,
        aliases=aliases_of(name),
    )


def _text(status: dict[str, Any], key: str) -> str:
    value = status.get(key)
    return text_of(value) if isinstance(value, str) else ""
