"""Many small files for those who write them, one for the browser: a page's modules, and its styles, put together.

Done when the daemon starts; there is nothing to build and a changed file is there after the next start. A module
becomes a block of its own in the page's one script, so that names need not differ between modules.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_IMPORT = re.compile(r"""^import\s+([^"';]+?)\s+from\s+["'](\.{1,2}/[^"']+)["'];[ \t]*$""", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?:async\s+)?(?:function|class|const)\s+(\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export\s+default\s+(\w+);", re.MULTILINE)
_AS = re.compile(r"\s+as\s+")
_REMARK = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_CSS_REMARK = re.compile(r"/\*(?!!).*?\*/\n?", re.DOTALL)


def modules(name: str, read: Callable[[str], str]) -> list[str]:
    """A module and all that it imports, each after those that it imports. Raises ValueError for a circle."""
    found: list[str] = []
    open_: list[str] = []

    def visit(one: str) -> None:
        if one in open_:
            raise ValueError(f"{one}: imports itself by way of {open_[-1]}")
        if one in found:
            return
        open_.append(one)
        for _, path in _IMPORT.findall(read(one)):
            visit(_join(PurePosixPath(one).parent, path))
        open_.pop()
        found.append(one)

    visit(name)
    return found


def script(name: str, read: Callable[[str], str]) -> str:
    """The script of a page: `name` and all that it imports."""
    names = modules(name, read)
    numbers = {one: f"$m{number}" for number, one in enumerate(names)}
    parts = [f"const {', '.join(f'{number} = {{}}' for number in numbers.values())};"]
    return "\n".join(parts + [_block(one, read(one), numbers) for one in names]) + "\n"


def _block(name: str, text: str, numbers: dict[str, str]) -> str:
    """A module as a block that leaves what it exports in its object."""
    folder = PurePosixPath(name).parent

    def bound(found: re.Match[str]) -> str:
        wanted, source = found[1], numbers[_join(folder, found[2])]
        if not wanted.startswith("{"):
            return f"const {wanted} = {source}.default;"
        return f"const {_AS.sub(': ', wanted)} = {source};"

    exported = _EXPORT.findall(text)
    exported += [f"default: {one}" for one in _DEFAULT.findall(text)]
    text = _REMARK.sub("", _DEFAULT.sub("", _IMPORT.sub(bound, text)))
    text = re.sub(r"^export\s+", "", text, flags=re.MULTILINE).strip()
    left = f"\nObject.assign({numbers[name]}, {{ {', '.join(exported)} }});" if exported else ""
    return f"{{\n{text}{left}\n}}"


def style(names: list[str], read: Callable[[str], str]) -> str:
    """The style sheets of a page, in order, as one; licenses stay in."""
    return "".join(_CSS_REMARK.sub("", read(name)).strip() + "\n" for name in names)


def _join(folder: PurePosixPath, path: str) -> str:
    parts = list(folder.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
