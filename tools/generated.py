"""What the generators of the client share: the schema as they see it, and how a file is written or checked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
BUILTIN_SCHEMA = ROOT / "src/guestwire/schema/qapi/guestwire.json"
sys.path.insert(0, str(ROOT / "src"))

from guestwire.schema import builtin, compiled, loader  # noqa: E402
from guestwire.schema.model import Alternate, Enum, Member, Struct, Variants  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from guestwire.schema.doc import Doc
    from guestwire.schema.model import Command, Definition

LINE = 110

_BUILTINS = {"str": "str", "bool": "bool", "number": "float", "null": "None", "any": "object"}


class Schema:
    """Every command and type, whatever OS they exist on."""

    def __init__(self) -> None:
        symbols = frozenset(_symbols((compiled.COMMANDS, compiled.TYPES)))
        self.commands: list[Command] = list(builtin.commands(symbols).values())
        self.types: dict[str, Definition] = builtin.definitions(symbols)
        self.docs: dict[str, Doc] = loader.load([str(BUILTIN_SCHEMA)], symbols).docs

    def is_object(self, name: str) -> bool:
        """Whether it is a class here."""
        return isinstance(self.types[name], Struct | Variants)

    def members(self, name: str) -> list[Member]:
        """All members; those of a union's branches are optional."""
        definition = self.types[name]
        if isinstance(definition, Variants):
            branches = [self.types[branch] for branch in definition.branches.values()]
            inner = [member for branch in branches if isinstance(branch, Struct) for member in branch.members]
            return [*definition.members, *(Member(each.name, each.type, True) for each in inner)]
        assert isinstance(definition, Struct)
        return list(definition.members)

    def used_types(self) -> list[str]:
        """Types that commands name, directly or not; what is used comes before what uses it."""
        found: list[str] = []
        for command in self.commands:
            for kind in [*(argument.type for argument in command.arguments), command.returns or "str"]:
                self._use(kind.strip("[]"), found)
        return found

    def _use(self, name: str, found: list[str]) -> None:
        if name not in self.types or name in found:
            return
        if self.is_object(name):
            for member in self.members(name):
                self._use(member.type.strip("[]"), found)
        found.append(name)

    def is_younger(self, name: str, member: Member) -> bool:
        """Whether a member came after its type: an older agent leaves it out, required or not."""
        doc = self.docs.get(name)
        if doc is None or member.name not in doc.members:
            return False
        return _version(doc.member(member.name)[1]) > _version(doc.since)

    def docstring(self, name: str, otherwise: str, indent: str = "    ") -> str:
        """The documentation of a command or type, as a docstring: its text, its members, what it returns."""
        doc = self.docs.get(name)
        if doc is None:
            return textwrap.indent(f'"""{otherwise}"""', indent)
        width = LINE - len(indent)
        summary, *more = _sentences(doc.text)
        parts = textwrap.wrap(summary, width - 6)
        body = [textwrap.fill(" ".join(more), width)] if more else []
        body += ["\n".join(self._member(doc, member, width) for member in doc.members)] if doc.members else []
        body += [textwrap.fill(f"Returns {doc.returns}.", width)] if doc.returns else []
        body += [f"Since: {doc.since}"]
        text = "\n".join(parts) + "\n\n" + "\n\n".join(body)
        return textwrap.indent(f'"""{text}\n"""', indent)

    def _member(self, doc: Doc, member: str, width: int) -> str:
        text, since = doc.member(member)
        late = f" (since {since})" if since != doc.since else ""
        name = member.replace("-", "_") if self._has_members(doc) else member
        return textwrap.fill(f"- `{name}`: {text}{late}", width, subsequent_indent="  ")

    def _has_members(self, doc: Doc) -> bool:
        """Names of members become Python's; the values of an enum stay what they are."""
        return not isinstance(self.types.get(doc.symbol or ""), Enum)


def _version(since: str | None) -> tuple[int, ...]:
    found = re.match(r"[\d.]+\d", since or "")
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def _sentences(text: str) -> list[str]:
    """The first sentence, and the rest if there is one."""
    end = text.find(". ")
    return [text] if end < 0 else [text[: end + 1], text[end + 2 :]]


def _symbols(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(("CONFIG_", "HAVE_")):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _symbols(part)


def python_type(schema: Schema, kind: str, prefix: str = "") -> str:
    """How a schema's type is annotated."""
    if kind.startswith("["):
        return f"list[{python_type(schema, kind[1:-1], prefix)}]"
    definition = schema.types.get(kind)
    if definition is None:
        return _BUILTINS.get(kind, "int")
    if isinstance(definition, Enum):
        return "str"
    if isinstance(definition, Alternate):
        return " | ".join(python_type(schema, branch, prefix) for branch in definition.branches.values())
    return prefix + kind


def main(path: str, render: Callable[[], str], *, code: bool = True) -> None:
    """Write the file, or with --check compare it. `code`: ruff lays it out."""
    target = ROOT / path
    text = formatted(render(), target) if code else render()
    if "--check" not in sys.argv[1:]:
        target.write_text(text, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        sys.exit(f"{path} is not up to date: run python {sys.argv[0]}")


def formatted(text: str, target: Path) -> str:
    """As ruff writes it."""
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    argv = [ruff, "format", "--quiet", "--stdin-filename", str(target), "-"]
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
