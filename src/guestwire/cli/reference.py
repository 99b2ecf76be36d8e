"""The schema with its documentation, as text for a terminal and as plain values for programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from guestwire.agent import platform
from guestwire.cli.commands import similar
from guestwire.errors import ConfigError
from guestwire.schema import builtin, site
from guestwire.schema.loader import check, group_of
from guestwire.schema.model import BUILTINS, holds
from guestwire.schema.parser import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from guestwire.schema.define import Defined

_BUILTIN = os.path.join(os.path.dirname(site.__file__), "qapi", "guestwire.json")
_PLATFORMS = {
    platform.LINUX: "Linux",
    platform.FREEBSD: "FreeBSD",
    platform.WINDOWS: "Windows",
    platform.OTHER_POSIX: "other POSIX",
}


class Reference:
    """Every command and type of the built-in schema and of a site's. Raises `SchemaError`, `ConfigError`."""

    def __init__(self, schemas: Sequence[str] = ()) -> None:
        source = Source().read(_BUILTIN)
        source.doc_required = False
        for path in schemas:
            for file in site.files(path):
                source.read(file)
        self._checked = check(source)
        self._builtin = builtin.symbols()

    def of_kind(self, *, commands: bool) -> list[Defined]:
        """The commands, or the types, in the order of the files."""
        return [each for each in self._checked.definitions.values() if (each.kind == "command") is commands]

    def find(self, name: str) -> Defined:
        """The command or type of that name. Raises `ConfigError` when there is none."""
        found = self._checked.definitions.get(name)
        if found is None:
            hint = similar(name, list(self._checked.definitions))
            raise ConfigError(f"the schema has no command or type {name!r}{hint}")
        return found

    def describe(self, definition: Defined) -> dict[str, Any]:
        """All that is known of one, as plain values."""
        doc = definition.expression.doc
        described: dict[str, Any] = {
            "name": definition.name,
            "kind": definition.kind,
            "group": group_of(definition),
            "text": doc.text if doc else "",
            "since": doc.since if doc else None,
            "platforms": self._platforms(definition.condition),
            "members": [self._member(item, definition) for item in self._items(definition)],
        }
        if definition.kind == "command":
            keys = definition.expression.keys
            described["returns"] = definition.body[1]
            described["returns_text"] = doc.returns if doc else ""
            described["errors"] = doc.errors if doc else ""
            described["answers_on_success"] = keys.get("success-response", True)
            described["allowed_when_frozen"] = any(
                name == "allowed-when-frozen" for name, _ in definition.features
            )
        elif definition.kind == "union":
            described["discriminator"] = definition.body[1]
            described["branches"] = {name: kind for name, kind, _ in definition.body[2]}
        return described

    def _items(self, definition: Defined) -> list[tuple[str, str, bool, object]]:
        """(name, type, optional, condition) of members, arguments, values or branches."""
        if definition.kind == "enum":
            return [(value, "", False, condition) for value, condition in definition.body]
        if definition.kind == "alternate":
            return [(name, kind, False, condition) for name, kind, condition in definition.body]
        members = self._checked.members(definition)
        return [(name, kind, optional, condition) for name, kind, optional, _, condition in members]

    def _member(self, item: tuple[str, str, bool, object], definition: Defined) -> dict[str, Any]:
        name, kind, optional, condition = item
        doc = definition.expression.doc
        text, since = doc.member(name) if doc else ("", None)
        return {
            "name": name,
            "type": kind or None,
            "optional": optional,
            "values": self._values(kind),
            "text": text,
            "since": since,
            "platforms": self._platforms(condition),
        }

    def _values(self, kind: str) -> list[str]:
        """The words that a type may be: of an enum, or of an alternate's enums."""
        definition = self._checked.definitions.get(kind)
        if definition is None or definition.kind not in ("enum", "alternate"):
            return []
        if definition.kind == "enum":
            return [value for value, _ in definition.body]
        return [value for _, branch, _ in definition.body for value in self._values(branch)]

    def _platforms(self, condition: object) -> list[str]:
        return [
            title
            for name, title in _PLATFORMS.items()
            if holds(condition, platform.symbols(name)) or not self._is_ours(condition)
        ]

    def _is_ours(self, condition: object) -> bool:
        """Whether we know what the condition's words mean: a site's own are settled by its agents."""
        if condition is None or isinstance(condition, str):
            return condition is None or condition in self._builtin
        assert isinstance(condition, tuple)
        return all(self._is_ours(part) for part in condition[1:])


def command_help(name: str, schemas: Sequence[str] = ()) -> str:
    """The help of `guestwire call` for a command."""
    reference = Reference(schemas)
    described = reference.describe(reference.find(name))
    usage = " ".join(
        f"[{each['name']}=…]" if each["optional"] else f"{each['name']}=…" for each in described["members"]
    )
    return f"Usage: guestwire call GUEST {name} {usage}".rstrip() + "\n\n" + text(described)


def text(described: dict[str, Any]) -> str:
    """What `Reference.describe` gave, for people."""
    formatter = click.HelpFormatter(width=min(click.HelpFormatter().width, 100))
    formatter.write_heading(f"{described['name']} ({described['kind']} of the group {described['group']})")
    with formatter.indentation():
        formatter.write_text(described["text"])
    if described["members"]:
        title = {"command": "Arguments", "enum": "Values", "alternate": "Forms"}.get(
            described["kind"], "Members"
        )
        with formatter.section(title):
            formatter.write_dl([_row(each) for each in described["members"]])
    for name, kind in described.get("branches", {}).items():
        formatter.write_text(f"With {described['discriminator']} {name}: also the members of {kind}.")
    if described.get("returns"):
        formatter.write_paragraph()
        formatter.write_text(_returned(named(described["returns"]), described["returns_text"]))
    if described.get("errors"):
        with formatter.section("Errors"):
            formatter.write_text(described["errors"].replace("\n- ", "\n\n- "))
    formatter.write_paragraph()
    formatter.write_text(" · ".join(_marks(described)))
    return formatter.getvalue().rstrip("\n")


def _row(member: dict[str, Any]) -> tuple[str, str]:
    kind = named(member["type"]) if member["type"] else ""
    label = " ".join(
        part for part in (member["name"], kind, "(optional)" if member["optional"] else "") if part
    )
    only = "" if len(member["platforms"]) == len(_PLATFORMS) else f" ({', '.join(member['platforms'])} only)"
    values = f"; values: {' '.join(member['values'])}" if member["values"] else ""
    return label, f"{member['text']}{values}{only}"


def _returned(kind: str, text: str) -> str:
    name = kind.rpartition(" ")[2]
    plain = text.replace(f"`{name}`", name)
    if name in plain:
        return f"Returns {plain}"
    return f"Returns {kind}: {text}" if text else f"Returns {kind}"


def _marks(described: dict[str, Any]) -> list[str]:
    everywhere = len(described["platforms"]) == len(_PLATFORMS)
    return [
        *([f"since {described['since']}"] if described["since"] else []),
        "every platform" if everywhere else ", ".join(described["platforms"]),
        *(["also while frozen"] if described.get("allowed_when_frozen") else []),
        *([] if described.get("answers_on_success", True) else ["no answer on success"]),
    ]


def named(kind: str) -> str:
    """A type for people."""
    if kind.startswith("["):
        return f"list of {named(kind[1:-1])}"
    return {"str": "text", "any": "any value"}.get(kind, kind) if kind in BUILTINS else kind
