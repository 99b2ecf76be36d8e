"""Writes contrib/prometheus/guestwire.rules.yml: the rules that come with guestwire, for Prometheus to evaluate."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generated import main
from guestwire.monitor.rules.load import DEFAULT_RULES, Rule, load_rules

_UNITS = {
    "number": "humanize",
    "percent": "humanizePercentage",
    "bytes": "humanize1024",
    "duration": "humanizeDuration",
}
_FIELD = re.compile(r"\{([a-zA-Z_]+)(?::([a-z]+))?\}")

_HEAD = """\
# The alert rules of guestwire for Prometheus, over the figures of the job `node` in prometheus.yml.
# Generated from src/guestwire/monitor/rules/default.toml by `make gen`; do not edit.
groups:
  - name: guestwire
    rules:
"""


def render() -> str:
    """The file."""
    return _HEAD + "".join(map(_rule, load_rules(DEFAULT_RULES).values()))


def _rule(rule: Rule) -> str:
    expr = textwrap.indent(rule.expr.strip(), " " * 10)
    text = f"      - alert: {rule.name}\n        expr: |\n{expr}\n"
    if rule.hold:
        text += f"        for: {round(rule.hold)}s\n"
    text += f"        labels:\n          severity: {rule.severity}\n        annotations:\n"
    text += f"          summary: {json.dumps(_template(rule.summary))}\n"
    if rule.description:
        text += f"          description: {json.dumps(_template(rule.description))}\n"
    return text


def _template(text: str) -> str:
    def field(match: re.Match[str]) -> str:
        name, unit = match.groups()
        if name == "value":
            return "{{ $value | " + _UNITS[unit or "number"] + " }}"
        return "{{ $labels." + name + " }}"

    return _FIELD.sub(field, text)


if __name__ == "__main__":
    main("contrib/prometheus/guestwire.rules.yml", render, code=False)
