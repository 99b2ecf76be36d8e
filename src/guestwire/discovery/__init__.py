"""Where the guests of this host are: `find()` asks every source; `resolver()` finds a guest by its name.

A source is one file with `find(place) -> (guests, faults)` and one line in `search.SOURCES`.
"""

from __future__ import annotations

from guestwire.discovery.located import Fault, Found, Located
from guestwire.discovery.place import Place
from guestwire.discovery.search import find, resolver

__all__ = ["Fault", "Found", "Located", "Place", "find", "resolver"]
