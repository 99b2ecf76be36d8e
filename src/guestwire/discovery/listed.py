"""The guests that a person has listed: the `[guests]` table of guestwire.toml, NAME = "ADDRESS"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomllib

from guestwire.client.address import GuestName, parse
from guestwire.discovery.located import Fault, Located, aliases_of, bounded, name_of, text_of
from guestwire.discovery.place import Place, read
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "list"


def find(place: Place) -> tuple[list[Located], list[Fault]]:
    """The guests of all lists; an entry that is wrong costs that entry alone."""
    guests: list[Located] = []
    faults: list[Fault] = []
    for path in place.lists:
        try:
            table = _table(path)
        except FileNotFoundError:
            if place.list_wanted:
                faults.append(Fault(SOURCE, str(path), "there is no such file; GUESTWIRE_CONFIG names it"))
        except OSError as error:
            faults.append(Fault(SOURCE, str(path), error.strerror or str(error)))
        except ConfigError as error:
            faults.append(Fault(SOURCE, str(path), text_of(str(error))))
        else:
            for name, address in table.items():
                try:
                    guests.append(_guest(name, address))
                except ConfigError as error:
                    faults.append(Fault(SOURCE, str(path), text_of(str(error))))
    kept, more = bounded(SOURCE, "lists", guests)
    return kept, faults + more


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(read(path).decode()).get("guests", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(error)) from None
    if not isinstance(table, dict):
        raise ConfigError('guests: must be a table of NAME = "ADDRESS"')
    return table


def _guest(name: str, address: Any) -> Located:
    if not isinstance(address, str):
        raise ConfigError(f"guest {name!r}: its address must be a string")
    if not name or name != name_of(name):
        raise ConfigError(f"guest {name!r}: a name is printable and short, with no blank and none of /:@*?[]")
    found = parse(address)
    if isinstance(found, GuestName):
        raise ConfigError(f"guest {name!r}: its address {address!r} is a name again")
    return Located(name=name, source=SOURCE, address=str(found), aliases=aliases_of(name))
