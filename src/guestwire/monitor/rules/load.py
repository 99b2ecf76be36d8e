"""Rules are data: TOML files with one `[[rule]]` each, read into `Rule`s. A mistake is one clear line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomllib

from guestwire.errors import ConfigError
from guestwire.monitor.rules import template
from guestwire.monitor.rules.lexer import ExpressionError, seconds
from guestwire.monitor.rules.parser import is_scalar, parse

if TYPE_CHECKING:
    from guestwire.monitor.rules.nodes import Node

DEFAULT_RULES = Path(__file__).with_name("default.toml")
SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule; durations in seconds."""

    name: str
    expr: str
    node: Node
    hold: float = 0.0  # `for`: how long the expression must hold before the alert fires
    every: float = 30.0
    keep: float = 0.0  # `keep_firing_for`: how long it must be over before the alert ends
    severity: str = "warning"
    labels: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    description: str = ""


_KEYS = (
    "name",
    "expr",
    "for",
    "every",
    "keep_firing_for",
    "severity",
    "labels",
    "summary",
    "description",
    "enabled",
)


def load_rules(*paths: Path) -> dict[str, Rule]:
    """The rules of several files by name; a later file replaces a rule, or with `enabled = false` removes it."""
    rules: dict[str, Rule] = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot read the rules: {error}") from None
        update(rules, text, str(path))
    return rules


def update(rules: dict[str, Rule], text: str, where: str) -> None:
    """Read one file's text into `rules`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from None
    if set(data) - {"rule"}:
        raise ConfigError(
            f"{where}: unknown key {sorted(set(data) - {'rule'})[0]!r}; rules begin with [[rule]]"
        )
    tables = data.get("rule", [])
    if not isinstance(tables, list):
        raise ConfigError(f"{where}: rules begin with [[rule]], in double brackets")
    seen: set[str] = set()
    for index, table in enumerate(tables, 1):
        name = table.get("name")
        if not isinstance(name, str) or not name.isidentifier():
            raise ConfigError(f"{where}: rule {index}: name must be one word of letters, digits and _")
        if name in seen:
            raise ConfigError(f"{where}: rule {name}: is there twice")
        seen.add(name)
        try:
            rule = _rule(table)
        except ConfigError as error:
            raise ConfigError(f"{where}: rule {name}: {error}") from None
        if rule is None:
            rules.pop(name, None)
        else:
            rules[name] = rule


def _rule(table: dict[str, Any]) -> Rule | None:
    for key in table:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, 1)
            raise ConfigError(f"unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    if table.get("enabled", True) is False:
        return None
    expr = _text(table, "expr")
    if not expr:
        raise ConfigError("expr is missing")
    try:
        node = parse(expr)
    except ExpressionError as error:
        raise ConfigError(f"expr {error}") from None
    if is_scalar(node):
        raise ConfigError("expr is a mere number; it must be about a series")
    severity = _text(table, "severity") or "warning"
    if severity not in SEVERITIES:
        raise ConfigError(f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
    labels = table.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise ConfigError("labels must be a table of strings")
    texts = _text(table, "summary"), _text(table, "description")
    for text in texts:
        template.check(text)
    every = _duration(table, "every", 30.0)
    if every < 1:
        raise ConfigError("every must be at least 1s")
    hold, keep = _duration(table, "for", 0.0), _duration(table, "keep_firing_for", 0.0)
    return Rule(table["name"], expr, node, hold, every, keep, severity, labels, *texts)


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ConfigError(f"{key} must be a string")
    return value.strip()


def _duration(table: dict[str, Any], key: str, default: float) -> float:
    text = _text(table, key)
    try:
        return seconds(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from None
