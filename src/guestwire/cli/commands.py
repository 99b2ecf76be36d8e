"""The commands that a command line knows: those of the schema, on whatever system, and those of a site's schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.schema import builtin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from guestwire.schema.model import Command


def known(schemas: Sequence[str] = ()) -> dict[str, Command]:
    """Commands by name. `schemas` are paths of a site's schema files, or folders of them."""
    everywhere = builtin.symbols()
    # A few values exist on all systems but Windows; Windows' own commands come behind.
    found = builtin.commands(everywhere - {"CONFIG_WIN32"})
    for name, command in builtin.commands(everywhere).items():
        found.setdefault(name, command)
    for path in schemas:
        from guestwire.schema import site

        found.update(site.load(path)[0].commands)
    return found


def similar(name: str, names: Sequence[str]) -> str:
    """`; did you mean X?` for the name that is most like it, or nothing."""
    from difflib import get_close_matches

    bare = {each.removeprefix("guest-"): each for each in names}  # all begin so: it makes nothing similar
    near = get_close_matches(name.removeprefix("guest-"), list(bare), 1)
    return f"; did you mean {bare[near[0]]}?" if near else ""
