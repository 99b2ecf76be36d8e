"""Documentation blocks: who they describe, and what they say of it."""

from __future__ import annotations

import re

from guestwire.errors import SchemaError

_SYMBOL = re.compile(r"@([A-Za-z_][\w.-]*)\s*:")
_MEMBER = re.compile(r"@([A-Za-z_*][\w.*-]*)\s*:\s*(.*)")
_SECTION = re.compile(r"(Returns?|Since|Notes?|Examples?|TODO|Errors?|Features)\s*:\s*(.*)")


class Doc:
    """One block. `symbol` is None for free text; `members` maps argument, member and value names to their text."""

    def __init__(self, lines: list[str], file: str, line: int) -> None:
        self.file = file
        self.line = line
        self.symbol: str | None = None
        self.text = ""
        self.members: dict[str, str] = {}
        self.features: dict[str, str] = {}
        self.sections: dict[str, str] = {}
        self._read(lines)

    @property
    def since(self) -> str | None:
        """The version named under `Since:`."""
        return self.sections.get("Since")

    def _read(self, lines: list[str]) -> None:
        if lines and lines[0].startswith("@"):
            found = _SYMBOL.match(lines[0])
            if not found:
                raise SchemaError(self.file, self.line + 1, "name must be followed by ':'")
            self.symbol = found.group(1)
            lines = [lines[0][found.end() :].strip(), *lines[1:]]
        parts: dict[tuple[str, str], list[str]] = {("text", ""): []}
        here, members = parts["text", ""], self.members
        for number, line in enumerate(lines, self.line + 1):
            member, section = _MEMBER.match(line), _SECTION.match(line)
            if self.symbol and member:
                kind = "feature" if ("section", "Features") in parts else "member"
                here = self._part(parts, (kind, member.group(1)), number, member.group(2))
            elif self.symbol and section:
                here = self._part(parts, ("section", _singular(section.group(1))), number, section.group(2))
            else:
                here.append(line)
        for (kind, name), text in parts.items():
            target = {"member": members, "feature": self.features, "section": self.sections}.get(kind)
            if target is None:
                self.text = _joined(text)
            else:
                target[name] = _joined(text)

    def _part(
        self, parts: dict[tuple[str, str], list[str]], key: tuple[str, str], line: int, first: str
    ) -> list[str]:
        if key in parts and (key[0] != "section" or key[1] in ("Since", "Return")):
            raise SchemaError(self.file, line, f"duplicated '{key[1]}' in the documentation")
        return parts.setdefault(key, [first])


def _singular(name: str) -> str:
    return name if name in ("Features", "TODO") else name.rstrip("s")


def _joined(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines).strip()
