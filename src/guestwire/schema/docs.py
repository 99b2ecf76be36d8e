"""Documentation against what it documents."""

from __future__ import annotations

from guestwire.errors import SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guestwire.schema.define import Defined
    from guestwire.schema.parser import Source


def check(definition: Defined, members: Callable[[Defined], list[Any]], source: Source) -> None:
    """Raise SchemaError where documentation is missing or speaks of what is not there.

    Without the pragma `doc-required`, documentation that does not fit is dropped instead.
    """
    expression = definition.expression
    if expression.doc is None:
        if source.doc_required:
            raise expression.error(f"{definition.title} has no documentation")
        return
    fault = _fault(definition, names(definition, members))
    if fault:
        source.doc_fault(SchemaError(expression.doc.file, expression.doc.line, fault))
        expression.doc = None


def names(definition: Defined, members: Callable[[Defined], list[Any]]) -> list[str]:
    """What a definition's documentation may describe: members, values, and branches."""
    if definition.kind in ("enum", "alternate"):
        return [item[0] for item in definition.body]
    found = [member[0] for member in members(definition)]
    return found + [branch for branch, *_ in definition.body[2]] if definition.kind == "union" else found


def undocumented(definition: Defined, members: Callable[[Defined], list[Any]]) -> list[str]:
    """Own members, values and branches of alternates that the documentation leaves out."""
    doc = definition.expression.doc
    described = doc.members if doc else {}
    return [name for name in names(definition, members) if name in definition.lines and name not in described]


def _fault(definition: Defined, known: list[str]) -> str | None:
    doc = definition.expression.doc
    assert doc is not None
    if doc.symbol != definition.name:
        return f"the documentation is for '{doc.symbol}', but the definition is {definition.title}"
    features = [feature for feature, _ in definition.features]
    marks = features + [mark for mark in doc.features if mark in _member_features(definition)]
    for name in doc.members:
        if name not in known and name not in features:
            return f"the documented member '{name}' is not in {definition.title}"
    for name in doc.features:
        if name not in marks:
            return f"the documented feature '{name}' is not in {definition.title}"
    for name in features:
        if name not in doc.features and name not in doc.members:
            return f"feature '{name}' of {definition.title} is not documented"
    if definition.kind != "command":
        for section in ("Returns", "Errors"):
            if section in doc.sections:
                return f"'{section}:' is for commands, and {definition.title} is none"
    return None


def _member_features(definition: Defined) -> set[str]:
    body = definition.body[0] if definition.kind in ("command", "union") else definition.body
    members = body if isinstance(body, list) else []
    return {mark for member in members if len(member) == 5 for mark in member[3]}
