"""Documentation comments, in today's style and in the ones that QEMU wrote before.

The comment of a definition begins with `@NAME:`. Then come paragraphs, `@member: text`, and the sections `Returns:`,
`Errors:`, `Features:` (followed by `@feature: text`) and `Since:`. Notes, examples and reStructuredText directives are
paragraphs like any other. A comment without `@NAME:` is free text between definitions.
"""

from __future__ import annotations

import re

from guestwire.errors import SchemaError

_SYMBOL = re.compile(r"@([A-Za-z_][\w.-]*)\s*:")
_MEMBER = re.compile(r"@([A-Za-z0-9_*][\w.*-]*)\s*:\s*(.*)")
_SECTION = re.compile(r"(Returns|Errors|Since|Features)\s*:\s*(.*)|(Since)\s+(\d.*)")
_ASIDE = re.compile(r"(Notes?|Examples?|TODO)\s*:")
_OWN_SINCE = re.compile(r"\s*\(since:?\s+([^)]*)\)", re.IGNORECASE)


class Doc:
    """One comment. Paragraphs are parted by blank lines, and their lines joined except before an item of a list.

    `symbol` is None for free text; `members` and `features` map names to their texts, in the order of the comment.
    """

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

    @property
    def returns(self) -> str:
        """What the command returns."""
        return self.sections.get("Returns", "")

    @property
    def errors(self) -> str:
        """When the command fails: a list."""
        return self.sections.get("Errors", "")

    def member(self, name: str) -> tuple[str, str | None]:
        """A member's text, and the version that brought it: its own `(since ...)`, or else the definition's."""
        text = self.members.get(name, "")
        own = _OWN_SINCE.search(text)
        if own is None:
            return text, self.since
        return (text[: own.start()] + text[own.end() :]).strip(), own.group(1)

    def _read(self, lines: list[str]) -> None:
        if lines and lines[0].startswith("@"):
            found = _SYMBOL.match(lines[0])
            if not found:
                raise SchemaError(self.file, self.line + 1, "name must be followed by ':'")
            self.symbol = found.group(1)
            lines = [lines[0][found.end() :].strip(), *lines[1:]]
        parts = _Parts(self)
        for number, line in enumerate(lines, self.line + 1):
            parts.add(line, number)
        for home, name, content in parts.found:
            if home is None:
                self.text = f"{self.text}\n\n{_paragraphs(content)}".strip()
            else:
                home[name] = _paragraphs(content)


class _Parts:
    """Lines go to the part that was begun last: (the dict it belongs to or None for the text, its name, lines)."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._blank = False
        self._begun: set[tuple[int, str]] = set()
        self._names = doc.members
        self.found: list[tuple[dict[str, str] | None, str, list[str]]] = [(None, "", [])]

    def add(self, line: str, number: int) -> None:
        """Take one line."""
        if self._doc.symbol is None or not self._begins(line, number):
            if self._blank and line and not line.startswith(" ") and self.found[-1][0] is not None:
                self.found.append((None, "", []))
                self._names = self._doc.members
            self.found[-1][2].append(line)
        self._blank = not line

    def _begins(self, line: str, number: int) -> bool:
        member, section = _MEMBER.match(line), _SECTION.match(line)
        if member:
            self._begin(self._names, member.group(1), member.group(2), number)
        elif section:
            name = section.group(1) or section.group(3)
            self._names = self._doc.features if name == "Features" else self._doc.members
            self._begin(self._doc.sections, name, section.group(2) or section.group(4) or "", number)
        elif _ASIDE.match(line):
            self.found.append((None, "", [line]))
        return bool(member or section or _ASIDE.match(line))

    def _begin(self, home: dict[str, str], name: str, first: str, number: int) -> None:
        if (id(home), name) in self._begun:
            raise SchemaError(self._doc.file, number, f"duplicated '{name}' in the documentation")
        self._begun.add((id(home), name))
        self.found.append((home, name, [first]))


def _paragraphs(lines: list[str]) -> str:
    found: list[str] = []
    broken = True
    for line in lines:
        text = line.strip()
        if not text:
            broken = True
        elif broken or not found:
            found.append(text)
            broken = False
        elif text.startswith(("- ", "* ", ".. ", "-> ", "<- ")):
            found[-1] += f"\n{text}"
        else:
            found[-1] += f" {text}"
    return "\n\n".join(found)
